/** Weights and checkpoints in files: the safetensors format. */
@NullMarked
package dev.marquee.checkpoint;

import org.jspecify.annotations.NullMarked;
