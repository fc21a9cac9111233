/** What training minimises: a scalar from outputs and targets. */
@NullMarked
package dev.marquee.loss;

import org.jspecify.annotations.NullMarked;
