package dev.marquee.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name under which a section is chosen among the others of its sealed interface, by the key {@code kind}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Kind {
    /**
     * The name.
     *
     * @return lower case, with underscores
     */
    String value();
}
