package dev.marquee.simulate;

import java.util.ArrayList;
import java.util.List;

/** The ads of a world, most popular first, and how they are drawn. */
final class Ads {
    private static final double EXPONENT = 0.9;
    private static final int ADS_PER_ADVERTISER = 20;
    private static final int TOPICS_PER_ADVERTISER = 3;

    final int size;
    final int[] id;
    final int[] topic;
    final int[] advertiser;
    final int[] creative;
    final double[] price;
    final double[] logPrice;

    /** What the ad itself adds to the log-odds of a click, its advertiser included. */
    final double[] quality;

    /** What the advertiser adds to the log-odds of a conversion. */
    final double[] conversion;

    private final double[] campaignDays;
    private final double[] campaignStart;
    private final double[] period;
    private final double[] phase;
    private final Alias all;
    private final Alias[] ofTopic = new Alias[Effects.TOPICS];
    private final int[][] inTopic = new int[Effects.TOPICS][];

    Ads(SimulatedParameters parameters) {
        long seed = parameters.seed();
        size = parameters.ads();
        id = new SplitMix(seed, SplitMix.Kind.ORDER, 1).permutation(size);
        topic = new int[size];
        advertiser = new int[size];
        creative = new int[size];
        price = new double[size];
        logPrice = new double[size];
        quality = new double[size];
        conversion = new double[size];
        campaignDays = new double[size];
        campaignStart = new double[size];
        period = new double[size];
        phase = new double[size];
        int advertisers = Math.max(1, size / ADS_PER_ADVERTISER);
        SplitMix random = new SplitMix(seed, SplitMix.Kind.AD, 0);
        SplitMix firm = new SplitMix(seed, SplitMix.Kind.ADVERTISER, 0);
        for (int ad = 0; ad < size; ad++) {
            random.restart(seed, SplitMix.Kind.AD, ad);
            advertiser[ad] = random.below(advertisers);
            firm.restart(seed, SplitMix.Kind.ADVERTISER, advertiser[ad]);
            quality[ad] = Effects.ADVERTISER_DEVIATION * firm.gaussian() + Effects.AD_DEVIATION * random.gaussian();
            conversion[ad] = 0.4 * firm.gaussian();
            int wanted = random.below(TOPICS_PER_ADVERTISER);
            for (int i = 0; i <= wanted; i++) {
                topic[ad] = firm.below(Effects.TOPICS);
            }
            creative[ad] = random.below(Effects.CREATIVES);
            price[ad] = Math.rint(2000 * StrictMath.exp(0.8 * random.gaussian())) / 100; // whole cents
            price[ad] = Math.max(0.01, price[ad]);
            logPrice[ad] = StrictMath.log(price[ad] / 20);
            campaignDays[ad] = 20 + 40 * random.uniform();
            campaignStart[ad] = campaignDays[ad] * random.uniform();
            period[ad] = 20 + 60 * random.uniform();
            phase[ad] = random.uniform();
        }
        all = Alias.zipf(size, EXPONENT);
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < Effects.TOPICS; i++) {
            members.add(new ArrayList<>());
        }
        for (int ad = 0; ad < size; ad++) {
            members.get(topic[ad]).add(ad);
        }
        for (int i = 0; i < Effects.TOPICS; i++) {
            inTopic[i] = members.get(i).stream().mapToInt(ad -> ad).toArray();
            double[] weights = new double[inTopic[i].length];
            for (int j = 0; j < weights.length; j++) {
                weights[j] = Alias.zipf(inTopic[i][j] + 1L, EXPONENT);
            }
            ofTopic[i] = new Alias(weights);
        }
    }

    /** Any ad, by popularity. */
    int draw(SplitMix random) {
        return all.draw(random);
    }

    /** An ad of a topic, by popularity; any ad where the topic has none. */
    int draw(int wanted, SplitMix random) {
        int[] members = inTopic[wanted];
        return members.length == 0 ? draw(random) : members[ofTopic[wanted].draw(random)];
    }

    /** How large a part of its greatest popularity an ad has on a day: from .4 to 1. */
    double demand(int ad, double day) {
        return 0.7 + 0.3 * Clock.swing(day, period[ad], phase[ad]);
    }

    /** Days since the ad's campaign began; when it ends, the next one begins. */
    double campaignAge(int ad, double day) {
        double turns = (day + campaignStart[ad]) / campaignDays[ad];
        return (turns - Math.floor(turns)) * campaignDays[ad];
    }
}
