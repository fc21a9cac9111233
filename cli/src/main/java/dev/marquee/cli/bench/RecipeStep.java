package dev.marquee.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.marquee.collective.Group;
import dev.marquee.data.Dataset;
import dev.marquee.measure.Workload;
import dev.marquee.parallel.Traffic;
import dev.marquee.recipe.Recipe;
import dev.marquee.recipe.RecipeSource;
import dev.marquee.train.Trial;
import java.util.Map;
import java.util.OptionalLong;

/** The steps of a recipe, with the reading of its data, as training makes them; of one member of a group. */
final class RecipeStep implements Workload {
    private static final String ORIGIN = "benchmark";

    private final String name;
    private final int batch;
    private final Dataset data;
    private final Trial trial;

    private RecipeStep(String name, int batch, Recipe recipe, Group group) {
        this.name = name;
        this.batch = batch;
        this.data = recipe.data().open(recipe.seed(), message -> {});
        try {
            this.trial = Trial.open(recipe, data, OptionalLong.empty(), group);
        } catch (RuntimeException e) {
            data.close();
            throw e;
        }
    }

    /**
     * The recipe that a request names, with a batch of the request's size for each member.
     *
     * @param request {@code recipe}: a name or file, {@code threads}, {@code batch} of a member, {@code overlap}
     */
    static RecipeStep of(JsonNode request, Group group) {
        String name = request.path("recipe").asText();
        int batch = request.path("batch").asInt();
        Recipe recipe = RecipeSource.open(name)
                .with("engine.threads", request.path("threads").asText("1"), ORIGIN)
                .with("distributed.overlap", request.path("overlap").asText("true"), ORIGIN)
                .with("data.batch_size", String.valueOf(batch * group.size()), ORIGIN)
                .bind();
        return new RecipeStep(name, batch, recipe, group);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long samples() {
        return batch;
    }

    /** What the step's matrix products were counted to be; this makes a step. */
    @Override
    public double flops() {
        return trial.work().flop() * batch;
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("work", "recipe", "recipe", name, "batch", batch);
    }

    /** The recipe says how many threads there are. */
    @Override
    public void useThreads(int threads, int replicas) {}

    /** It is a member from the start. */
    @Override
    public void join(Group group, boolean overlap) {}

    @Override
    public Traffic traffic() {
        return trial.traffic();
    }

    @Override
    public void step() {
        trial.steps(1);
    }

    @Override
    public void close() {
        trial.close();
        data.close();
    }
}
