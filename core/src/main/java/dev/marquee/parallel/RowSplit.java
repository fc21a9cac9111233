package dev.marquee.parallel;

import dev.marquee.nn.DistinctIds;
import dev.marquee.nn.TableShard;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The distinct rows of a batch by who keeps them: for each member, and after these for rows that all have. The first row of
 * each is that of padding.
 *
 * @param rows their numbers as the member counts them
 * @param positions where they stand among the distinct rows of the batch, int64
 */
record RowSplit(List<DistinctIds> rows, List<Tensor> positions) {
    /** Splits; the tensors are those of the open scope. */
    static RowSplit of(DistinctIds ids, TableShard shard) {
        int world = shard.sharding().world();
        IntBuffer rows = Tensors.bytes(ids.rows()).asIntBuffer();
        int[] targets = new int[ids.count()];
        int[] counts = new int[world + 1];
        for (int i = 1; i < targets.length; i++) {
            int owner = shard.owner(rows.get(i));
            targets[i] = owner == TableShard.EVERYBODY ? world : owner;
            counts[targets[i]]++;
        }
        List<Tensor> numbers = new ArrayList<>();
        List<Tensor> positions = new ArrayList<>();
        List<IntBuffer> intoNumbers = new ArrayList<>();
        List<LongBuffer> intoPositions = new ArrayList<>();
        for (int count : counts) {
            Tensor number = Tensors.empty(DType.INT32, 1 + count);
            Tensor position = Tensors.empty(DType.INT64, 1 + count);
            numbers.add(number);
            positions.add(position);
            intoNumbers.add(Tensors.bytes(number).asIntBuffer().put(0));
            intoPositions.add(Tensors.bytes(position).asLongBuffer().put(0));
        }
        for (int i = 1; i < targets.length; i++) {
            intoNumbers.get(targets[i]).put(shard.localRow(rows.get(i)));
            intoPositions.get(targets[i]).put(i);
        }
        return new RowSplit(numbers.stream().map(DistinctIds::ofRows).toList(), positions);
    }

    /** Whether a target has none but padding. */
    boolean isEmpty(int target) {
        return rows.get(target).count() == 1;
    }
}
