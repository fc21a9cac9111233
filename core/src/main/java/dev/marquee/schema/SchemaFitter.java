package dev.marquee.schema;

import dev.marquee.config.Sections;

/** Learns a {@link FeatureSchema} from the training rows, in one pass. One thread. */
public interface SchemaFitter {
    /**
     * Begins to learn. Rows in which no label has a value teach nothing and are left out.
     *
     * @param config what the recipe declares
     * @return a fitter without rows
     * @throws dev.marquee.config.ConfigException if the config contradicts itself
     */
    static SchemaFitter of(SchemaConfig config) {
        return new LogSchemaFitter(Sections.checked(config));
    }

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
     * @return the schema; what the fitter has gathered is spent then
     * @throws RowException when nothing can be learnt from the rows: there are none, a label is constant
     * @throws IllegalStateException when it was called before
     */
    FeatureSchema fit();
}
