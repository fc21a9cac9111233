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
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sums dense gradients in buckets of neighbours, the last layers' first. A bucket goes as soon as the buckets before it
 * have gone and each of its parameters has been {@link #given} as often as in the first step, so the backward pass of
 * the layers below goes on meanwhile. A large parameter takes several buckets, and goes while its own gradient is computed,
 * some rows after the others. Should a gradient grow after it has gone, which no network here does, it is sent once more.
 */
final class BucketExchange implements DenseExchange {
    /** Elements of a bucket: large enough for the time of its bytes to hide that of a message. */
    private static final int BUCKET = 1 << 17;

    private static final int NONE = -1;

    private final Group group;
    private final FlatParameters flat;
    private final List<Bucket> buckets = new ArrayList<>();
    private final IdentityHashMap<Tensor, Integer> positions = new IdentityHashMap<>();
    private final List<Group.Exchange> started = new ArrayList<>();
    private final BitSet learnt = new BitSet();
    private final int[] seen;
    private final int[] expected;
    private boolean early;
    private boolean counted;
    private boolean late;
    private int partial = NONE;
    private long partialRows;

    /**
     * The parameters from here to there, and their part of the memory; or some rows of a large parameter.
     *
     * @param row after the last row; 0 for whole parameters
     * @param first whether the parameters begin here
     * @param last whether they end here
     */
    private record Bucket(int from, int end, Tensor values, long row, boolean first, boolean last) {}

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
                if (pieceRows(from) > 0 && end == from + 1) {
                    addPieces(from, arena);
                } else {
                    Tensor values = arena.keep(values(from, end));
                    buckets.add(new Bucket(from, end, values, 0, /* first= */ true, /* last= */ true));
                }
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
        partial = NONE;
    }

    @Override
    public @Nullable Place place(Tensor parameter) {
        Integer position = positions.get(parameter);
        // In every step alike, the first one too: a product in pieces rounds otherwise than a whole one.
        return position != null && pieceRows(position) > 0
                ? new Place(flat.gradient(position), pieceRows(position))
                : null;
    }

    @Override
    public void given(Tensor parameter, long rows) {
        Integer position = positions.get(parameter);
        if (position == null) {
            return;
        }
        boolean whole = parameter.dim() == 0 || rows == parameter.size(0);
        if (whole) {
            seen[position]++;
        } else {
            partial = position;
            partialRows = rows;
        }
        while (early && counted && started.size() < buckets.size() && ready(buckets.get(started.size()))) {
            startNext();
        }
        if (whole) {
            partial = NONE;
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
    public long bytes() {
        return flat.gradients().nbytes();
    }

    @Override
    public long arrived() {
        long bytes = 0;
        for (int i = 0; i < started.size(); i++) {
            if (started.get(i).complete()) {
                bytes += buckets.get(i).values().nbytes();
            }
        }
        return bytes;
    }

    @Override
    public void await() {
        started.forEach(Group.Exchange::await);
    }

    @Override
    public void repeat() {
        early = false;
        for (Bucket bucket : buckets) {
            if (!bucket.first()) {
                continue;
            }
            try (Scope scope = Scope.open();
                    Gradients.Guard off = Gradients.off()) {
                Tensor values = values(bucket.from(), bucket.end());
                Tensor before = values.clone();
                flat.take(bucket.from(), bucket.end(), learnt::set);
                group.sum(values);
                values.add_(before);
            }
        }
    }

    @Override
    public void forget() {}

    private boolean ready(Bucket bucket) {
        if (inPieces(bucket)) {
            return seen[partial] == 1 || (seen[partial] == 0 && partialRows >= bucket.row());
        }
        for (int i = bucket.from(); i < bucket.end(); i++) {
            if (expected[i] == 0 || seen[i] < expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the bucket's parameter is being computed some rows after the others, and by one product alone. */
    private boolean inPieces(Bucket bucket) {
        return bucket.row() > 0 && partial == bucket.from() && expected[partial] == 1;
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
        // A gradient that comes in pieces stands where it goes from, and is taken when all of it is there.
        if (inPieces(bucket) ? bucket.last() : bucket.first()) {
            flat.take(bucket.from(), bucket.end(), learnt::set);
        }
        Tally.bytes(bucket.values(), 2);
        started.add(group.startSum(bucket.values()));
    }

    private void addPieces(int parameter, Arena arena) {
        Tensor all = flat.gradient(parameter);
        long rows = pieceRows(parameter);
        for (long row = 0; row < all.size(0); row += rows) {
            long end = Math.min(all.size(0), row + rows);
            Tensor values = arena.keep(all.narrow(0, row, end - row).view(-1));
            buckets.add(new Bucket(parameter, parameter + 1, values, end, row == 0, end == all.size(0)));
        }
    }

    /** How many rows of a large parameter go at once; 0 for a small one. */
    private long pieceRows(int parameter) {
        Tensor all = flat.gradient(parameter);
        return all.numel() <= BUCKET || all.dim() < 2 ? 0 : Math.max(1, BUCKET / (all.numel() / all.size(0)));
    }

    private Tensor values(int from, int end) {
        return flat.gradients().narrow(0, flat.places().get(from).from(), size(from, end));
    }

    private long size(int from, int end) {
        return flat.places().get(end - 1).end() - flat.places().get(from).from();
    }
}
