package dev.marquee.cli;

import dev.marquee.collective.Group;
import dev.marquee.collective.ProcessGroup;
import dev.marquee.collective.Rendezvous;
import dev.marquee.recipe.Recipe;
import dev.marquee.train.Progress;
import dev.marquee.train.RunFolders;
import dev.marquee.train.Trainer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** The group that a training belongs to, as its environment tells; of one process where it tells none. */
final class Membership implements AutoCloseable {
    private final Group group;
    private final int attempt;

    private Membership(Group group, int attempt) {
        this.group = group;
        this.attempt = attempt;
    }

    /** Whether this process tells results: rank 0, or one that is in no group. */
    static boolean leads() {
        return Rendezvous.from(System.getenv())
                .map(meeting -> meeting.rank() == 0)
                .orElse(true);
    }

    static Membership join(Recipe recipe, Progress progress) {
        Optional<Rendezvous> rendezvous = Rendezvous.from(System.getenv());
        if (rendezvous.isEmpty()) {
            return new Membership(Group.alone(), 0);
        }
        Rendezvous meeting = rendezvous.get();
        Group group =
                ProcessGroup.join(meeting, recipe.distributed().transport(), Trainer.facts(recipe), progress::warning);
        progress.notice("group", "rank " + meeting.rank() + " of " + meeting.size());
        return new Membership(group, meeting.attempt());
    }

    Group group() {
        return group;
    }

    /** Rank 0's folder: without --out every process would number one for itself. */
    Path folder(Path mine) {
        return Path.of(ofLeader(mine.toString()));
    }

    /**
     * Whether to go on with a run rather than to begin one: when the user says so, and when a launcher starts the workers
     * again after a loss and there was time to begin. Rank 0 decides for all.
     */
    boolean resumes(boolean wanted, Path folder) {
        return Boolean.parseBoolean(ofLeader(String.valueOf(wanted || (attempt > 0 && RunFolders.isRun(folder)))));
    }

    private String ofLeader(String mine) {
        return new String(group.gather(mine.getBytes(StandardCharsets.UTF_8)).get(0), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        group.close();
    }
}
