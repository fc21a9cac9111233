package dev.marquee.spark;

import dev.marquee.collective.Group;
import dev.marquee.collective.GroupException;
import dev.marquee.collective.ProcessGroup;
import dev.marquee.collective.Rendezvous;
import dev.marquee.launch.ParentWatch;
import dev.marquee.recipe.Recipe;
import dev.marquee.train.Progress;
import dev.marquee.train.Run;
import dev.marquee.train.RunFolders;
import dev.marquee.train.Trainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The process of one worker, started by a task of Spark; knows nothing of Spark. */
final class RankMain {
    /** The process ends with it when it has lost another one. */
    static final int LOST_ANOTHER = 75;

    /** Where it leaves the reason when it fails. */
    static final String ERROR_FILE = "MARQUEE_ERROR_FILE";

    private static final int FAILED = 1;

    private RankMain() {}

    /**
     * Trains as one member of the group that the environment describes.
     *
     * @param arguments the recipe's file, the run's folder, the folder for prepared rows, the number of threads
     */
    public static void main(String[] arguments) {
        ParentWatch.start(System.getenv(), System.in);
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        try {
            Recipe recipe = Recipe.load(Path.of(arguments.get(0)))
                    .with(Map.of(
                            "data.prepared_path", arguments.get(2),
                            "engine.threads", Integer.parseInt(arguments.get(3))));
            train(recipe, Path.of(arguments.get(1)));
            return 0;
        } catch (RuntimeException | Error e) {
            e.printStackTrace();
            tell(String.valueOf(e.getMessage() == null ? e : e.getMessage()));
            return e instanceof GroupException group && group.isLoss() ? LOST_ANOTHER : FAILED;
        }
    }

    private static void train(Recipe recipe, Path folder) {
        Rendezvous meeting = Rendezvous.from(System.getenv())
                .orElseThrow(() -> new IllegalStateException("this process is started by a task of Spark only"));
        Progress progress = progress();
        try (Group group = ProcessGroup.join(
                meeting, recipe.distributed().transport(), Trainer.facts(recipe), progress::warning)) {
            // Rank 0 decides: it wrote what there is.
            boolean resume = Boolean.parseBoolean(text(
                    group.gather(bytes(String.valueOf(meeting.attempt() > 0 && RunFolders.isRun(folder))))
                            .get(0)));
            Run run = resume
                    ? Trainer.resume(recipe, folder, group, Optional.empty(), progress)
                    : Trainer.train(recipe, folder, group, Optional.empty(), progress);
            run.close();
        }
    }

    private static Progress progress() {
        Progress lines = Progress.lines(System.out);
        return new Progress() {
            @Override
            public void notice(String topic, String message) {
                System.out.println(topic + "  " + message);
            }

            @Override
            public void warning(String message) {
                lines.warning(message);
            }

            @Override
            public void epochEnded(EpochResult result) {
                System.out.println(result.line() + "  " + result.validation());
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void tell(String reason) {
        String file = System.getenv(ERROR_FILE);
        if (file != null) {
            try {
                Files.writeString(Path.of(file), reason);
            } catch (IOException e) {
                System.err.println("cannot write " + file + ": " + e.getMessage());
            }
        }
    }
}
