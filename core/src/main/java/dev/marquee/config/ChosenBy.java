package dev.marquee.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The key that chooses among the sections of a sealed interface, where it is not {@code kind}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ChosenBy {
    /**
     * The key.
     *
     * @return lower case, such as {@code name}
     */
    String value();
}
