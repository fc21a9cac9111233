/** Where rows come from: files, folders, globs and queries, read in chunks of columns. */
@NullMarked
package dev.marquee.source;

import org.jspecify.annotations.NullMarked;
