package dev.marquee.collective;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A member that does what another does; for tests that look on, or interfere, at some of it. */
public abstract class ForwardingGroup implements Group {
    private final Group group;

    /** Of the member that does it. */
    protected ForwardingGroup(Group group) {
        this.group = group;
    }

    @Override
    public int rank() {
        return group.rank();
    }

    @Override
    public int size() {
        return group.size();
    }

    @Override
    public Exchange startSum(Tensor values) {
        return group.startSum(values);
    }

    @Override
    public void broadcast(Tensor values, int root) {
        group.broadcast(values, root);
    }

    @Override
    public List<Tensor> gather(Tensor mine) {
        return group.gather(mine);
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        return group.gather(mine);
    }

    @Override
    public List<Tensor> exchange(List<Tensor> parts) {
        return group.exchange(parts);
    }

    @Override
    public void barrier() {
        group.barrier();
    }

    @Override
    public void close() {
        group.close();
    }
}
