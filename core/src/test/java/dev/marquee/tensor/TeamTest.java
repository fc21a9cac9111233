package dev.marquee.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TeamTest {
    @AfterEach
    void restoreThreads() {
        Engine.useThreads(2);
    }

    @Test
    void run_threeMembers_workEachOnAThreadOfItsOwnAndAllHaveFinished() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicIntegerArray done = new AtomicIntegerArray(3);
        try (Team team = Team.open(3)) {
            for (int task = 1; task <= 1000; task++) {
                team.run(member -> {
                    threads.add(Thread.currentThread());
                    done.incrementAndGet(member);
                });
                for (int member = 0; member < 3; member++) {
                    assertThat(done.get(member)).isEqualTo(task);
                }
            }
        }
        assertThat(threads).hasSize(3).contains(Thread.currentThread());
        assertThat(threads)
                .filteredOn(thread -> !thread.equals(Thread.currentThread()))
                .noneMatch(Thread::isAlive);
    }

    @Test
    void run_memberThatFails_throwsItsErrorAfterTheOthersHaveFinished() {
        AtomicInteger finished = new AtomicInteger();
        try (Team team = Team.open(2)) {
            assertThatThrownBy(() -> team.run(member -> {
                        if (member == 1) {
                            throw new IllegalArgumentException("a bad share");
                        }
                        finished.incrementAndGet();
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a bad share");
            assertThat(finished).hasValue(1);
            team.run(member -> finished.incrementAndGet());
            assertThat(finished).hasValue(3);
        }
    }

    @Test
    void run_withinATask_isRefused() {
        try (Team team = Team.open(1)) {
            assertThatThrownBy(() -> team.run(member -> team.run(inner -> {})))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("one task at a time");
        }
    }

    @Test
    void run_secondTeamOfAThread_worksToo() {
        AtomicInteger done = new AtomicInteger();
        try (Team first = Team.open(2);
                Team second = Team.open(3)) {
            first.run(member -> done.incrementAndGet());
            second.run(member -> Ranges.split(0, 10, 1, (from, to) -> done.addAndGet(10 * (to - from))));
        }
        assertThat(done).hasValue(2 + 3 * 100);
    }

    @Test
    void open_aThousandTimes_leavesNoThreadAndNoMemoryBehind() {
        startAndStop(50);
        int threads = Thread.activeCount();
        long before = Engine.residentBytes();
        startAndStop(1000);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads);
        assertThat(Engine.residentBytes() - before).isLessThan(64L << 20);
    }

    private static void startAndStop(int times) {
        for (int i = 0; i < times; i++) {
            try (Team team = Team.open(3)) {
                team.run(member -> {
                    try (Scope scope = Scope.open()) {
                        Draws.seed(1, 2, member);
                        Tensors.empty(DType.FLOAT32, 8).bernoulli_(0.5, Draws.generator());
                    }
                });
            }
        }
    }

    @Test
    void split_whileATeamIsOpen_usesItsMembers() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicIntegerArray seen = new AtomicIntegerArray(100);
        try (Team team = Team.open(4)) {
            Ranges.split(0, 100, 10, (from, to) -> {
                threads.add(Thread.currentThread());
                for (int i = from; i < to; i++) {
                    seen.incrementAndGet(i);
                }
            });
            assertThat(threads).hasSize(team.size());
        }
        for (int i = 0; i < 100; i++) {
            assertThat(seen.get(i)).isEqualTo(1);
        }
    }
}
