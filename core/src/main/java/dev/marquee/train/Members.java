package dev.marquee.train;

import dev.marquee.collective.Group;
import dev.marquee.collective.GroupException;
import dev.marquee.data.Share;
import dev.marquee.tensor.Tensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.Tensor;

/**
 * The processes that train together, as one of them sees them: what they must agree on. Alone, a process agrees with
 * itself and exchanges nothing.
 */
final class Members {
    /** Who decides, writes and tells. */
    private static final int LEADER = 0;

    private final Group group;

    Members(Group group) {
        this.group = group;
    }

    static Members alone() {
        return new Members(Group.alone());
    }

    Group group() {
        return group;
    }

    /** Whether there are several. */
    boolean several() {
        return group.size() > 1;
    }

    /** Whether this one writes the run folder, and tells how it goes. */
    boolean lead() {
        return group.rank() == LEADER;
    }

    /** Which rows of each batch are this member's. */
    Share share() {
        return new Share(group.rank(), group.size());
    }

    /** What a member other than the leader tells: what its own caller may need to know. */
    Progress quiet(Progress progress) {
        if (lead()) {
            return progress;
        }
        return new Progress() {
            @Override
            public void notice(String topic, String message) {
                progress.notice(topic, message);
            }

            @Override
            public void warning(String message) {
                progress.warning(message);
            }

            @Override
            public boolean stopRequested() {
                return progress.stopRequested();
            }
        };
    }

    /**
     * Makes sure that all members are at the same.
     *
     * @param facts by name
     * @throws GroupException naming what differs, on every member
     */
    void requireSame(Map<String, String> facts) {
        if (several()) {
            group.agree(facts);
        }
    }

    /**
     * Gives every member the leader's values, and makes sure that they arrived.
     *
     * @param all tensors by name
     * @param own the names of those that each member has for itself
     */
    void spread(String what, Map<String, Tensor> all, Set<String> own) {
        if (!several()) {
            return;
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>(all);
        tensors.keySet().removeAll(own);
        tensors.values().stream()
                .filter(tensor -> tensor.numel() > 0)
                .forEach(tensor -> group.broadcast(tensor, LEADER));
        requireSame(Map.of("checksum of " + what, checksum(tensors)));
    }

    /** The numbers that the leader has measured. */
    Map<String, Double> ofLeader(Supplier<Map<String, Double>> numbers) {
        if (!several()) {
            return numbers.get();
        }
        byte[] mine = lead() ? write(numbers.get()) : new byte[0];
        return read(group.gather(mine).get(LEADER));
    }

    /** The leader's text. */
    String textOfLeader(Supplier<String> text) {
        if (!several()) {
            return text.get();
        }
        byte[] mine = lead() ? text.get().getBytes(StandardCharsets.UTF_8) : new byte[0];
        return new String(group.gather(mine).get(LEADER), StandardCharsets.UTF_8);
    }

    /** The texts of all members, by rank. */
    List<String> texts(String mine) {
        return group.gather(mine.getBytes(StandardCharsets.UTF_8)).stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toList();
    }

    /** Whether any member says so. */
    boolean any(boolean mine) {
        if (!several()) {
            return mine;
        }
        return group.gather(new byte[] {(byte) (mine ? 1 : 0)}).stream().anyMatch(one -> one[0] != 0);
    }

    /** Waits for the leader to have written what others read. */
    void await() {
        if (several()) {
            group.barrier();
        }
    }

    private static String checksum(Map<String, Tensor> tensors) {
        CRC32C sum = new CRC32C();
        tensors.forEach((name, tensor) -> {
            sum.update(name.getBytes(StandardCharsets.UTF_8));
            sum.update(Arrays.toString(Tensors.shape(tensor)).getBytes(StandardCharsets.UTF_8));
            if (tensor.numel() > 0) {
                Tensors.eachChunk(tensor, sum::update);
            }
        });
        return Long.toHexString(sum.getValue());
    }

    private static byte[] write(Map<String, Double> values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(values.size());
            for (Map.Entry<String, Double> value : values.entrySet()) {
                out.writeUTF(value.getKey());
                out.writeDouble(value.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Map<String, Double> read(byte[] bytes) {
        Map<String, Double> values = new LinkedHashMap<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            for (int left = in.readInt(); left > 0; left--) {
                String name = in.readUTF();
                values.put(name, in.readDouble());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return values;
    }
}
