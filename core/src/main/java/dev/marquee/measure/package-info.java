/** Measures this machine and compares alternatives on it fairly: facts, roofline, interleaved timing. */
@NullMarked
package dev.marquee.measure;

import org.jspecify.annotations.NullMarked;
