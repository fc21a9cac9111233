package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Ranges;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The trainable tensors of a network in one piece of memory, one after the other, and their gradients in another piece
 * laid out alike: an update, a norm, or an exchange of gradients takes a few operators, however many layers there are.
 *
 * <p>Each tensor begins at a multiple of 64 bytes; what lies between is zero.
 */
public final class FlatParameters {
    private static final int ALIGNMENT = 64 / Float.BYTES;
    /** A copy of fewer elements is not worth a second thread. */
    private static final int WORTH_A_THREAD = 1 << 16;
    /** Copying so many elements takes longer than an update of their own does to begin. */
    private static final int LARGE = 1 << 17;

    private final List<Tensor> parameters;
    private final List<Place> places = new ArrayList<>();
    private final List<Tensor> gradientViews = new ArrayList<>();
    private final Tensor values;
    private final Tensor gradients;

    /**
     * Where a tensor stands.
     *
     * @param from its first element
     * @param size how many elements it has
     * @param end where the next tensor begins
     */
    public record Place(long from, long size, long end) {}

    /** Moves the tensors, which keep their values. */
    FlatParameters(List<Tensor> parameters, DType type, Device device, Arena arena) {
        this.parameters = List.copyOf(parameters);
        long total = 0;
        for (Tensor parameter : parameters) {
            long size = parameter.numel();
            long end = total + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            places.add(new Place(total, size, end));
            total = end;
        }
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            values = arena.keep(device.zeros(type, total));
            gradients = arena.keep(device.zeros(type, total));
            for (int i = 0; i < places.size(); i++) {
                Tensor view = view(values, i);
                view.copy_(parameters.get(i));
                parameters.get(i).set_data(view);
                gradientViews.add(arena.keep(view(gradients, i)));
            }
        }
    }

    private FlatParameters(FlatParameters shared, List<Tensor> parameters, DType type, Device device, Arena arena) {
        this.parameters = List.copyOf(parameters);
        places.addAll(shared.places);
        values = shared.values;
        try (Scope scope = Scope.open()) {
            gradients = arena.keep(device.zeros(type, values.numel()));
            for (int i = 0; i < places.size(); i++) {
                gradientViews.add(arena.keep(view(gradients, i)));
            }
        }
    }

    /** The same values with gradients of their own, for tensors that see these values already. */
    FlatParameters replica(List<Tensor> tensors, DType type, Device device, Arena arena) {
        return new FlatParameters(this, tensors, type, device, arena);
    }

    /**
     * All values.
     *
     * @return {@code [size]}; changing it changes the parameters
     */
    public Tensor values() {
        return values;
    }

    /**
     * Where the gradients are after {@link #collect()}.
     *
     * @return {@code [size]}
     */
    public Tensor gradients() {
        return gradients;
    }

    /**
     * Where the gradient of a tensor is after {@link #collect()}.
     *
     * @param index the tensor's position
     * @return of the tensor's shape, a part of {@link #gradients()}
     */
    public Tensor gradient(int index) {
        return gradientViews.get(index);
    }

    /**
     * Where each tensor stands, in the order of {@link Parameters#trainable()}.
     *
     * @return unmodifiable
     */
    public List<Place> places() {
        return Collections.unmodifiableList(places);
    }

    /**
     * A tensor's part of something laid out like the values.
     *
     * @param flat {@code [size]}
     * @param index the tensor's position
     * @return a view with the tensor's shape, in the open scope
     */
    public Tensor view(Tensor flat, int index) {
        Place place = places.get(index);
        return flat.narrow(0, place.from(), place.size()).view(Tensors.shape(parameters.get(index)));
    }

    /**
     * Brings the gradients to {@link #gradients()}, where an optimiser reads them. A tensor without a gradient keeps none.
     */
    public void collect() {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < places.size(); i++) {
                Tensor gradient = parameters.get(i).mutable_grad();
                if (gradient.defined() && !gradient.is_alias_of(gradients)) {
                    gradientViews.get(i).copy_(gradient);
                    gradient.put(gradientViews.get(i));
                }
            }
        }
    }

    /**
     * Takes the gradients of some tensors to {@link #gradients()}, zeros where a tensor has none. The tensors have no
     * gradients any more.
     *
     * @param from the first tensor's position
     * @param end the position after the last
     * @param defined told of each tensor that had one, by its position
     */
    public void take(int from, int end, IntConsumer defined) {
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            for (int i = from; i < end; i++) {
                Tensor gradient = parameters.get(i).mutable_grad();
                if (!gradient.defined()) {
                    gradientViews.get(i).zero_();
                    continue;
                }
                if (!gradient.is_alias_of(gradients)) {
                    gradientViews.get(i).copy_(gradient);
                }
                gradient.reset();
                defined.accept(i);
            }
        }
    }

    /**
     * Whether any of some tensors has a gradient.
     *
     * @param from the first tensor's position
     * @param end the position after the last
     * @return false when none has
     */
    public boolean anyDefined(int from, int end) {
        try (Scope scope = Scope.open()) {
            return parameters.subList(from, end).stream()
                    .anyMatch(parameter -> parameter.mutable_grad().defined());
        }
    }

    /**
     * Lets a tensor have what stands in {@link #gradients()}.
     *
     * @param index the tensor's position
     */
    public void give(int index) {
        try (Scope scope = Scope.open()) {
            parameters.get(index).mutable_grad().put(gradientViews.get(index));
        }
    }

    /**
     * As {@link #collect()}, but for gradients that are so large that a copy of them costs more than reading them where
     * they are: those are given back.
     *
     * @return for each tensor, in the order of {@link Parameters#trainable()}, its gradient as a vector where it lies
     *     outside of {@link #gradients()}, else null; in the open scope
     */
    public List<@Nullable Tensor> collectSmall() {
        List<@Nullable Tensor> outside = new ArrayList<>();
        try (Gradients.Guard off = Gradients.off()) {
            for (int i = 0; i < places.size(); i++) {
                Tensor gradient = parameters.get(i).mutable_grad();
                boolean elsewhere = gradient.defined() && !gradient.is_alias_of(gradients);
                boolean stays = elsewhere && places.get(i).size() >= LARGE && gradient.is_contiguous();
                if (elsewhere && !stays) {
                    gradientViews.get(i).copy_(gradient);
                    gradient.put(gradientViews.get(i));
                }
                outside.add(stays ? gradient.view(-1) : null);
            }
        }
        return outside;
    }

    /**
     * Sums the gradients that several networks with the same parameters have left, in their order, into this one's.
     *
     * @param networks the tensors of each, in the order of these
     */
    void sum(List<List<Tensor>> networks) {
        for (int i = 0; i < places.size(); i++) {
            List<Tensor> parts = new ArrayList<>();
            for (List<Tensor> tensors : networks) {
                Tensor gradient = tensors.get(i).mutable_grad();
                if (gradient.defined()) {
                    parts.add(gradient);
                }
            }
            if (!parts.isEmpty()) {
                Tally.bytes(gradientViews.get(i), parts.size() + 1);
                sum(parts, gradientViews.get(i));
                parameters.get(i).mutable_grad().put(gradientViews.get(i));
            }
        }
    }

    private static void sum(List<Tensor> parts, Tensor into) {
        Tensor target = into.view(-1);
        List<Tensor> sources = parts.stream().map(part -> part.reshape(-1)).toList();
        Ranges.split(0, Math.toIntExact(target.size(0)), WORTH_A_THREAD, (from, to) -> {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor part = target.narrow(0, from, (long) to - from);
                Tensor first = sources.get(0).narrow(0, from, (long) to - from);
                if (sources.size() == 1) {
                    part.copy_(first);
                } else {
                    torch.add_out(part, first, sources.get(1).narrow(0, from, (long) to - from));
                }
                for (int i = 2; i < sources.size(); i++) {
                    part.add_(sources.get(i).narrow(0, from, (long) to - from));
                }
            }
        });
    }
}
