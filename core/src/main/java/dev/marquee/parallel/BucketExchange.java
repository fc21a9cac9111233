package dev.marquee.parallel;

import dev.marquee.collective.Group;
import dev.marquee.nn.FlatParameters;
import dev.marquee.nn.Parameters;
import dev.marquee.profile.Tally;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums dense gradients in buckets of neighbours, the last layers' first. A bucket goes as soon as the buckets before it
 * have gone and each of its parameters has been {@link #given} as often as in the first step, so the backward pass of
 * the layers below goes on meanwhile. Should a gradient grow after that, which no network here does, it is sent once more.
 */
final class BucketExchange implements DenseExchange {
    /** Elements of a bucket: large enough for the time of its bytes to hide that of a message. */
    private static final int BUCKET = 1 << 18;

    private final Group group;
    private final FlatParameters flat;
    private final List<Bucket> buckets = new ArrayList<>();
    private final Map<Tensor, Integer> positions = new IdentityHashMap<>();
    private final List<Group.Exchange> started = new ArrayList<>();
    private final BitSet learnt = new BitSet();
    private final int[] seen;
    private final int[] expected;
    private boolean early;
    private boolean counted;
    private boolean late;

    /** The parameters from here to there, and their part of the memory. */
    private record Bucket(int from, int end, Tensor values) {}

    BucketExchange(Group group, Parameters parameters, Arena arena, boolean overlap) {
        this.group = group;
        this.flat = parameters.flat();
        this.early = overlap;
        int count = flat.places().size();
        seen = new int[count];
        expected = new int[count];
        parameters.trainable().values().forEach(parameter -> positions.put(parameter, positions.size()));
        try (Scope scope = Scope.open()) {
            int end = count;
            while (end > 0) {
                int from = end - 1;
                while (from > 0 && size(from - 1, end) <= BUCKET) {
                    from--;
                }
                long start = flat.places().get(from).from();
                buckets.add(new Bucket(from, end, arena.keep(flat.gradients().narrow(0, start, size(from, end)))));
                end = from;
            }
        }
    }

    @Override
    public void begin() {
        started.clear();
        learnt.clear();
        Arrays.fill(seen, 0);
        late = false;
    }

    @Override
    public void given(Tensor parameter) {
        Integer position = positions.get(parameter);
        if (position == null) {
            return;
        }
        seen[position]++;
        while (early && counted && started.size() < buckets.size() && ready(buckets.get(started.size()))) {
            startNext();
        }
    }

    @Override
    public void start(IntConsumer defined) {
        late = anyLate();
        if (!counted && Arrays.stream(seen).anyMatch(times -> times > 0)) {
            System.arraycopy(seen, 0, expected, 0, seen.length);
            counted = true;
        }
        while (started.size() < buckets.size()) {
            startNext();
        }
        learnt.stream().forEach(defined);
    }

    @Override
    public boolean late() {
        return late;
    }

    @Override
    public void await() {
        started.forEach(Group.Exchange::await);
    }

    @Override
    public void repeat() {
        early = false;
        for (Bucket bucket : buckets) {
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor before = bucket.values().clone();
                flat.take(bucket.from(), bucket.end(), learnt::set);
                group.sum(bucket.values());
                bucket.values().add_(before);
            }
        }
    }

    @Override
    public void forget() {}

    private boolean ready(Bucket bucket) {
        for (int i = bucket.from(); i < bucket.end(); i++) {
            if (expected[i] == 0 || seen[i] < expected[i]) {
                return false;
            }
        }
        return true;
    }

    private boolean anyLate() {
        for (Bucket bucket : buckets.subList(0, started.size())) {
            if (flat.anyDefined(bucket.from(), bucket.end())) {
                return true;
            }
        }
        return false;
    }

    private void startNext() {
        Bucket bucket = buckets.get(started.size());
        flat.take(bucket.from(), bucket.end(), learnt::set);
        Tally.bytes(bucket.values(), 2);
        started.add(group.startSum(bucket.values()));
    }

    private long size(int from, int end) {
        return flat.places().get(end - 1).end() - flat.places().get(from).from();
    }
}
