/** Micro-benchmarks (JMH) of what happens thousands of times a second; {@code bench/README.md} says how to run them. */
@NullMarked
package dev.marquee.bench;

import org.jspecify.annotations.NullMarked;
