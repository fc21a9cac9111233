/**
 * The engine room: the only package that deals with native memory, threads, seeds and operators without a Java
 * method. Everything else in the project names the engine's {@link org.bytedeco.pytorch.Tensor} and its operators, and
 * opens one {@link dev.marquee.tensor.Scope} a step.
 */
@NullMarked
package dev.marquee.tensor;

import org.jspecify.annotations.NullMarked;
