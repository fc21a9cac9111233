package dev.marquee.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the conventions of {@link Section} make of a Java type: its keys, kinds, defaults. */
final class Schema {
    /** The key that chooses the kind. */
    static final String KIND = "kind";

    private static final ClassValue<List<Component>> COMPONENTS = new ClassValue<>() {
        @Override
        protected List<Component> computeValue(Class<?> type) {
            if (!type.isRecord()) {
                throw new IllegalStateException(type + " is not a record");
            }
            return Arrays.stream(type.getRecordComponents()).map(Component::of).toList();
        }
    };

    private Schema() {}

    /** The components of a record, in order. */
    static List<Component> components(Class<? extends Section> record) {
        return COMPONENTS.get(record);
    }

    /** The constant {@code DEFAULT}, where the record has one. */
    static Optional<Section> defaults(Class<? extends Section> record) {
        try {
            Field field = record.getDeclaredField("DEFAULT");
            if (!Modifier.isStatic(field.getModifiers()) || field.getType() != record) {
                return Optional.empty();
            }
            field.setAccessible(true);
            return Optional.of(record.cast(field.get(null)));
        } catch (NoSuchFieldException e) {
            return Optional.empty();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read DEFAULT of " + record, e);
        }
    }

    /** Calls the canonical constructor; whatever it throws is passed on. */
    static Section construct(Class<? extends Section> record, List<Object> values) {
        try {
            Class<?>[] types = Arrays.stream(record.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<? extends Section> constructor = record.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("cannot construct " + record, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot construct " + record, e);
        }
    }

    /** The kinds of a sealed interface by name; of a record, itself if it has a name; otherwise empty. */
    static Map<String, Class<? extends Section>> kinds(Class<? extends Section> type) {
        Map<String, Class<? extends Section>> kinds = new LinkedHashMap<>();
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                Map<String, Class<? extends Section>> more = kinds(permitted.asSubclass(Section.class));
                if (more.isEmpty()) {
                    throw new IllegalStateException(permitted + " needs a name: annotate it with @Kind");
                }
                kinds.putAll(more);
            }
        } else if (!type.isRecord()) {
            throw new IllegalStateException(type + " is neither a record nor a sealed interface");
        } else {
            kind(type).ifPresent(name -> kinds.put(name, type));
        }
        return kinds;
    }

    /** The name of a record among the kinds of its interface. */
    static Optional<String> kind(Class<? extends Section> record) {
        return Optional.ofNullable(record.getAnnotation(Kind.class)).map(Kind::value);
    }

    /** The constants of an enum by the names that recipes use. */
    static Map<String, Object> names(Class<?> enumeration) {
        Map<String, Object> names = new LinkedHashMap<>();
        for (Object constant : enumeration.getEnumConstants()) {
            names.put(name((Enum<?>) constant), constant);
        }
        return Collections.unmodifiableMap(names);
    }

    /** The name of a constant in recipes. */
    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** {@code learning_rate} for {@code learningRate}. */
    static String snakeCase(String camelCase) {
        return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** A key beneath another; either may be empty. */
    static String join(String prefix, String key) {
        return prefix.isEmpty() || key.isEmpty() || key.startsWith("[") ? prefix + key : prefix + "." + key;
    }
}
