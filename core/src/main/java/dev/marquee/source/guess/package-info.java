/** Looks at a log that nobody has described, and proposes a recipe for it. */
@NullMarked
package dev.marquee.source.guess;

import org.jspecify.annotations.NullMarked;
