package dev.marquee.accelerate;

import dev.marquee.recipe.Recipe;

/**
 * One of the things that are measured.
 *
 * @param name how progress calls it
 * @param recipe what is trained
 */
record Arm(String name, Recipe recipe) {}
