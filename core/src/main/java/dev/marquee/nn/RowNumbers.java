package dev.marquee.nn;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * Numbers rows in the order of their first occurrence; row 0 has number 0. A hash table with linear probing, kept by each
 * thread from batch to batch: it grows with the distinct rows of a batch, not with its ids.
 */
final class RowNumbers {
    private static final ThreadLocal<RowNumbers> OWN = ThreadLocal.withInitial(RowNumbers::new);
    private static final int SMALLEST = 1 << 10;

    /** The row in the upper half, its number plus one in the lower; 0 where nothing is. */
    private long[] slots = new long[SMALLEST];

    private int shift = Integer.SIZE - 10;
    private int[] rows = new int[SMALLEST / 2];
    private int count;

    private RowNumbers() {}

    /** This thread's table, emptied. */
    static RowNumbers start() {
        RowNumbers numbers = OWN.get();
        Arrays.fill(numbers.slots, 0);
        numbers.count = 0;
        numbers.of(0);
        return numbers;
    }

    /** A table of its own, which other threads may search. */
    static RowNumbers of(int[] rows) {
        RowNumbers numbers = new RowNumbers();
        for (int row : rows) {
            numbers.of(row);
        }
        return numbers;
    }

    /** The number of a row; -1 when it has none. */
    int find(int row) {
        int slot = slot(row);
        for (long entry = slots[slot]; entry != 0; entry = slots[slot]) {
            if ((int) (entry >>> Integer.SIZE) == row) {
                return (int) entry - 1;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return -1;
    }

    /** The number of a row. */
    int of(int row) {
        int slot = slot(row);
        for (long entry = slots[slot]; entry != 0; entry = slots[slot]) {
            if ((int) (entry >>> Integer.SIZE) == row) {
                return (int) entry - 1;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        if (count == rows.length) {
            grow();
            return of(row);
        }
        slots[slot] = ((long) row << Integer.SIZE) | (count + 1);
        rows[count] = row;
        return count++;
    }

    /** How many distinct rows there were. */
    int count() {
        return count;
    }

    /** The rows by number: {@code [count]} int32. */
    Tensor rows() {
        Tensor tensor = Tensors.empty(DType.INT32, count);
        Tensors.bytes(tensor).asIntBuffer().put(rows, 0, count);
        return tensor;
    }

    private int slot(int row) {
        return (row * 0x9E3779B9) >>> shift;
    }

    /** Keeps the table at most half full. */
    private void grow() {
        rows = Arrays.copyOf(rows, 2 * rows.length);
        slots = new long[2 * slots.length];
        shift--;
        for (int number = 0; number < count; number++) {
            int slot = slot(rows[number]);
            while (slots[slot] != 0) {
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = ((long) rows[number] << Integer.SIZE) | (number + 1);
        }
    }
}
