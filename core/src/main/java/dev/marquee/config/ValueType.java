package dev.marquee.config;

import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a component of a section holds. */
sealed interface ValueType {
    /** A boolean, a number, a text or a name out of an enum. */
    record Plain(Class<?> type) implements ValueType {
        private static final Set<Class<?>> ALLOWED =
                Set.of(boolean.class, int.class, long.class, double.class, String.class);

        boolean isNumber() {
            return isWhole() || type == double.class;
        }
    }

    /** A list. */
    record ListOf(ValueType element) implements ValueType {}

    /** Something that may be absent. */
    record OptionalOf(ValueType value) implements ValueType {}

    /** A section, or one out of the kinds of a sealed interface. */
    record SectionOf(Class<? extends Section> type) implements ValueType {}

    /** The type of a component, where primitives and their boxes are the same. */
    static ValueType of(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return new ListOf(of(generic.getActualTypeArguments()[0]));
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            return new OptionalOf(of(generic.getActualTypeArguments()[0]));
        }
        if (type instanceof Class<?> plain) {
            if (Section.class.isAssignableFrom(plain)) {
                return new SectionOf(plain.asSubclass(Section.class));
            }
            Class<?> unboxed = MethodType.methodType(plain).unwrap().returnType();
            if (plain.isEnum() || Plain.ALLOWED.contains(unboxed)) {
                return new Plain(unboxed);
            }
        }
        throw new IllegalStateException(type + " cannot be a component of a section: allowed are boolean, int, long,"
                + " double, String, enums, sections, and List and Optional of these");
    }

    /** In words that fit after "is not" and before "is expected". */
    default String words() {
        if (this instanceof Plain plain) {
            return plain.isWhole()
                    ? "a whole number"
                    : plain.isNumber()
                            ? "a number"
                            : plain.type() == boolean.class
                                    ? "true or false"
                                    : plain.type() == String.class ? "text" : "one of " + names(plain);
        }
        if (this instanceof ListOf list) {
            return "a list of " + list.element().plural();
        }
        return this instanceof OptionalOf optional ? optional.value().words() : "a section";
    }

    /** Whether it is a whole number, or a list or an Optional of whole numbers. */
    default boolean isWhole() {
        if (this instanceof ListOf list) {
            return list.element().isWhole();
        }
        return this instanceof OptionalOf optional
                ? optional.value().isWhole()
                : this instanceof Plain plain && (plain.type() == int.class || plain.type() == long.class);
    }

    private String plural() {
        if (this instanceof Plain plain) {
            return plain.type() == boolean.class
                    ? "true or false"
                    : plain.type() == String.class
                            ? "texts"
                            : plain.type().isEnum() ? names(plain) : words().replaceFirst("a ", "") + "s";
        }
        return this instanceof ListOf list ? "lists of " + list.element().plural() : "sections";
    }

    private static String names(Plain plain) {
        return String.join(", ", Schema.names(plain.type()).keySet());
    }
}
