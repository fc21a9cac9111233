/** Replicas of a network on threads side by side: shared weights, gradients apart. */
@NullMarked
package dev.marquee.parallel;

import org.jspecify.annotations.NullMarked;
