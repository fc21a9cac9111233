package dev.marquee.profile;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a training kept in memory.
 *
 * @param peakResident the most main memory that the process had, in bytes; null where the system does not tell
 * @param peakHeap the most that Java's objects took, in bytes: the sum of the peaks of all its pools
 * @param arenas bytes of the tensors that outlive a step, by what holds them
 * @param kinds bytes by what they are for: parameters, tables, optimiser state
 * @param largest the largest tensors
 */
public record Memory(
        @Nullable Long peakResident,
        long peakHeap,
        Map<String, Long> arenas,
        Map<String, Long> kinds,
        List<Sized> largest) {
    private static final int MOST_TENSORS = 10;
    private static final Path STATUS = Path.of("/proc/self/status");

    /** Copies. */
    public Memory {
        arenas = Collections.unmodifiableMap(new LinkedHashMap<>(arenas));
        kinds = Collections.unmodifiableMap(new LinkedHashMap<>(kinds));
        largest = List.copyOf(largest);
    }

    /**
     * A tensor.
     *
     * @param name by which a checkpoint knows it
     * @param kind what it is for: parameters, tables, optimiser state
     * @param bytes its size
     */
    public record Sized(String name, String kind, long bytes) {}

    /**
     * Asks the system and the virtual machine.
     *
     * @param arenas bytes by what holds them
     * @param tensors all tensors of the training
     * @return what is known now
     */
    public static Memory now(Map<String, Long> arenas, List<Sized> tensors) {
        Map<String, Long> kinds = new LinkedHashMap<>();
        tensors.forEach(tensor -> kinds.merge(tensor.kind(), tensor.bytes(), Long::sum));
        return new Memory(
                peakResident(STATUS),
                ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToLong(usage -> usage.getUsed())
                        .sum(),
                arenas,
                kinds,
                tensors.stream()
                        .sorted(Comparator.comparingLong(Sized::bytes).reversed())
                        .limit(MOST_TENSORS)
                        .toList());
    }

    /** Linux tells the high-water mark in {@code VmHWM}. */
    static @Nullable Long peakResident(Path status) {
        try {
            return Files.readAllLines(status, StandardCharsets.UTF_8).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> 1024 * Long.valueOf(line.replaceAll("\\D+", "")))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }
}
