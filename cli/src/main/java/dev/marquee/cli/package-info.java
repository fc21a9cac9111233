/** The {@code marquee} command: thin commands over the public API of the core. */
@NullMarked
package dev.marquee.cli;

import org.jspecify.annotations.NullMarked;
