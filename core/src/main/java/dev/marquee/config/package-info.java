/** Turns YAML and key=value settings into validated records, and back; gathers all faults before it complains. */
@NullMarked
package dev.marquee.config;

import org.jspecify.annotations.NullMarked;
