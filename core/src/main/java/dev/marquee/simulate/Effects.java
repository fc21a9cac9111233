package dev.marquee.simulate;

/**
 * What the world adds to the log-odds of a click, apart from what users and ads bring along. All numbers are drawn once
 * from the seed, or are constants.
 */
final class Effects {
    static final int TOPICS = 20;
    static final int CREATIVES = 12;
    static final int PUBLISHERS = 12;
    static final String[] AGES = {"18-24", "25-34", "35-44", "45-54", "55-64", "65+"};
    static final String[] COUNTRIES = {"BR", "DE", "FR", "GB", "IN", "JP", "MX", "US"};
    static final String[] DEVICES = {"desktop", "phone", "tablet"};

    /** How much the favourite topics of a user add, the dearest first. */
    static final double[] FAVOURITES = {0.5, 0.5, 0.5};

    /** Weight of the share of a topic among the remembered clicks. */
    static final double HABIT = 3;

    /** Weight of the share of a topic among the last clicks. */
    static final double INTEREST = 1.2;

    /** What is left of the weight of a click when there is one more. */
    static final double FORGETTING = 0.85;

    static final double CLICKED_AD = -0.7;
    static final double CLICKED_ADVERTISER = 0.4;
    static final double SEEN_AD = -0.25;
    static final double SEEN_ADVERTISER = -0.08;
    static final double USER_DEVIATION = 0.1;
    static final double AD_DEVIATION = 0.1;
    static final double ADVERTISER_DEVIATION = 0.3;

    private static final double INTERCEPT = -3.4;
    private static final double SEASON = 0.1;
    private static final double[] POSITIONS = {0, -0.4, -0.7, -0.9};
    private static final double[] POSITIONS_BY_DEVICE = {0.8, 1.2, 0.9};
    private static final double NOVELTY = 0.4;
    private static final double NOVELTY_DAYS = 7;
    private static final double WEEKEND = 0.1;
    private static final double OFFICE_HOURS = 0.25;

    private final double[] creative;
    private final double[] creativeByAge;
    private final double[] publisher;
    private final double[] publisherByTopic;
    private final double[] priceByAge;
    private final double[] country;
    private final double[] period;
    private final double[] phase;
    private final double[] conversionByTopic;
    private final double[] delayDays;

    Effects(long seed) {
        SplitMix random = new SplitMix(seed, SplitMix.Kind.EFFECTS, 0);
        creative = random.gaussians(CREATIVES, 0.2);
        creativeByAge = random.gaussians(CREATIVES * AGES.length, 0.15);
        publisher = random.gaussians(PUBLISHERS, 0.3);
        publisherByTopic = random.gaussians(PUBLISHERS * TOPICS, 0.1);
        priceByAge = random.gaussians(AGES.length, 0.1);
        country = random.gaussians(COUNTRIES.length, 0.15);
        conversionByTopic = random.gaussians(TOPICS, 0.4);
        period = new double[TOPICS];
        phase = new double[TOPICS];
        delayDays = new double[TOPICS];
        for (int topic = 0; topic < TOPICS; topic++) {
            period[topic] = 60 + 60 * random.uniform();
            phase[topic] = random.uniform();
            delayDays[topic] = 0.1 + 2.9 * random.uniform();
        }
    }

    /** The part of the log-odds that all positions of a page share. */
    double ofPage(int user, int device, int hour, int weekday, int publisherOfPage) {
        boolean office = weekday < 5 && hour >= 8 && hour < 18;
        double byDevice = device == 0 ? (office ? OFFICE_HOURS : -OFFICE_HOURS) : (office ? -OFFICE_HOURS / 2 : 0);
        return INTERCEPT + country[user] + publisher[publisherOfPage] + byDevice + (weekday >= 5 ? WEEKEND : 0);
    }

    /** What the ad's place, look, price and age add. */
    double ofAd(
            int age,
            int device,
            int slot,
            int publisherOfPage,
            int topic,
            int look,
            double logPrice,
            double campaignAge) {
        return POSITIONS[slot] * POSITIONS_BY_DEVICE[device]
                + creative[look]
                + creativeByAge[age * CREATIVES + look]
                + publisherByTopic[publisherOfPage * TOPICS + topic]
                + (priceByAge[age] - 0.1) * logPrice
                + NOVELTY * NOVELTY_DAYS / (NOVELTY_DAYS + campaignAge);
    }

    /** The season of a topic. */
    double ofTopic(int topic, double day) {
        return SEASON * Clock.swing(day, period[topic], phase[topic]);
    }

    /** The log-odds that a click leads to a conversion. */
    double ofConversion(int topic, int device, double favourite, double logPrice, double advertiser) {
        return -2.6
                + conversionByTopic[topic]
                + 0.6 * favourite
                - 0.3 * logPrice
                + advertiser
                + (device == 1 ? -0.4 : 0);
    }

    /** The mean time from click to conversion, in seconds. */
    double delay(int topic) {
        return delayDays[topic] * Clock.DAY;
    }
}
