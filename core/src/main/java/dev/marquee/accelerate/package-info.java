/** Which settings make a recipe train faster on this machine, and what they cost: measured, not guessed. */
@NullMarked
package dev.marquee.accelerate;

import org.jspecify.annotations.NullMarked;
