package dev.marquee.measure;

import dev.marquee.collective.Group;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** See {@link Workload#exchange}. */
final class ExchangeStep implements Workload {
    private final long bytes;
    private final Arena arena = Arena.open("benchmark data");
    private final Tensor values;
    private Group group = Group.alone();

    ExchangeStep(long bytes) {
        this.bytes = bytes;
        try (Scope scope = Scope.open()) {
            values = arena.keep(Tensors.zeros(DType.FLOAT32, Math.max(1, bytes / DType.FLOAT32.bytes())));
        }
    }

    @Override
    public String name() {
        return "sum of " + bytes + " bytes";
    }

    @Override
    public long samples() {
        return 1;
    }

    @Override
    public double flops() {
        return 0;
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("work", "exchange", "bytes", bytes);
    }

    @Override
    public void join(Group newGroup, boolean overlap) {
        group = newGroup;
    }

    @Override
    public void step() {
        group.sum(values);
    }

    @Override
    public void close() {
        arena.close();
    }
}
