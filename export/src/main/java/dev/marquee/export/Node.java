package dev.marquee.export;

import java.util.List;

/**
 * A step of a {@link Graph}.
 *
 * @param operator what is computed
 * @param inputs of what
 * @param output the result
 * @param numbers what else the operator needs: an axis, the bounds of a slice, a shape or a permutation
 * @param keep whether a dimension that is reduced stays, with one element
 */
record Node(Operator operator, List<Value> inputs, Value output, List<Long> numbers, boolean keep) {
    Node {
        inputs = List.copyOf(inputs);
        numbers = List.copyOf(numbers);
    }

    int axis() {
        return Math.toIntExact(numbers.get(0));
    }
}
