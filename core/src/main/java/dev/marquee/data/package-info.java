/** What is read: pictures in the idx format, splits, and batches assembled ahead on threads of their own. */
@NullMarked
package dev.marquee.data;

import org.jspecify.annotations.NullMarked;
