package dev.marquee.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.optim.Optimizer;
import dev.marquee.profile.Memory;
import dev.marquee.profile.Profile;
import dev.marquee.profile.Profiler;
import dev.marquee.profile.Roof;
import dev.marquee.recipe.EngineConfig;
import dev.marquee.recipe.Recipe;
import dev.marquee.tensor.Arena;
import dev.marquee.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** {@code profile.json} and {@code trace.json} of a run. */
final class ProfileFiles {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private ProfileFiles() {}

    /** Ends the recording, and writes what it gave. */
    static void write(
            Profiling wanted,
            Profiler profiler,
            RunFolder folder,
            Recipe recipe,
            Network network,
            Optimizer optimizer) {
        profiler.stop();
        Memory memory = memory(network, optimizer); // before the measurement takes its own
        int threads = recipe.engine().effectiveThreads();
        boolean half = recipe.engine().precision() == EngineConfig.Precision.BFLOAT16;
        Roof roof = wanted.roof().map(source -> source.measure(threads, half)).orElse(null);
        Profile profile = profiler.profile(threads, roof, memory);
        folder.write(folder.profile(), JSON.valueToTree(profile).toPrettyString() + "\n");
        try {
            AtomicFile.write(folder.trace(), profiler::writeTrace);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder.trace() + ": " + RunFolder.reason(e), e);
        }
        wanted.reader().accept(profile);
    }

    private static Memory memory(Network network, Optimizer optimizer) {
        List<Memory.Sized> tensors = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            network.parameters().state().forEach((name, tensor) -> {
                boolean dense = network.parameters().trainable().containsKey(name)
                        || network.parameters().buffers().containsKey(name);
                tensors.add(new Memory.Sized(name, dense ? "parameters" : "tables", tensor.nbytes()));
            });
            optimizer
                    .state()
                    .forEach((name, tensor) -> tensors.add(new Memory.Sized(name, "optimizer", tensor.nbytes())));
        }
        return Memory.now(Arena.bytesByName(), tensors);
    }
}
