/**
 * What is read: pictures in the idx format, rows of a log (encoded once and kept, or on the way), splits, and batches
 * assembled ahead on threads of their own.
 */
@NullMarked
package dev.marquee.data;

import org.jspecify.annotations.NullMarked;
