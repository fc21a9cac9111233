package dev.marquee.collective;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes that train one model together, as seen by one of them. Every member calls the same methods in the same
 * order; each call returns when the exchange is complete on this member. Not for use by several threads at a time.
 *
 * <p>All methods throw a {@link GroupException} when a member is lost or does not answer in time; the group is of no use
 * after that.
 */
public interface Group extends AutoCloseable {
    /** A group of one process, which exchanges nothing. */
    static Group alone() {
        return new Alone();
    }

    /** Which member this is, from 0. */
    int rank();

    /** How many members there are (the world size). */
    int size();

    /**
     * Replaces the values of every member by their sum over all (an all-reduce). The result has the same bits on every
     * member and from run to run.
     *
     * @param values dense, of any shape, of the same shape and dtype on every member: float32, float64 or int64
     */
    default void sum(Tensor values) {
        startSum(values).await();
    }

    /**
     * Starts {@link #sum}, which goes on beside other work. The values must neither be read nor written until it is awaited.
     *
     * @param values as for {@link #sum}
     * @return the exchange under way
     */
    Exchange startSum(Tensor values);

    /**
     * Replaces the values of every member by those of one.
     *
     * @param values dense, of the same shape and dtype on every member
     * @param root the rank whose values go to all
     */
    void broadcast(Tensor values, int root);

    /**
     * Gives every member the tensors of all (an all-gather).
     *
     * @param mine {@code [rows, …]}, dense; the number of rows may differ between members (zero too), all else not
     * @return the members' tensors by rank, kept by the open scope
     */
    List<Tensor> gather(Tensor mine);

    /**
     * Gives every member the bytes of all.
     *
     * @param mine any bytes; their number may differ between members
     * @return the members' bytes by rank
     */
    List<byte[]> gather(byte[] mine);

    /**
     * Sends each member a tensor of its own and receives one from each (an all-to-all).
     *
     * @param parts for each rank, {@code [rows, …]}, dense; numbers of rows may differ (zero too), all else not
     * @return what each rank sent to this member, by rank, kept by the open scope
     */
    List<Tensor> exchange(List<Tensor> parts);

    /**
     * Makes sure that all members have the same facts: versions, fingerprints of recipe and data.
     *
     * @param facts by name
     * @throws GroupException on every member when they differ, naming each fact and the ranks
     */
    default void agree(Map<String, String> facts) {
        List<Map<String, String>> all =
                gather(Facts.write(facts)).stream().map(Facts::read).toList();
        Optional<String> difference = Facts.difference(all);
        if (difference.isPresent()) {
            throw new GroupException("these processes cannot train together: they differ:" + difference.get());
        }
    }

    /** Waits until every member is here. */
    void barrier();

    /** Leaves the group. */
    @Override
    void close();

    /** An exchange under way. */
    interface Exchange {
        /** Waits until the exchange is complete on this member. */
        void await();

        /**
         * Whether it is known to be complete on this member already.
         *
         * @return true when {@link #await} would not wait; false where that cannot be told
         */
        default boolean complete() {
            return false;
        }
    }
}
