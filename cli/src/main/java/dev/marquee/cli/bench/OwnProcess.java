package dev.marquee.cli.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A class of this program in a Java of its own, with the options that this one was started with. */
final class OwnProcess {
    private OwnProcess() {}

    /** The words that start it, its own arguments left out. */
    static List<String> words(List<String> options, String main) {
        List<String> words = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (option.startsWith("-Dorg.bytedeco")
                    || option.startsWith("-Dmarquee")
                    || option.startsWith("-Xm")
                    || option.matches("-XX:[+-]Use[A-Z0-9a-z]+GC")) {
                words.add(option);
            }
        }
        words.addAll(options);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        return words;
    }

    static PeerCommand command(String label, List<String> options, String main) {
        return new PeerCommand(label, words(options, main), "Java must be able to start Java.", Map.of());
    }
}
