package dev.marquee.data;

import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.SchemaConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an encoded row holds, and where its parts stand in a record of fixed size, little-endian, so that reading any row
 * touches one place of memory: first what takes 8 bytes (group, time, and where each list begins in its own file), then
 * what takes 4 (the lists' lengths, the numbers, the ids, the labels, the weight), filled up to a multiple of 8.
 *
 * @param dense how many numbers there are
 * @param fields how many categorical ids
 * @param lists the names of the batch's inputs that hold bags and sequences, in the layout's order
 * @param labels how many labels
 * @param weight whether rows have a weight
 * @param group whether rows have a group
 * @param time whether rows have a time
 */
record RowFormat(int dense, int fields, List<String> lists, int labels, boolean weight, boolean group, boolean time) {
    RowFormat {
        lists = List.copyOf(lists);
    }

    static RowFormat of(FeatureSchema schema) {
        FeatureLayout layout = schema.layout();
        SchemaConfig config = schema.config();
        return new RowFormat(
                layout.denseSize(),
                layout.fields().size(),
                Stream.concat(
                                layout.bags().stream().map(bag -> Batch.BAG + bag.name()),
                                layout.sequences().stream().map(sequence -> Batch.SEQUENCE + sequence.name()))
                        .toList(),
                layout.labels().size(),
                config.weight().isPresent(),
                config.group().isPresent(),
                config.time().isPresent());
    }

    /** Position of the group, in units of 8 bytes. */
    int groupAt() {
        return 0;
    }

    /** Position of the time, in units of 8 bytes. */
    int timeAt() {
        return group ? 1 : 0;
    }

    /** Position of where the lists begin, in units of 8 bytes. */
    int listsAt() {
        return timeAt() + (time ? 1 : 0);
    }

    /** Position of the lists' lengths, in units of 4 bytes. */
    int lengthsAt() {
        return 2 * (listsAt() + lists.size());
    }

    /** Position of the numbers, in units of 4 bytes. */
    int denseAt() {
        return lengthsAt() + lists.size();
    }

    /** Position of the ids, in units of 4 bytes. */
    int fieldsAt() {
        return denseAt() + dense;
    }

    /** Position of the labels, in units of 4 bytes. */
    int labelsAt() {
        return fieldsAt() + fields;
    }

    /** Position of the weight, in units of 4 bytes. */
    int weightAt() {
        return labelsAt() + labels;
    }

    /** The size of a record in units of 4 bytes, an even number of them. */
    int stride() {
        int end = weightAt() + (weight ? 1 : 0);
        return end + end % 2;
    }

    /** The size of a record. */
    int bytes() {
        return stride() * Integer.BYTES;
    }
}
