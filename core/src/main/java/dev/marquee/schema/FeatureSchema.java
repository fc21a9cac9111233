package dev.marquee.schema;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The only thing that turns a raw row into numbers: what the recipe declares, and what was learnt from the training rows
 * for it (vocabularies, quantiles, means, base rates). Immutable, and safe for use by several threads.
 *
 * <p>It is made by a {@link SchemaFitter}, or read back from what {@link #json()} and {@link #blobs()} gave.
 */
public interface FeatureSchema {
    /**
     * Reads a schema back.
     *
     * @param json what {@link #json()} gave
     * @param blobs what {@link #blobs()} gave; kept, and not to be changed any more
     * @return a schema that encodes as the other did, with the same fingerprint
     * @throws IllegalArgumentException if something is missing or damaged, naming it
     */
    static FeatureSchema read(String json, Map<String, byte[]> blobs) {
        return SchemaJson.read(json, blobs);
    }

    /**
     * What the recipe declared.
     *
     * @return the config
     */
    SchemaConfig config();

    /**
     * What a model needs to know.
     *
     * @return the meaning of the tensors of a batch
     */
    FeatureLayout layout();

    /**
     * Encodes rows.
     *
     * @param chunk has every column that the features read; labels, weight, group and time may be absent, and are
     *     unknown, 1 and none then
     * @return the rows, encoded
     * @throws dev.marquee.schema.RowException where a column is missing, or a value is refused, naming source, row and
     *     column
     */
    EncodedChunk encode(RawChunk chunk);

    /**
     * The text behind an id, for reports.
     *
     * @param field the position of a categorical feature in the layout
     * @param id its id
     * @return the value, or a word in parentheses for ids without one
     * @throws IllegalArgumentException if there is no such field or id
     */
    String value(int field, int id);

    /**
     * The values of a table that have an id of their own.
     *
     * @param table its position in the layout
     * @return in the order of their ids, which begin at {@link Ids#FIRST}; empty where ids are hashes
     */
    Optional<List<String>> vocabulary(int table);

    /**
     * All but the vocabularies.
     *
     * @return JSON
     */
    String json();

    /**
     * The vocabularies.
     *
     * @return bytes by name; not copies, not to be changed
     */
    Map<String, byte[]> blobs();

    /**
     * Identifies the schema: equal exactly when it encodes every row alike.
     *
     * @return a short hexadecimal text
     */
    String fingerprint();
}
