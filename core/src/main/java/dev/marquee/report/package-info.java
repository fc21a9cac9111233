/** What one looks at: a run, or several side by side, as one HTML file that needs no network. */
@NullMarked
package dev.marquee.report;

import org.jspecify.annotations.NullMarked;
