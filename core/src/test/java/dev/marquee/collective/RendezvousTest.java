package dev.marquee.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** What goes wrong before any exchange: all of it is found at the rendezvous, without the engine. */
class RendezvousTest {
    private static final Optional<String> SECRET = Optional.of("a secret");
    private static final Duration SOON = Duration.ofMillis(700);
    private static final Executor THREADS = task -> new Thread(task).start();
    private static final Duration LONG = Duration.ofSeconds(20);

    private final List<String> warnings = new CopyOnWriteArrayList<>();

    @Test
    void from_torchrunsEnvironment_isReadWithDefaults() {
        Map<String, String> environment =
                Map.of("RANK", "1", "WORLD_SIZE", "4", "MASTER_ADDR", "10.0.0.7", "MASTER_PORT", "29500");
        Rendezvous rendezvous = Rendezvous.from(environment).orElseThrow();

        assertThat(rendezvous.host()).isEqualTo("10.0.0.7");
        assertThat(rendezvous.port()).isEqualTo(29_500);
        assertThat(rendezvous.rank()).isEqualTo(1);
        assertThat(rendezvous.size()).isEqualTo(4);
        assertThat(rendezvous.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(rendezvous.hosted()).isFalse();
    }

    @Test
    void from_allVariables_areRead() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "RANK", "1", "WORLD_SIZE", "4", "MASTER_PORT", "29500", "LOCAL_RANK", "1", "MARQUEE_HOSTED", "1"));
        environment.putAll(Map.of(
                "MARQUEE_ATTEMPT", "3",
                "MARQUEE_SECRET", "x",
                "MARQUEE_TIMEOUT", "500ms",
                "MARQUEE_PATIENCE", "2m",
                "MARQUEE_INTERFACE", "eth0"));
        Rendezvous rendezvous = Rendezvous.from(environment).orElseThrow();

        assertThat(rendezvous.host()).isEqualTo("127.0.0.1");
        assertThat(rendezvous.localRank()).isEqualTo(1);
        assertThat(rendezvous.hosted()).isTrue();
        assertThat(rendezvous.attempt()).isEqualTo(3);
        assertThat(rendezvous.secret()).contains("x");
        assertThat(rendezvous.timeout()).isEqualTo(Duration.ofMillis(500));
        assertThat(rendezvous.patience()).isEqualTo(Duration.ofMinutes(2));
        assertThat(rendezvous.network()).contains("eth0");
    }

    @Test
    void from_environmentWithoutAGroup_isEmpty() {
        assertThat(Rendezvous.from(Map.of("MASTER_ADDR", "x"))).isEmpty();
    }

    @Test
    void from_wrongValues_saysWhichVariable() {
        assertThatThrownBy(() -> Rendezvous.from(Map.of("RANK", "2", "WORLD_SIZE", "2", "MASTER_PORT", "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("RANK must be 0 to WORLD_SIZE - 1; it is 2, and WORLD_SIZE is 2");
        assertThatThrownBy(() -> Rendezvous.from(Map.of("RANK", "0", "WORLD_SIZE", "2")))
                .hasMessage("the environment variable MASTER_PORT must be a number, and is missing");
        assertThatThrownBy(() -> Rendezvous.from(
                        Map.of("RANK", "0", "WORLD_SIZE", "2", "MASTER_PORT", "1", "MARQUEE_TIMEOUT", "soon")))
                .hasMessageContaining("\"soon\" is not a span of time");
    }

    @Test
    void join_wrongSecret_isRefusedAtOnceAndTheHostIsWarned() {
        try (RendezvousServer server = open()) {
            assertThatThrownBy(() ->
                            RendezvousClient.connect("127.0.0.1", server.port(), Optional.of("guess"), LONG, LONG))
                    .isInstanceOf(GroupException.class)
                    .hasMessage("the rendezvous at 127.0.0.1:" + server.port()
                            + " has another secret than this process: set MARQUEE_SECRET to the same text everywhere");
            server.drain(LONG);
            assertThat(warnings)
                    .containsExactly("refused a process at 127.0.0.1: it does not know the secret of this rendezvous");
        }
    }

    @Test
    void join_rankTwice_tellsAll() {
        try (RendezvousServer server = open()) {
            assertThat(join(server, List.of(0, 0), 3, List.of(Map.of(), Map.of()), LONG))
                    .containsOnly("these processes cannot train together: rank 0 came twice: two processes were started"
                            + " with the same RANK")
                    .hasSize(2);
        }
    }

    @Test
    void join_missingRanks_namesThemAfterTheTimeOut() {
        try (RendezvousServer server = open()) {
            assertThat(join(server, List.of(1), 4, List.of(Map.of()), SOON))
                    .containsExactly("these processes cannot train together: ranks 0, 2 and 3 of 4 did not come within"
                            + " 700 ms");
        }
    }

    @Test
    void join_differingFacts_tellsAllWhatDiffersWhere() {
        try (RendezvousServer server = open()) {
            Map<String, String> usual = Map.of("recipe", "abc", "version", "1.0");
            Map<String, String> other = Map.of("recipe", "xyz", "version", "1.0");
            assertThat(join(server, List.of(0, 1, 2), 3, List.of(usual, other, usual), LONG))
                    .containsOnly("these processes cannot train together: they differ:\n"
                            + "  recipe: abc on ranks 0 and 2, xyz on rank 1")
                    .hasSize(3);
        }
    }

    /** A schema with many columns, say. */
    @Test
    void join_longFacts_areComparedWhole() {
        try (RendezvousServer server = open()) {
            String text = "äé".repeat(200_000);
            Map<String, String> usual = Map.of("recipe", text + "1");
            assertThat(join(server, List.of(0, 1), 2, List.of(usual, Map.of("recipe", text + "2")), LONG))
                    .hasSize(2)
                    .allSatisfy(message -> assertThat(message).contains("they differ:\n  recipe: äéäé"));
        }
    }

    @Test
    void join_differingWorldSizes_isRefused() {
        try (RendezvousServer server = open();
                RendezvousClient first = connect(server);
                RendezvousClient second = connect(server)) {
            CompletableFuture<String> other = CompletableFuture.supplyAsync(
                    () -> message(() -> first.join("g", 0, 3, Map.of(), LONG, LONG)), THREADS);
            assertThat(message(() -> second.join("g", 1, 2, Map.of(), LONG, LONG)))
                    .startsWith("these processes cannot train together: rank ")
                    .contains("was started with a world size of");
            assertThat(other.join()).contains("was started with a world size of");
        }
    }

    @Test
    void open_forOtherMachinesWithoutASecret_isRefused() {
        assertThatThrownBy(() -> RendezvousServer.open("0.0.0.0", 0, Optional.empty(), warnings::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it needs a secret: set MARQUEE_SECRET");
    }

    @Test
    void connect_whereNobodyListens_saysSo() throws Exception {
        int port;
        try (RendezvousServer server = open()) {
            port = server.port();
        }
        assertThatThrownBy(() -> RendezvousClient.connect("127.0.0.1", port, SECRET, SOON, SOON))
                .isInstanceOf(GroupException.class)
                .hasMessage("nobody answered at the rendezvous 127.0.0.1:" + port
                        + " within 700 ms: nothing listens there;" + " rank 0, or the launcher, must be running there");
    }

    @Test
    void losses_memberThatEndsOrIsSilent_areToldInTheOrderSeen() {
        Duration silence = Duration.ofMillis(600);
        try (RendezvousServer server = open();
                RendezvousClient beating = connect(server);
                RendezvousClient silent = connect(server)) {
            RendezvousClient ending = connect(server);
            List<CompletableFuture<Void>> joins = new ArrayList<>();
            List<RendezvousClient> members = List.of(beating, silent, ending);
            for (int rank = 0; rank < 3; rank++) {
                int mine = rank;
                joins.add(CompletableFuture.runAsync(
                        () -> members.get(mine).join("g", mine, 3, Map.of(), silence, LONG), THREADS));
            }
            joins.forEach(CompletableFuture::join);
            try (Heartbeat heartbeat = Heartbeat.start(connect(server), "g", 0, silence)) {
                ending.close();
                while (heartbeat.losses().size() < 2) {
                    Thread.onSpinWait();
                }
                assertThat(heartbeat.losses())
                        .containsExactly(
                                new Loss(2, "its process ended"),
                                new Loss(1, "it has been silent for more than 600 ms"));
                assertThat(server.losses("g")).isEqualTo(heartbeat.losses());
            }
        }
    }

    @Test
    void values_putOnce_areKeptForAllWhoWait() {
        try (RendezvousServer server = open();
                RendezvousClient one = connect(server);
                RendezvousClient other = connect(server)) {
            CompletableFuture<Optional<byte[]>> waiting =
                    CompletableFuture.supplyAsync(() -> other.get("key", LONG), THREADS);
            assertThat(one.putIfAbsent("key", new byte[] {1})).containsExactly(1);
            assertThat(waiting.join().orElseThrow()).containsExactly(1);
            assertThat(other.putIfAbsent("key", new byte[] {2})).containsExactly(1);
            assertThat(one.get("other", Duration.ofMillis(1))).isEmpty();
        }
    }

    private RendezvousServer open() {
        return RendezvousServer.open("127.0.0.1", 0, SECRET, warnings::add);
    }

    private static RendezvousClient connect(RendezvousServer server) {
        return RendezvousClient.connect("127.0.0.1", server.port(), SECRET, LONG, LONG);
    }

    /** What each member is told; all join at once. */
    private static List<String> join(
            RendezvousServer server, List<Integer> ranks, int size, List<Map<String, String>> facts, Duration wait) {
        List<CompletableFuture<String>> messages = new ArrayList<>();
        for (int i = 0; i < ranks.size(); i++) {
            int mine = i;
            messages.add(CompletableFuture.supplyAsync(
                    () -> {
                        try (RendezvousClient client = connect(server)) {
                            return message(() -> client.join("g", ranks.get(mine), size, facts.get(mine), LONG, wait));
                        }
                    },
                    THREADS));
        }
        return messages.stream().map(CompletableFuture::join).toList();
    }

    private static String message(Runnable work) {
        try {
            work.run();
            return "fine";
        } catch (GroupException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
