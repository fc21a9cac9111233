package dev.marquee.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command that starts another process like this one: same Java, same options, same classes. */
final class OwnCommand {
    private OwnCommand() {}

    /**
     * A command line.
     *
     * @param threads how many processors the process is to see
     * @param arguments of marquee
     */
    static List<String> of(int threads, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // Two processes cannot listen for one debugger, nor write one archive or recording.
            if (!option.startsWith("-agentlib:jdwp")
                    && !option.startsWith("-javaagent:")
                    && !option.startsWith("-XX:ArchiveClassesAtExit")
                    && !option.startsWith("-XX:StartFlightRecording")) {
                command.add(option);
            }
        }
        command.add("-XX:ActiveProcessorCount=" + threads);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }
}
