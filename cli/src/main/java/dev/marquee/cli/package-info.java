/** The {@code marquee} command. */
@NullMarked
package dev.marquee.cli;

import org.jspecify.annotations.NullMarked;
