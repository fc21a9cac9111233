/** Networks that turn a batch into outputs, each built from its config record. */
@NullMarked
package dev.marquee.model;

import org.jspecify.annotations.NullMarked;
