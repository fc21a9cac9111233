package dev.marquee.simulate;

import java.util.Arrays;

/** A user: what they are, what they like, and what happened to them so far. */
final class User {
    /** Clicks that are remembered. */
    static final int CLICKS = 50;

    /** Impressions that are remembered. */
    static final int VIEWS = 16;

    private static final double SEGMENT_TASTE = 0.6;
    private static final int SEGMENT_TOPICS = 4;
    private static final double TASTE_DAYS = 90;
    private static final double[] FIRST_CLICKS = {0.35, 0.65, 0.85};

    final int age;
    final int country;
    final int device;

    /** What the user adds to the log-odds of any click. */
    final double readiness;

    int impressions;
    int clicks;
    private final long seed;
    private final int number;
    private final double phase;
    private final int[] favourites = new int[Effects.FAVOURITES.length];
    private long lastTaste = Long.MIN_VALUE;
    private final int[] clicked = new int[CLICKS];
    private int clickCount;
    private int nextClick;
    private final int[] seen = new int[VIEWS];
    private int nextSeen;
    private final int[] topics = new int[CLICKS];
    private final int[] habit = new int[Effects.TOPICS];
    private final float[] interest = new float[Effects.TOPICS];

    User(SimulatedParameters parameters, int number, Ads ads, double day) {
        this.seed = parameters.seed();
        this.number = number;
        SplitMix random = new SplitMix(seed, SplitMix.Kind.USER, number);
        age = random.below(Effects.AGES.length);
        country = random.below(Effects.COUNTRIES.length);
        device = random.uniform() < 0.6 ? 1 : random.uniform() < 0.8 ? 0 : 2;
        readiness = Effects.USER_DEVIATION * random.gaussian();
        phase = random.uniform();
        Arrays.fill(seen, -1);
        favourites[0] = taste(random, 0);
        favourites[1] = taste(random, 1);
        settle(day);
        past(random, ads, (double) number / parameters.users());
    }

    /** Lets the third favourite topic change when its time has come. */
    void settle(double day) {
        long era = (long) Math.floor(day / TASTE_DAYS + phase);
        if (era != lastTaste) {
            lastTaste = era;
            favourites[2] = taste(new SplitMix(seed, SplitMix.Kind.TASTE, number * 1_000_003L + era), 2);
        }
    }

    /** What the user's lasting taste adds for a topic. */
    double favour(int topic) {
        for (int i = 0; i < favourites.length; i++) {
            if (favourites[i] == topic) {
                return Effects.FAVOURITES[i];
            }
        }
        return 0;
    }

    /** The share of a topic among the remembered clicks, from 0 to 1. */
    double habit(int topic) {
        return clickCount == 0 ? 0 : (double) habit[topic] / clickCount;
    }

    /** The share of a topic among the last clicks, the latest counting most; from 0 to 1. */
    double interest(int topic) {
        return interest[topic];
    }

    /** The smoothed share of the impressions that were clicked. */
    double clickRate() {
        return (clicks + 1.0) / (impressions + 20.0);
    }

    /** How many clicks are remembered. */
    int clickCount() {
        return clickCount;
    }

    /** A remembered click, from 0 for the oldest. */
    int clicked(int i) {
        int at = nextClick - clickCount + i;
        return clicked[at < 0 ? at + CLICKS : at];
    }

    boolean hasClicked(int ad) {
        for (int i = 0; i < clickCount; i++) {
            if (clicked[i] == ad) {
                return true;
            }
        }
        return false;
    }

    boolean hasClickedAdvertiser(int advertiser, Ads ads) {
        for (int i = 0; i < clickCount; i++) {
            if (ads.advertiser[clicked[i]] == advertiser) {
                return true;
            }
        }
        return false;
    }

    /** How often an ad is among the last impressions. */
    int views(int ad) {
        int views = 0;
        for (int other : seen) {
            views += other == ad ? 1 : 0;
        }
        return views;
    }

    /** How often an advertiser is among the last impressions. */
    int advertiserViews(int advertiser, Ads ads) {
        int views = 0;
        for (int other : seen) {
            views += other >= 0 && ads.advertiser[other] == advertiser ? 1 : 0;
        }
        return views;
    }

    void see(int ad) {
        impressions++;
        seen[nextSeen] = ad;
        nextSeen = (nextSeen + 1) % VIEWS;
    }

    void click(int ad, int topic) {
        clicks++;
        if (clickCount == CLICKS) {
            habit[topics[nextClick]]--;
        }
        habit[topic]++;
        clicked[nextClick] = ad;
        topics[nextClick] = topic;
        nextClick = (nextClick + 1) % CLICKS;
        clickCount = Math.min(CLICKS, clickCount + 1);
        for (int i = 0; i < interest.length; i++) {
            interest[i] *= (float) Effects.FORGETTING;
        }
        interest[topic] += (float) (1 - Effects.FORGETTING);
    }

    /** A topic that is not yet among the first favourites: of those that the user's like share, or any. */
    private int taste(SplitMix random, int count) {
        while (true) {
            int topic = random.below(Effects.TOPICS);
            if (random.uniform() < SEGMENT_TASTE) {
                int which = random.below(SEGMENT_TOPICS);
                SplitMix segment = new SplitMix(seed, SplitMix.Kind.SEGMENT, age * 100L + country);
                for (int i = 0; i <= which; i++) {
                    topic = segment.below(Effects.TOPICS);
                }
            }
            boolean known = false;
            for (int i = 0; i < count; i++) {
                known |= favourites[i] == topic;
            }
            if (!known) {
                return topic;
            }
        }
    }

    /** The clicks of the time before anything was simulated: the more, the more active the user. */
    private void past(SplitMix random, Ads ads, double rank) {
        int past = 10 + (int) (40 * (1 - rank));
        for (int i = 0; i < past; i++) {
            double which = random.uniform();
            int topic = random.below(Effects.TOPICS);
            for (int j = favourites.length - 1; j >= 0; j--) {
                topic = which < FIRST_CLICKS[j] ? favourites[j] : topic;
            }
            int ad = ads.draw(topic, random);
            click(ad, ads.topic[ad]);
        }
        // At the base rate, give or take the chance of it.
        impressions = (int) (past * (20 + 4 * random.gaussian()));
        impressions = Math.max(past, impressions);
    }
}
