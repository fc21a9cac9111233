package dev.marquee.simulate;

import org.jspecify.annotations.Nullable;

/**
 * Runs the world, page by page. The fields describe the page that is viewed, as it was shown: what the user did on it
 * enters counts and histories when the next page comes.
 */
final class Pages {
    static final int SLOTS = SimulatedParameters.SLOTS;
    private static final double USER_EXPONENT = 0.6;
    private static final double RELEVANT = 0.5;
    private static final double MAIN_DEVICE = 0.85;
    private static final int TRIES = 4;

    final Ads ads;
    final int[] userIds;

    /** The number of the page, 0 for the first in the log. */
    long page;

    /** Seconds from the beginning of the log. */
    long second;

    int number;
    User user;
    int device;
    int hour;
    int weekday;
    int publisher;
    final int[] ad = new int[SLOTS];
    final int[] adViews = new int[SLOTS];
    final int[] advertiserViews = new int[SLOTS];
    final double[] campaignAge = new double[SLOTS];
    final double[] probability = new double[SLOTS];
    final boolean[] click = new boolean[SLOTS];

    /** Probability of a conversion, sooner or later, once there was a click. */
    final double[] conversion = new double[SLOTS];

    /** Seconds from click to conversion; endless where there is none. */
    final double[] delay = new double[SLOTS];

    private final SimulatedParameters parameters;
    private final Effects effects;
    private final Clock clock;
    private final Alias visitors;
    private final Alias publishers = Alias.zipf(Effects.PUBLISHERS, 0.7);
    private final @Nullable User[] users; // made when they first come
    private final int[] adImpressions;
    private final int[] adClicks;
    private final SplitMix random;
    private boolean pending;

    Pages(SimulatedParameters parameters) {
        this.parameters = parameters;
        this.ads = new Ads(parameters);
        this.effects = new Effects(parameters.seed());
        this.clock = new Clock(parameters.pagesPerDay());
        this.visitors = Alias.zipf(parameters.users(), USER_EXPONENT);
        this.users = new User[parameters.users()];
        this.userIds = new SplitMix(parameters.seed(), SplitMix.Kind.ORDER, 0).permutation(parameters.users());
        this.adImpressions = new int[ads.size];
        this.adClicks = new int[ads.size];
        this.random = new SplitMix(parameters.seed(), SplitMix.Kind.PAGE, 0);
        this.page = -parameters.warmUp() - 1;
        this.user = new User(parameters, 0, ads, 0);
        while (page < -1) {
            next();
        }
    }

    /** When a page is viewed, in seconds from the beginning of the log. */
    static long second(SimulatedParameters parameters, long page) {
        SplitMix random = new SplitMix(parameters.seed(), SplitMix.Kind.PAGE, page);
        return new Clock(parameters.pagesPerDay()).second(page, random.uniform());
    }

    /** Views the next page. */
    void next() {
        if (pending) {
            remember();
        }
        pending = true;
        page++;
        random.restart(parameters.seed(), SplitMix.Kind.PAGE, page);
        second = clock.second(page, random.uniform());
        double day = (double) second / Clock.DAY;
        number = visitors.draw(random);
        User visitor = users[number];
        if (visitor == null) {
            visitor = new User(parameters, number, ads, day);
            users[number] = visitor;
        }
        user = visitor;
        user.settle(day);
        device = random.uniform() < MAIN_DEVICE ? user.device : random.below(Effects.DEVICES.length);
        hour = Clock.hour(second);
        weekday = Clock.weekday(second);
        publisher = publishers.draw(random);
        double shared = effects.ofPage(user.country, device, hour, weekday, publisher) + user.readiness;
        for (int slot = 0; slot < SLOTS; slot++) {
            ad[slot] = candidate(slot, day);
            show(slot, shared, day);
        }
    }

    /** The smoothed share of an ad's impressions that were clicked before this page. */
    double clickRate(int which) {
        return (adClicks[which] + 1.0) / (adImpressions[which] + 20.0);
    }

    /** Half of the ads are of a topic that the user has clicked, the others are any; none twice on a page. */
    private int candidate(int slot, double day) {
        int chosen = 0;
        for (int i = 0; i < TRIES; i++) {
            if (user.clickCount() > 0 && random.uniform() < RELEVANT) {
                chosen = ads.draw(ads.topic[user.clicked(random.below(user.clickCount()))], random);
            } else {
                chosen = ads.draw(random);
            }
            boolean shown = false;
            for (int other = 0; other < slot; other++) {
                shown |= ad[other] == chosen;
            }
            if (!shown && random.uniform() < ads.demand(chosen, day)) {
                break;
            }
        }
        return chosen;
    }

    private void show(int slot, double shared, double day) {
        int which = ad[slot];
        int topic = ads.topic[which];
        int advertiser = ads.advertiser[which];
        adViews[slot] = user.views(which);
        advertiserViews[slot] = user.advertiserViews(advertiser, ads);
        campaignAge[slot] = ads.campaignAge(which, day);
        double favour = user.favour(topic);
        double logit = shared
                + effects.ofAd(
                        user.age,
                        device,
                        slot,
                        publisher,
                        topic,
                        ads.creative[which],
                        ads.logPrice[which],
                        campaignAge[slot])
                + effects.ofTopic(topic, day)
                + ads.quality[which]
                + favour
                + Effects.HABIT * user.habit(topic)
                + Effects.INTEREST * user.interest(topic)
                + Effects.SEEN_AD * adViews[slot]
                + Effects.SEEN_ADVERTISER * advertiserViews[slot];
        if (user.hasClickedAdvertiser(advertiser, ads)) {
            logit += Effects.CLICKED_ADVERTISER + (user.hasClicked(which) ? Effects.CLICKED_AD : 0);
        }
        probability[slot] = sigmoid(logit);
        click[slot] = random.uniform() < probability[slot];
        conversion[slot] =
                sigmoid(effects.ofConversion(topic, device, favour, ads.logPrice[which], ads.conversion[which]));
        boolean converts = random.uniform() < conversion[slot];
        double wait = effects.delay(topic) * random.exponential();
        delay[slot] = click[slot] && converts ? wait : Double.POSITIVE_INFINITY;
    }

    /** The mean time from click to conversion of an ad, in seconds. */
    double meanDelay(int which) {
        return effects.delay(ads.topic[which]);
    }

    private void remember() {
        for (int slot = 0; slot < SLOTS; slot++) {
            user.see(ad[slot]);
            adImpressions[ad[slot]]++;
            if (click[slot]) {
                user.click(ad[slot], ads.topic[ad[slot]]);
                adClicks[ad[slot]]++;
            }
        }
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + StrictMath.exp(-logit));
    }
}
