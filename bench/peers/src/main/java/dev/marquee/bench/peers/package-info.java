/** The perceptron's training step in other libraries for the JVM, each in a process of its own. */
@NullMarked
package dev.marquee.bench.peers;

import org.jspecify.annotations.NullMarked;
