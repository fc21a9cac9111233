/** What a training leaves for those who score: the files of a run that inference reads, and the network in them. */
@NullMarked
package dev.marquee.trained;

import org.jspecify.annotations.NullMarked;
