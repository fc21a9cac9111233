/** Starts the processes of a group on one machine or several, watches them, and starts them again. */
@NullMarked
package dev.marquee.launch;

import org.jspecify.annotations.NullMarked;
