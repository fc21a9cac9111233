/** A run as one value: everything that decides what a training computes. */
@NullMarked
package dev.marquee.recipe;

import org.jspecify.annotations.NullMarked;
