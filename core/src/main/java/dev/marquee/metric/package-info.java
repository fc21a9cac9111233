/** Measures of quality, added up over batches. */
@NullMarked
package dev.marquee.metric;

import org.jspecify.annotations.NullMarked;
