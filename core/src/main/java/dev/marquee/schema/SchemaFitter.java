package dev.marquee.schema;

/** Learns a {@link FeatureSchema} from the training rows, in one pass. One thread. */
public interface SchemaFitter {
    /**
     * Looks at training rows.
     *
     * @param chunk rows
     * @param selected which of its rows are training rows
     * @throws RowException where a column is missing, or a value is refused
     */
    void add(RawChunk chunk, boolean[] selected);

    /**
     * What was learnt.
     *
     * @return the schema
     * @throws RowException when nothing can be learnt from the rows: there are none, a label is constant
     */
    FeatureSchema fit();
}
