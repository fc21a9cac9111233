package dev.marquee.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SimulatedStreamTest {
    private static final SimulatedParameters SMALL = new SimulatedParameters(60, 300, 7);

    @Test
    void open_anyChunkSize_givesTheSameRows() {
        Log whole = Log.of(SimulatedStream.of(SMALL, 1000));
        for (int chunk : new int[] {1, 7, 333}) {
            SimulatedStream cut = new SimulatedStream(SMALL, 1000, 0, 1000, chunk);
            Log log = Log.of(cut);
            assertThat(cut.columns())
                    .allSatisfy(name -> assertThat(log.column(name)).as(name).isEqualTo(whole.column(name)));
        }
    }

    @Test
    void open_someColumns_givesTheSameValues() {
        SimulatedStream stream = SimulatedStream.of(SMALL, 500);
        Log whole = Log.of(stream);
        Log some = Log.of(stream, Set.of("click", "history_ads"));
        assertThat(some.column("click")).isEqualTo(whole.column("click"));
        assertThat(some.column("history_ads")).isEqualTo(whole.column("history_ads"));
    }

    @Test
    void rows_aPartThatBeginsWithinAPage_givesTheRowsOfTheWhole() {
        SimulatedStream stream = SimulatedStream.of(SMALL, 500);
        Log whole = Log.of(stream);
        Log part = Log.of(stream.rows(251, 499));
        assertThat(part.size()).isEqualTo(248);
        assertThat(stream.columns())
                .allSatisfy(name -> assertThat(part.column(name))
                        .as(name)
                        .isEqualTo(whole.column(name).subList(251, 499)));
    }

    @Test
    void of_aLongerLog_changesNothingButWhatIsKnownOfConversions() {
        Log shorter = Log.of(SimulatedStream.of(SMALL, 3000));
        SimulatedStream stream = SimulatedStream.of(SMALL, 6000);
        Log longer = Log.of(stream.rows(0, 3000));
        for (String name : stream.columns()) {
            if (!name.contains("conversion")) {
                assertThat(longer.column(name)).as(name).isEqualTo(shorter.column(name));
            }
        }
        int seenLater = 0;
        for (int row = 0; row < 3000; row++) {
            long sooner = shorter.whole("conversion", row);
            assertThat(longer.whole("conversion", row)).isGreaterThanOrEqualTo(sooner);
            seenLater += (int) (longer.whole("conversion", row) - sooner);
        }
        assertThat(seenLater).isPositive();
    }

    @Test
    void open_anotherSeed_givesOtherRows() {
        Log one = Log.of(SimulatedStream.of(SMALL, 200));
        Log other = Log.of(SimulatedStream.of(new SimulatedParameters(60, 300, 8), 200));
        assertThat(other.column("ad_id")).isNotEqualTo(one.column("ad_id"));
    }

    @Test
    void open_rowsOfAUser_haveHistoriesOfTheClicksOfEarlierPages() {
        Log log = Log.of(SimulatedStream.of(SMALL, 8000));
        Map<Long, List<Long>> histories = new HashMap<>();
        for (int page = 0; page < log.size() / 4; page++) {
            long user = log.whole("user_id", 4 * page);
            List<Long> history = histories.computeIfAbsent(user, first -> new ArrayList<>());
            if (history.isEmpty()) { // what was clicked before the log began
                history.addAll(log.list("history_ads", 4 * page));
            }
            for (int row = 4 * page; row < 4 * page + 4; row++) {
                List<Long> last = history.subList(Math.max(0, history.size() - 50), history.size());
                assertThat(log.list("history_ads", row)).as("row %d", row).isEqualTo(last);
                assertThat(log.list("history_topics", row)).hasSameSizeAs(last);
                assertThat(log.list("history_advertisers", row)).hasSameSizeAs(last);
            }
            for (int row = 4 * page; row < 4 * page + 4; row++) {
                if (log.whole("click", row) == 1) {
                    history.add(log.whole("ad_id", row));
                }
            }
        }
    }

    @Test
    void open_adsOfHistories_haveTheTopicAndAdvertiserOfTheirImpressions() {
        Log log = Log.of(SimulatedStream.of(SMALL, 4000));
        Map<Long, Long> topics = new HashMap<>();
        Map<Long, Long> advertisers = new HashMap<>();
        for (int row = 0; row < log.size(); row++) {
            topics.put(log.whole("ad_id", row), log.whole("topic", row));
            advertisers.put(log.whole("ad_id", row), log.whole("advertiser", row));
        }
        int compared = 0;
        for (int row = 0; row < log.size(); row += 97) {
            List<Long> ads = log.list("history_ads", row);
            for (int i = 0; i < ads.size(); i++) {
                if (topics.containsKey(ads.get(i))) {
                    assertThat(log.list("history_topics", row).get(i)).isEqualTo(topics.get(ads.get(i)));
                    assertThat(log.list("history_advertisers", row).get(i)).isEqualTo(advertisers.get(ads.get(i)));
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(500);
    }

    @Test
    void open_counts_areThoseOfEarlierPages() {
        Log log = Log.of(SimulatedStream.of(SMALL, 4000));
        Map<Long, long[]> expected = new HashMap<>();
        for (int row = 0; row < log.size(); row++) {
            long user = log.whole("user_id", row);
            int page = row - row % 4;
            long[] counts = expected.computeIfAbsent(user, first ->
                    new long[] {log.whole("user_impressions", page), log.whole("user_clicks", page), 0, 0});
            assertThat(log.whole("user_impressions", row)).isEqualTo(counts[0]);
            assertThat(log.whole("user_clicks", row)).isEqualTo(counts[1]);
            counts[2]++;
            counts[3] += log.whole("click", row);
            if (row % 4 == 3) {
                counts[0] += counts[2];
                counts[1] += counts[3];
                counts[2] = 0;
                counts[3] = 0;
            }
        }
    }

    @Test
    void open_times_neverGoBackAndTellHourAndWeekday() {
        Log log = Log.of(SimulatedStream.of(SMALL, 4000));
        for (int row = 1; row < log.size(); row++) {
            long time = log.whole("time", row);
            assertThat(time).isGreaterThanOrEqualTo(log.whole("time", row - 1));
            java.time.ZonedDateTime moment =
                    java.time.Instant.ofEpochSecond(time).atZone(java.time.ZoneOffset.UTC);
            assertThat(log.whole("hour", row)).isEqualTo(moment.getHour());
            assertThat(log.whole("weekday", row))
                    .isEqualTo(moment.getDayOfWeek().getValue());
        }
    }

    @Test
    void open_conversions_followClicksBeforeTheLogEnds() {
        Log log = Log.of(SimulatedStream.of(SMALL, 8000));
        long end = log.whole("time", log.size() - 1);
        int conversions = 0;
        for (int row = 0; row < log.size(); row++) {
            Object delay = log.column("conversion_delay").get(row);
            assertThat(log.whole("conversion", row)).isEqualTo(delay == null ? 0 : 1);
            if (delay != null) {
                conversions++;
                assertThat(log.whole("click", row)).isEqualTo(1);
                assertThat(log.whole("time", row) + (double) delay).isLessThan(end);
            }
        }
        assertThat(conversions).isPositive();
    }

    @Test
    void truth_tellsWhatTheColumnsTell() {
        SimulatedStream stream = SimulatedStream.of(SMALL, 600).rows(101, 501);
        Log log = Log.of(stream);
        List<Object> probabilities = new ArrayList<>();
        List<Object> conversions = new ArrayList<>();
        List<Object> clicks = new ArrayList<>();
        List<Object> users = new ArrayList<>();
        stream.truth((clickProbability, click, conversionProbability, conversion, user) -> {
            probabilities.add(clickProbability);
            conversions.add(conversionProbability);
            clicks.add(click ? 1L : 0L);
            users.add(user);
        });
        assertThat(probabilities).isEqualTo(log.column("true_click_probability"));
        assertThat(conversions).isEqualTo(log.column("true_conversion_probability"));
        assertThat(clicks).isEqualTo(log.column("click"));
        assertThat(users).isEqualTo(log.column("user_id"));
    }

    @Test
    void fingerprint_differsWhereTheRowsDiffer() {
        SimulatedStream stream = SimulatedStream.of(SMALL, 600);
        assertThat(stream.fingerprint())
                .isEqualTo(SimulatedStream.of(SMALL, 600).fingerprint());
        assertThat(Set.of(
                        stream.fingerprint(),
                        SimulatedStream.of(SMALL, 601).fingerprint(),
                        stream.rows(0, 599).fingerprint(),
                        stream.rows(1, 600).fingerprint(),
                        SimulatedStream.of(new SimulatedParameters(60, 300, 8), 600)
                                .fingerprint()))
                .hasSize(5);
        assertThat(stream.rows(5, 600).description())
                .isEqualTo("simulated impressions 6 to 600 of 600 (60 users, 300 ads, seed 7)");
    }

    @Test
    void open_oneUserAndOneAd_works() {
        Log log = Log.of(SimulatedStream.of(new SimulatedParameters(1, 1, 0), 10));
        assertThat(log.column("ad_id")).allMatch(ad -> Objects.equals(ad, 1L));
        assertThat(log.size()).isEqualTo(10);
    }

    @Test
    void parameters_outOfRange_areRefused() {
        assertThatThrownBy(() -> new SimulatedParameters(0, 5, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a simulated stream needs 1 to 5000000 users, not 0");
        assertThatThrownBy(() -> new SimulatedParameters(5, 5_000_001, 1))
                .hasMessage("a simulated stream needs 1 to 5000000 ads, not 5000001");
        assertThatThrownBy(() -> SimulatedStream.of(SMALL, 0))
                .hasMessage("a simulated log needs at least 1 row, not 0");
        assertThatThrownBy(() -> SimulatedStream.of(SMALL, 10).rows(5, 11))
                .hasMessage("rows 5 to 11 (not included) are no part of a log of 10: they must begin at 0 or later,"
                        + " before their end, and end with the log or earlier");
        assertThatThrownBy(() -> SimulatedStream.of(SMALL, 10).open(Set.of("clicks")))
                .hasMessageStartingWith("a simulated log has no column clicks, but impression_id, time, user_id");
    }
}
