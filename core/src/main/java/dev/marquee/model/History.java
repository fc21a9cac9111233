package dev.marquee.model;

import dev.marquee.schema.FeatureLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Sequences that stand side by side, element by element: one event has the elements of all of them at one position. The
 * candidate that the events are compared with has the fields that the sequences name as their targets.
 *
 * @param name the name of the history
 * @param sequences the positions of its sequences in the layout
 * @param targets the position of each sequence's target among the layout's fields
 * @param maximumLength how many events there are at most
 */
record History(String name, List<Integer> sequences, List<Integer> targets, int maximumLength) {
    History {
        sequences = List.copyOf(sequences);
        targets = List.copyOf(targets);
    }

    /**
     * The histories of a layout that have a target.
     *
     * @param network who needs them, for the message
     * @throws IllegalArgumentException when there are none
     */
    static List<History> of(FeatureLayout layout, String network) {
        Map<String, List<Integer>> named = new LinkedHashMap<>();
        for (int i = 0; i < layout.sequences().size(); i++) {
            FeatureLayout.Sequence sequence = layout.sequences().get(i);
            if (sequence.target() >= 0) {
                named.computeIfAbsent(sequence.history(), some -> new ArrayList<>())
                        .add(i);
            }
        }
        if (named.isEmpty()) {
            throw new IllegalArgumentException(network + " relates a history to the candidate, and no sequence has a"
                    + " target: declare at least one feature of kind sequence whose target names a categorical feature"
                    + (layout.sequences().isEmpty()
                            ? "; there are no sequences at all"
                            : "; without one there "
                                    + (layout.sequences().size() == 1 ? "is " : "are ")
                                    + layout.sequences().stream()
                                            .map(FeatureLayout.Sequence::name)
                                            .toList()));
        }
        List<History> histories = new ArrayList<>();
        named.forEach((name, sequences) -> histories.add(new History(
                name,
                sequences,
                sequences.stream().map(i -> layout.sequences().get(i).target()).toList(),
                sequences.stream()
                        .mapToInt(i -> layout.sequences().get(i).maximumLength())
                        .max()
                        .orElseThrow())));
        return histories;
    }

    /**
     * What one batch holds of a history.
     *
     * @param events {@code [batch, time, width]}, zeros at padding
     * @param candidate {@code [batch, width]}
     * @param padding {@code [batch, time]} bool, true where no sequence has an element
     */
    record Events(Tensor events, Tensor candidate, Tensor padding) {
        /**
         * The mean of the events: {@code [batch, width]}, zeros where there are none; {@code [1, width]} where all rows
         * share them.
         */
        Tensor mean() {
            boolean once = shared(events) && shared(padding);
            Tensor own = once ? events.narrow(0, 0, 1) : events;
            Tensor hidden = once ? padding.narrow(0, 0, 1) : padding;
            Tensor count = hidden.logical_not().sum(1).clamp_min(new Scalar(1)); // [batch]
            return own.sum(1).div(count.unsqueeze(1));
        }
    }

    /** The size of an event, and of a candidate. */
    int width(int embedding) {
        return sequences.size() * embedding;
    }

    /** Looks the events up. */
    Events look(RowInput.Rows rows) {
        List<Tensor> embedded = sequences.stream().map(rows::sequence).toList();
        long time = embedded.stream().mapToLong(tensor -> tensor.size(1)).max().orElseThrow();
        TensorVector events = new TensorVector();
        TensorVector candidate = new TensorVector();
        Tensor padding = filled(rows, 0, time);
        for (int i = 0; i < sequences.size(); i++) {
            events.push_back(longer(embedded.get(i), time));
            candidate.push_back(rows.field(targets.get(i)));
            padding = i == 0 ? padding : both(padding, filled(rows, i, time));
        }
        return new Events(beside(embedded, events), RowInput.joined(candidate), padding);
    }

    /** Side by side, once where all rows share every sequence: {@code [batch, time, width]}. */
    private static Tensor beside(List<Tensor> embedded, TensorVector events) {
        if (events.size() == 1) {
            return events.get(0);
        }
        if (!embedded.stream().allMatch(History::shared)) {
            return torch.cat(events, 2);
        }
        long batch = events.get(0).size(0);
        TensorVector distinct = new TensorVector();
        for (long i = 0; i < events.size(); i++) {
            distinct.push_back(events.get(i).narrow(0, 0, 1));
        }
        Tensor once = torch.cat(distinct, 2); // [1, time, width]
        return once.expand(batch, once.size(1), once.size(2));
    }

    private static Tensor both(Tensor a, Tensor b) {
        if (!shared(a) || !shared(b)) {
            return a.logical_and(b);
        }
        return a.narrow(0, 0, 1).logical_and(b.narrow(0, 0, 1)).expand(a.size(0), a.size(1));
    }

    /** Whether one row stands for all of them: a user's history, of many candidates. */
    private static boolean shared(Tensor rows) {
        return rows.size(0) > 1 && rows.stride(0) == 0;
    }

    private Tensor filled(RowInput.Rows rows, int i, long time) {
        Tensor padding = rows.padding(sequences.get(i));
        long missing = time - padding.size(1);
        return missing == 0 ? padding : torch.constant_pad_nd(padding, new long[] {0, missing}, new Scalar(1));
    }

    /** Sequences of one history have the same lengths, unless a column of the log was cut. */
    private static Tensor longer(Tensor embedded, long time) {
        long missing = time - embedded.size(1);
        return missing == 0 ? embedded : torch.constant_pad_nd(embedded, 0, 0, 0, missing);
    }
}
