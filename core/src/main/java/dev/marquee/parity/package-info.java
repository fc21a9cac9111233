/** Recorded PyTorch computations, run again here and compared. */
@NullMarked
package dev.marquee.parity;

import org.jspecify.annotations.NullMarked;
