package dev.marquee.collective;

import dev.marquee.tensor.Engine;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The memory that processes of one machine share: a file that rank 0 makes and all map. Its name is removed as soon as all
 * have done so; the memory goes with the last of them, however it ends.
 */
final class SharedFile {
    private static final String PREFIX = "marquee-shared-";
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String ELSEWHERE = "is on another machine than rank 0";
    private static final int ZEROS = 1 << 20;
    private static final Duration LOOK = Duration.ofMillis(200);

    /** A name that has not been removed by then belongs to nobody: its maker was killed before all had mapped it. */
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private final Rendezvous rendezvous;
    private final RendezvousClient client;
    private final Heartbeat heartbeat;
    private final String prefix;

    /**
     * What the members agreed on.
     *
     * @param regions one for each rank; empty where they cannot share memory
     * @param why they cannot; empty where they can
     */
    record Outcome(List<SharedRegion> regions, String why) {
        /** Whether they are on one machine, as far as they know. */
        boolean oneMachine() {
            return !why.contains(ELSEWHERE);
        }
    }

    private SharedFile(Rendezvous rendezvous, RendezvousClient client, Heartbeat heartbeat) {
        this.rendezvous = rendezvous;
        this.client = client;
        this.heartbeat = heartbeat;
        this.prefix = "shared-" + rendezvous.group() + "/";
    }

    /** Shares memory with all others, which all must be in the same call, and come to the same outcome. */
    static Outcome share(Rendezvous rendezvous, RendezvousClient client, Heartbeat heartbeat) {
        Engine.load();
        return new SharedFile(rendezvous, client, heartbeat).share();
    }

    private Outcome share() {
        return rendezvous.rank() == 0 ? offer() : follow();
    }

    /** Rank 0 makes the file, and hears whether all others have mapped it. */
    private Outcome offer() {
        List<String> faults = new ArrayList<>();
        Path file = null;
        List<SharedRegion> regions = List.of();
        try {
            try {
                file = make(rendezvous.size() * (long) SharedRegion.BYTES);
                regions = map(file);
                put("file", machine() + "\n" + file);
            } catch (IOException | RuntimeException e) {
                faults.add("rank 0 cannot make a file in " + folder() + ": " + e.getMessage());
                put("file", "");
            }
            for (int rank = 1; rank < rendezvous.size(); rank++) {
                String answer = get("rank-" + rank);
                if (!answer.isEmpty() && faults.isEmpty()) {
                    faults.add("rank " + rank + " " + answer);
                }
            }
        } finally {
            delete(file);
        }
        String why = String.join("; ", faults);
        put("outcome", why);
        return outcome(regions, why);
    }

    private Outcome follow() {
        List<SharedRegion> regions = List.of();
        String answer = "";
        String offered = get("file");
        if (!offered.isEmpty()) {
            String[] lines = offered.split("\n", 2);
            try {
                if (lines[0].equals(machine())) {
                    regions = map(Path.of(lines[1]));
                } else {
                    answer = ELSEWHERE;
                }
            } catch (IOException | RuntimeException e) {
                answer = "cannot map " + lines[1] + " of rank 0: " + e;
            }
        }
        put("rank-" + rendezvous.rank(), answer);
        return outcome(regions, get("outcome"));
    }

    private static Outcome outcome(List<SharedRegion> regions, String why) {
        if (why.isEmpty()) {
            return new Outcome(regions, why);
        }
        regions.forEach(SharedRegion::close);
        return new Outcome(List.of(), why);
    }

    private void put(String key, String value) {
        client.put(prefix + key, value.getBytes(StandardCharsets.UTF_8));
    }

    private String get(String key) {
        long end = System.nanoTime() + 2 * rendezvous.timeout().toNanos();
        while (true) {
            Optional<byte[]> value = client.get(prefix + key, LOOK);
            if (value.isPresent()) {
                return new String(value.get(), StandardCharsets.UTF_8);
            }
            Losses.check(heartbeat, rendezvous, "while the members connected");
            if (System.nanoTime() > end) {
                throw new GroupException("the members could not agree on how to exchange within "
                        + Spans.text(rendezvous.timeout().multipliedBy(2)));
            }
        }
    }

    private List<SharedRegion> map(Path file) throws IOException {
        List<SharedRegion> regions = new ArrayList<>();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int rank = 0; rank < rendezvous.size(); rank++) {
                long from = (long) rank * SharedRegion.BYTES;
                regions.add(new SharedRegion(channel.map(FileChannel.MapMode.READ_WRITE, from, SharedRegion.BYTES)));
            }
        }
        return regions;
    }

    private static Path make(long bytes) throws IOException {
        Path folder = folder();
        removeForgotten(folder);
        Path file = Files.createTempFile(folder, PREFIX, ".memory");
        // Written, not only stretched: where there is no room, a process that touches such memory is killed.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
            for (long left = bytes; left > 0; left -= zeros.limit()) {
                zeros.clear().limit((int) Math.min(ZEROS, left));
                while (zeros.hasRemaining()) {
                    channel.write(zeros);
                }
            }
        } catch (IOException e) {
            delete(file);
            throw e;
        }
        return file;
    }

    private static Path folder() {
        return Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static void removeForgotten(Path folder) throws IOException {
        Instant before = Instant.now().minus(FORGOTTEN);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*")) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            // Others remove theirs at the same time.
        }
    }

    /** Tells machines apart; two containers of one machine are told apart by whether they see one file. */
    private static String machine() throws IOException {
        return Files.isReadable(BOOT)
                ? Files.readString(BOOT).strip()
                : InetAddress.getLocalHost().toString();
    }

    private static void delete(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // Found and removed by a later training.
            }
        }
    }
}
