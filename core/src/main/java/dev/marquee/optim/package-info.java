/** Update rules, learning-rate schedules and gradient clipping; each agrees with PyTorch's of the same name. */
@NullMarked
package dev.marquee.optim;

import org.jspecify.annotations.NullMarked;
