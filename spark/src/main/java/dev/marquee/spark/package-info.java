/** Training and scoring inside Spark: an estimator and a model of its pipelines, whose workers are tasks of a barrier stage. */
@NullMarked
package dev.marquee.spark;

import org.jspecify.annotations.NullMarked;
