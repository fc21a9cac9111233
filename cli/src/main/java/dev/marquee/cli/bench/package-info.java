/** Whole training steps, timed here and, in turn, in PyTorch. */
@NullMarked
package dev.marquee.cli.bench;

import org.jspecify.annotations.NullMarked;
