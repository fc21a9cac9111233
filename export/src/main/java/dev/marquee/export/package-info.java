/** A run's network as a graph of plain operators, written for other runtimes and proved to give the same scores there. */
@NullMarked
package dev.marquee.export;

import org.jspecify.annotations.NullMarked;
