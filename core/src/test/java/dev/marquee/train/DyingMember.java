package dev.marquee.train;

import dev.marquee.collective.ForwardingGroup;
import dev.marquee.collective.Group;
import dev.marquee.collective.GroupException;
import dev.marquee.collective.ProcessGroup;
import dev.marquee.collective.Rendezvous;
import dev.marquee.launch.ParentWatch;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A worker process that trains with others, and in the first attempt kills itself (SIGKILL) or stops (SIGSTOP) at a chosen
 * moment.
 */
final class DyingMember extends ForwardingGroup {
    /** Ends a worker that has lost another one. */
    private static final int LOST_ANOTHER = 75;

    /** When to die. */
    enum Moment {
        NEVER,
        BEFORE_RENDEZVOUS,
        FIRST_STEP,
        IN_EXCHANGE,
        /** While rank 0 writes a checkpoint, or just after. */
        OTHER_SAVES,
        EVALUATION,
        /** Rank 0, with a checkpoint half written. */
        SAVES
    }

    private static final int STEPS_TO_A_CHECKPOINT = 4;

    private final Moment moment;
    private final String signal;
    private int steps;

    private DyingMember(Group group, Moment moment, String signal) {
        super(group);
        this.moment = moment;
        this.signal = signal;
    }

    /** Takes a recipe's file, the run's folder, the moment, and the signal. */
    public static void main(String[] arguments) throws Exception {
        ParentWatch.start(System.getenv(), System.in);
        Rendezvous meeting = Rendezvous.from(System.getenv()).orElseThrow();
        Recipe recipe = Recipe.load(Path.of(arguments[0]));
        Path folder = Path.of(arguments[1]);
        Moment wanted = Moment.valueOf(arguments[2]);
        int dying = wanted == Moment.SAVES ? 0 : 1;
        Moment moment = meeting.attempt() == 0 && meeting.rank() == dying ? wanted : Moment.NEVER;
        if (moment == Moment.BEFORE_RENDEZVOUS) {
            die(arguments[3]);
        }
        try (Group joined =
                ProcessGroup.join(meeting, recipe.distributed().transport(), Trainer.facts(recipe), warning -> {})) {
            Group group = new DyingMember(joined, moment, arguments[3]);
            if (moment == Moment.SAVES) {
                watch(folder.resolve("checkpoints"), arguments[3]);
            }
            boolean resume = meeting.attempt() > 0 && RunFolders.isRun(folder);
            String whatRankZeroSaw = new String(
                    joined.gather(String.valueOf(resume).getBytes(StandardCharsets.UTF_8))
                            .get(0),
                    StandardCharsets.UTF_8);
            try (Run run = Boolean.parseBoolean(whatRankZeroSaw)
                    ? Trainer.resume(recipe, folder, group, Optional.empty(), Progress.silent())
                    : Trainer.train(recipe, folder, group, Optional.empty(), Progress.silent())) {
                group.barrier();
            }
        } catch (GroupException e) {
            Files.writeString(Path.of(System.getenv("MARQUEE_ERROR_FILE")), e.getMessage());
            Runtime.getRuntime().halt(e.isLoss() ? LOST_ANOTHER : 1);
        }
        System.exit(0);
    }

    /** Dies when a file in the folder has its temporary name. */
    private static void watch(Path folder, String signal) {
        Thread thread = new Thread(() -> {
            while (true) {
                try (Stream<Path> files = Files.exists(folder) ? Files.list(folder) : Stream.empty()) {
                    if (files.anyMatch(file -> file.getFileName().toString().startsWith("."))) {
                        die(signal);
                    }
                } catch (IOException e) {
                    // A folder that changes is looked at again.
                }
                Thread.onSpinWait();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void die(String signal) {
        try {
            new ProcessBuilder(
                            "kill",
                            "-" + signal,
                            String.valueOf(ProcessHandle.current().pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void dieAt(Moment now) {
        if (moment == now) {
            die(signal);
        }
    }

    @Override
    public Exchange startSum(Tensor values) {
        // A step begins with the sum of what its samples count for.
        if (DType.of(values) == DType.FLOAT64 && values.numel() == 1) {
            steps++;
            if (steps == 1) {
                dieAt(Moment.FIRST_STEP);
            }
            if (steps == STEPS_TO_A_CHECKPOINT + 1) {
                dieAt(Moment.OTHER_SAVES);
            }
        }
        Exchange exchange = super.startSum(values);
        if (steps == STEPS_TO_A_CHECKPOINT + 2) {
            dieAt(Moment.IN_EXCHANGE);
        }
        return exchange;
    }

    @Override
    public List<Tensor> gather(Tensor mine) {
        dieAt(Moment.EVALUATION);
        return super.gather(mine);
    }
}
