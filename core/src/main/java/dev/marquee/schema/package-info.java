/**
 * From raw rows to numbers: the one place where a row of a log becomes what a network sees, in training, evaluation,
 * prediction and serving alike. Knows nothing of the engine, of files or of databases.
 */
@NullMarked
package dev.marquee.schema;

import org.jspecify.annotations.NullMarked;
