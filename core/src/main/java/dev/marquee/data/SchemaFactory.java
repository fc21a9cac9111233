package dev.marquee.data;

import dev.marquee.schema.FeatureSchema;
import dev.marquee.schema.SchemaConfig;
import dev.marquee.schema.SchemaFitter;
import java.util.Map;

/** Where schemas come from; tests have small ones of their own. */
interface SchemaFactory {
    /** The schemas of package {@code schema}. */
    SchemaFactory REAL = new SchemaFactory() {
        @Override
        public SchemaFitter fitter(SchemaConfig config) {
            return SchemaFitter.of(config);
        }

        @Override
        public FeatureSchema read(String json, Map<String, byte[]> blobs) {
            return FeatureSchema.read(json, blobs);
        }
    };

    /** Begins to learn a schema. */
    SchemaFitter fitter(SchemaConfig config);

    /** Reads a schema back. */
    FeatureSchema read(String json, Map<String, byte[]> blobs);
}
