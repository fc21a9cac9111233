package dev.marquee.collective;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A group of one process. */
final class Alone implements Group {
    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public Exchange startSum(Tensor values) {
        return () -> {};
    }

    @Override
    public void broadcast(Tensor values, int root) {}

    @Override
    public List<Tensor> gather(Tensor mine) {
        return List.of(mine);
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        return List.of(mine);
    }

    @Override
    public List<Tensor> exchange(List<Tensor> parts) {
        return List.copyOf(parts);
    }

    @Override
    public void barrier() {}

    @Override
    public void close() {}
}
