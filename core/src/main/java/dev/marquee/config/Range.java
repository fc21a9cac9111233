package dev.marquee.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which numbers a component allows; for a list, which its elements allow. Absent bounds do not bind. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
    /**
     * The smallest allowed number.
     *
     * @return the bound
     */
    double atLeast() default Double.NEGATIVE_INFINITY;

    /**
     * A bound below all allowed numbers.
     *
     * @return the bound
     */
    double above() default Double.NEGATIVE_INFINITY;

    /**
     * The largest allowed number.
     *
     * @return the bound
     */
    double atMost() default Double.POSITIVE_INFINITY;

    /**
     * A bound above all allowed numbers.
     *
     * @return the bound
     */
    double below() default Double.POSITIVE_INFINITY;
}
