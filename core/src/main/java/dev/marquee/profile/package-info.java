/** Where the time of a training goes: phases by thread, the work counted in them, events for others to read. */
@NullMarked
package dev.marquee.profile;

import org.jspecify.annotations.NullMarked;
