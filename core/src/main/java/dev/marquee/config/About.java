package dev.marquee.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a key of a recipe means, for the documentation that the software prints of itself. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface About {
    /**
     * The meaning, in a line.
     *
     * @return a sentence without a full stop
     */
    String value();
}
