/** Scores raw features with a trained run: {@link dev.marquee.serving.Scorer} in a Java service, {@link dev.marquee.serving.ModelServer} behind HTTP. */
@NullMarked
package dev.marquee.serving;

import org.jspecify.annotations.NullMarked;
