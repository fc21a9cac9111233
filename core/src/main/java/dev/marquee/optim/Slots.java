package dev.marquee.optim;

import dev.marquee.nn.FlatParameters;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.StrictCopy;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The trainable parameters with what an optimiser remembers of each: its moments, which start as zeros, and how many
 * steps it has taken. A parameter without a gradient takes no step, so the counts may differ; they are one int64
 * tensor, {@code step}, with an element for each parameter in their order. An optimiser without moments has no counts.
 *
 * <p>Parameters, gradients and each moment are one piece of memory each ({@link FlatParameters}); neighbours that have
 * taken the same number of steps are updated together.
 */
final class Slots implements AutoCloseable {
    /** Elements that an update goes through at once: few enough for gradient, parameter and moments to stay in a cache. */
    private static final int CHUNK = 1 << 15;

    private final Arena arena = Arena.open("optimiser state");
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private final List<Tensor> parameters;
    private final FlatParameters flat;
    private final List<Tensor> moments = new ArrayList<>();
    private final LongBuffer steps;
    private final boolean counted;
    private final int chunk;
    private boolean closed;

    /** What happens to parameters that have taken the same number of steps. */
    @FunctionalInterface
    interface Rule {
        /**
         * Computes what depends on the step alone.
         *
         * @param step how many steps the parameters have taken, this one included; 0 if not counted
         * @return what happens to any of their elements; used before this is called again
         */
        Update at(long step);
    }

    /** What happens to some elements, independent of all others; several threads do it to different ones. */
    @FunctionalInterface
    interface Update {
        /**
         * Changes elements and their moments in place; gradients are not recorded.
         *
         * @param parameter what to change
         * @param gradient its gradient, not to be changed
         * @param moments in the order of their names
         */
        void apply(Tensor parameter, Tensor gradient, List<Tensor> moments);
    }

    /**
     * Neighbours that have taken the same number of steps: the elements from here to there.
     *
     * @param gradient theirs, if it lies outside of the flat ones
     */
    private record Run(
            int from, int end, long step, @Nullable Tensor gradient) {
        int size() {
            return end - from;
        }
    }

    Slots(Parameters parameters, List<String> names) {
        this.parameters = List.copyOf(parameters.trainable().values());
        this.flat = parameters.flat();
        counted = !names.isEmpty();
        // Without moments an update reads nothing twice that a cache could hold.
        // On a GPU many small operators cost more than what a cache saves.
        chunk = counted && parameters.device().isCpu() ? CHUNK : Integer.MAX_VALUE;
        try (Scope scope = Scope.open()) {
            Tensor counts = arena.keep(Tensors.zeros(DType.INT64, counted ? this.parameters.size() : 0));
            // The counts are read and written in place, without an operator.
            steps = Tensors.bytes(counts).asLongBuffer();
            if (counted) {
                state.put("step", counts);
            }
            names.forEach(name -> moments.add(arena.keep(
                    parameters.device().zeros(parameters.type(), flat.values().numel()))));
            int index = 0;
            for (String parameter : parameters.trainable().keySet()) {
                for (int moment = 0; moment < names.size(); moment++) {
                    state.put(names.get(moment) + "." + parameter, arena.keep(flat.view(moments.get(moment), index)));
                }
                index++;
            }
        }
    }

    /** Applies the rule to every parameter that has a gradient. */
    void update(Rule rule) {
        requireOpen();
        try (Scope scope = Scope.open()) {
            Map<Long, List<Run>> runs = runs(flat.collectSmall()).stream()
                    .collect(Collectors.groupingBy(Run::step, LinkedHashMap::new, Collectors.toList()));
            runs.forEach((step, together) -> {
                Update update = rule.at(step);
                int elements = together.stream().mapToInt(Run::size).sum();
                int split = flat.values().is_cpu() ? CHUNK : elements;
                // The gradient is read; parameter and moments are read and written.
                Tally.bytes((double) flat.values().element_size() * elements * (3 + 2 * moments.size()));
                Ranges.split(0, elements, split, (from, end) -> apply(together, update, from, end));
            });
        }
    }

    Map<String, Tensor> state() {
        requireOpen();
        return Collections.unmodifiableMap(state);
    }

    void load(Map<String, Tensor> values) {
        requireOpen();
        StrictCopy.copy(values, state, "the state", "the optimiser", true);
    }

    @Override
    public void close() {
        closed = true;
        arena.close();
    }

    /** Updates a part of the elements of all runs, counted one run after the other. */
    private void apply(List<Run> runs, Update update, int from, int end) {
        int before = 0;
        for (Run run : runs) {
            int first = Math.max(from - before, 0);
            int last = Math.min(end - before, run.size());
            for (int start = first; start < last; start += Math.min(chunk, last - start)) {
                apply(update, run, start, Math.min(chunk, last - start));
            }
            before += run.size();
        }
    }

    private void apply(Update update, Run run, int offset, int size) {
        int from = run.from + offset;
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            update.apply(
                    flat.values().narrow(0, from, size),
                    run.gradient == null
                            ? flat.gradients().narrow(0, from, size)
                            : run.gradient.narrow(0, offset, size),
                    moments.stream().map(moment -> moment.narrow(0, from, size)).toList());
        }
    }

    private List<Run> runs(List<@Nullable Tensor> outside) {
        List<Run> runs = new ArrayList<>();
        List<FlatParameters.Place> places = flat.places();
        for (int i = 0; i < places.size(); i++) {
            if (!parameters.get(i).mutable_grad().defined()) {
                continue;
            }
            FlatParameters.Place place = places.get(i);
            Tensor gradient = outside.get(i);
            int from = Math.toIntExact(place.from());
            // What lies between two tensors is updated with the flat ones only: it stays zero either way.
            int end = Math.toIntExact(gradient == null ? place.end() : place.from() + place.size());
            long step = count(i);
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && gradient == null && last.gradient == null && last.end == from && last.step == step) {
                runs.set(runs.size() - 1, new Run(last.from, end, step, null));
            } else {
                runs.add(new Run(from, end, step, gradient));
            }
        }
        return runs;
    }

    private long count(int index) {
        if (!counted) {
            return 0;
        }
        long step = steps.get(index) + 1;
        steps.put(index, step);
        return step;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the optimiser is closed");
        }
    }
}
