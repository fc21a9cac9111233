/**
 * A small world of users and ads, and the stream of impressions that comes of it. Whatever happens in it depends on the
 * parameters alone, and the probability of each click is known. Knows nothing of files, recipes or the engine.
 */
@NullMarked
package dev.marquee.simulate;

import org.jspecify.annotations.NullMarked;
