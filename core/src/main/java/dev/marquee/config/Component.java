package dev.marquee.config;

import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** A component of a section as a key of a recipe. */
record Component(
        String key,
        ValueType type,
        @Nullable Range range,
        @Nullable About about,
        RecordComponent reflected) {
    static Component of(RecordComponent reflected) {
        return new Component(
                Schema.snakeCase(reflected.getName()),
                ValueType.of(reflected.getGenericType()),
                reflected.getAnnotation(Range.class),
                reflected.getAnnotation(About.class),
                reflected);
    }

    /** Its value in a section. */
    Object of(Section section) {
        try {
            var accessor = reflected.getAccessor();
            accessor.setAccessible(true); // sections may be package-private
            return accessor.invoke(section);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + reflected, e);
        }
    }
}
