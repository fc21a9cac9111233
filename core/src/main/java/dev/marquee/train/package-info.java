/** Training, evaluation and prediction: the run folder, the loop, and the small public API around them. */
@NullMarked
package dev.marquee.train;

import org.jspecify.annotations.NullMarked;
