/** Layers: linear maps, norms, dropout, perceptrons, attention. Each takes its parameters from a {@link Parameters}. */
@NullMarked
package dev.marquee.nn;

import org.jspecify.annotations.NullMarked;
