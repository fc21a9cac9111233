package dev.marquee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.profile.Memory;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Roof;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileTableTest {
    private static final Profile.Times TIMES = new Profile.Times(10, 5, 4.5, 9);

    @TempDir
    Path folder;

    @Test
    void lines_profile_areATableWithWhatWasReached() {
        Profile profile = new Profile(
                2,
                10,
                1000,
                2,
                TIMES,
                List.of(
                        new Profile.Row("forward", 1.5, 0.75, TIMES, 30, 20, 0, 0, "products", 25.0),
                        new Profile.Row("saving", 0, 0, TIMES, 0, 0, 0, 0, "nothing", null),
                        new Profile.Row("other", 0.5, 0.25, TIMES, 0, 0, 0, 0, "nothing", null)),
                List.of(),
                new Roof(2, 80, 12.5),
                new Memory(
                        3L << 30,
                        200 << 20,
                        Map.of("parameters", 5L << 20),
                        Map.of(),
                        List.of(new Memory.Sized("embedding.user", "tables", 4 << 20))),
                2048,
                10);
        assertThat(String.join("\n", ProfileTable.lines(profile))).isEqualTo("""
                where the time went: 10 steps, 2.0 s, 20,000 samples/s of steps
                phase      seconds  share    times   mean ms median ms    p99 ms  GFLOP/s     GB/s  % roof
                forward       1.50  75.0%       10      5.00      4.50      9.00     20.0             25.0
                other         0.50  25.0%       10      5.00      4.50      9.00
                step                            10      5.00      4.50      9.00
                roof      80 GFLOP/s of products, 12.5 GB/s of copies, 2 threads, measured at the end
                memory    peak 3.00 GiB, Java heap at most 200.0 MiB, tensors kept 5.0 MiB; 2.0 KiB of Java objects a step
                largest   embedding.user 4.0 MiB""");
    }

    @Test
    void print_withoutAProfile_printsNothing() {
        StringWriter out = new StringWriter();
        new ProfileTable().print(new PrintWriter(out));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void train_profile_printsTheTableAndKeepsTheFiles() {
        Path run = folder.resolve("run");
        Path recipe = TinyLog.recipe(folder.resolve("mine.yaml"), TinyLog.csv(folder.resolve("clicks.csv")));
        Cli trained = Cli.run("train", recipe, "--profile", "--out", run);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out())
                .contains("where the time went: ", "forward ", "backward ", "update ", "GFLOP/s of products");
        assertThat(Files.exists(run.resolve("profile.json"))).isTrue();
        assertThat(Files.exists(run.resolve("trace.json"))).isTrue();
    }
}
