package dev.marquee.data;

import dev.marquee.config.About;
import dev.marquee.config.Faults;
import dev.marquee.config.Range;
import dev.marquee.config.Section;
import dev.marquee.config.Sections;
import java.util.Optional;

/**
 * Which rows of a log are held out for validation and for the test, where no files of their own are given for these.
 *
 * @param by what decides
 * @param column the column whose values are kept together by {@link By#HASH}; the group where absent
 * @param validation the share of the rows held out for validation
 * @param test the share of the rows held out for the test
 * @param seed decides which rows random and hash hold out; it is not the run's, so that runs of several seeds are
 *     measured on the same rows
 */
public record SplitConfig(
        @About("what decides which rows are held out: random, time (the latest) or hash (all rows of a group)")
        By by,

        @About("hash: the column whose values are kept together; absent: data.group")
        Optional<String> column,

        @About("share of the rows held out for validation, where data.validation_path does not give them")
        @Range(atLeast = 0, below = 1)
        double validation,

        @About("share of the rows held out for the test, where data.test_path does not give them")
        @Range(atLeast = 0, below = 1)
        double test,

        @About("decides which rows random and hash hold out, apart from the run's seed")
        long seed)
        implements Section {
    /** The values of absent keys. */
    public static final SplitConfig DEFAULT = new SplitConfig(By.RANDOM, Optional.empty(), 0.1, 0.1, 1);

    /** What decides. */
    public enum By {
        /** A hash of the seed and the row number. */
        RANDOM,
        /** The column {@code data.time}: the latest rows are the test, those before them validation. */
        TIME,
        /** A hash of seed and a column's value: all rows of a user on one side. */
        HASH
    }

    /** Checks the values. */
    public SplitConfig {
        Sections.validate(SplitConfig.class, by, column, validation, test, seed);
    }

    @Override
    public void check(Faults faults) {
        if (validation + test >= 1) {
            faults.add("test", "together with validation leaves nothing to train on: " + (validation + test));
        }
        if (column.isPresent() && by != By.HASH) {
            faults.add("column", "is used with by: hash only");
        }
    }
}
