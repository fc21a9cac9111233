/** Exchanges between the processes that train one model together. */
@NullMarked
package dev.marquee.collective;

import org.jspecify.annotations.NullMarked;
