package dev.marquee.accelerate;

import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Processor;

/**
 * What decides which techniques can be had.
 *
 * @param recipe the baseline: the user's recipe, on one thread, with nothing switched on
 * @param cores threads that this process may use
 * @param processor what it can do
 * @param apart whether each sample is computed by itself, without batch norm or Dice
 * @param tables whether the network has embedding tables
 * @param trainingSamples in an epoch
 * @param waiting the share of the baseline's time spent waiting for data, from 0 to 1
 */
public record Situation(
        Recipe recipe,
        int cores,
        Processor processor,
        boolean apart,
        boolean tables,
        long trainingSamples,
        double waiting) {}
