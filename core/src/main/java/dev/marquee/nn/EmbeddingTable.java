package dev.marquee.nn;

import dev.marquee.profile.Tally;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import dev.marquee.tensor.Gradients;
import dev.marquee.tensor.RowSubset;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.StoredRows;
import dev.marquee.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings of all tables of one width, in one tensor. Only the rows of a batch have a gradient: they are gathered,
 * each once, into a leaf of the graph, and an optimiser changes no others.
 *
 * <p>Row 0 is padding: zeros, and it never learns.
 *
 * <p>Where some of the tables are growing ones, their rows stand in a {@link RowPool} and have the numbers from {@code
 * weight().size(0)} on.
 *
 * <p>Tables lie in main memory, also where the rest of the network computes on a GPU, whose memory they may exceed.
 */
public final class EmbeddingTable {
    private final String name;
    private final List<Slice> slices;
    private final TableRows kept;
    private final @Nullable RowPool pool;
    private final @Nullable TableShard shard;
    private final Device device;
    private final List<Use> uses = new ArrayList<>();
    private final List<Shown> shown = new ArrayList<>();
    private @Nullable FrozenRows frozen;

    EmbeddingTable(
            String name,
            List<Slice> slices,
            TableRows kept,
            @Nullable RowPool pool,
            @Nullable TableShard shard,
            Device device) {
        this.name = name;
        this.slices = List.copyOf(slices);
        this.kept = kept;
        this.pool = pool;
        this.shard = shard;
        this.device = device;
    }

    /**
     * One table among those that share the tensor.
     *
     * @param name its name
     * @param rows how many rows it has, at least 1
     */
    public record Slice(String name, int rows) {}

    /**
     * The rows that one forward pass used.
     *
     * @param ids which rows
     * @param rows their values, {@code [distinct, width]}: a leaf, whose gradient the backward pass leaves; where several
     *     passes were made one, the gradient alone means anything
     */
    public record Use(DistinctIds ids, Tensor rows) {}

    /**
     * The gradients of all rows that were used, each row once.
     *
     * @param ids which rows
     * @param values {@code [distinct, width]}, contiguous; zeros in the first row, that of padding
     */
    public record RowGradient(DistinctIds ids, Tensor values) {}

    /** Rows at the places of a part's ids: a leaf too, {@code [batch, columns, width]}. */
    private record Shown(Use use, int part, Tensor values) {}

    /** The name in checkpoints, before those of the slices: empty or ending with a dot. */
    public String name() {
        return name;
    }

    /** The tables that share the tensor, in the order of their rows. */
    public List<Slice> slices() {
        return slices;
    }

    /**
     * All rows of all tables, those that came in training left out, as they are kept: see {@link #stored()} for what int8
     * means. Where processes share the tables, this one's rows ({@link TableShard}).
     *
     * @return {@code [rows, width]} of {@link #type()}, float16 or int8; without gradient
     */
    public Tensor weight() {
        return kept.values();
    }

    /**
     * The type that rows are computed with.
     *
     * @return that of the network's parameters
     */
    public DType type() {
        return kept.type();
    }

    /**
     * The rows of {@link #weight()}, to be read and written one by one.
     *
     * @return absent where {@link #type()} is not float32
     */
    public Optional<StoredRows> stored() {
        return kept.stored();
    }

    /**
     * Whether rows are kept in fewer bits than they are computed with.
     *
     * @return true for float16 and int8
     */
    public boolean isRounded() {
        return kept.areRounded();
    }

    /**
     * The rows of growing tables.
     *
     * @return absent when no table is growing
     */
    public Optional<RowPool> pool() {
        return Optional.ofNullable(pool);
    }

    /**
     * Whether none of the tables learns ({@link Parameters#freeze}).
     *
     * @return false where some do: of the others no row has a gradient then
     */
    public boolean isFrozen() {
        return frozen != null && frozen.all();
    }

    void freeze(@Nullable FrozenRows rows) {
        frozen = rows;
    }

    /**
     * What this process keeps, where several share the tables.
     *
     * @return absent when it has all rows
     */
    public Optional<TableShard> shard() {
        return Optional.ofNullable(shard);
    }

    /** The number of values of all tables, over all processes, those of growing rows left out. */
    long count() {
        return slices.stream().mapToLong(Slice::rows).sum() * weight().size(1);
    }

    /**
     * The part of each table.
     *
     * @param ofRows {@code [rows, …]}, with a row for each of {@link #weight()}
     * @return views, by the names of checkpoints; of a table that other processes keep, without rows
     */
    public Map<String, Tensor> views(Tensor ofRows) {
        return shard == null ? TableSlices.views(name, slices, ofRows) : shard.views(name, ofRows);
    }

    /**
     * Which rows of each table these parts are.
     *
     * @return by the names of checkpoints; tables that this process has whole are left out
     */
    public Map<String, RowSubset> subsets() {
        return shard == null ? Map.of() : shard.subsets(name);
    }

    /**
     * The values of a batch's rows. In training they are remembered for the optimiser.
     *
     * @param ids which rows
     * @param mode whether this is training
     * @return {@code [distinct, width]}, a leaf that requires a gradient in training unless all tables are frozen
     */
    public Tensor gather(DistinctIds ids, Mode mode) {
        Tensor rows;
        try (Gradients.Guard off = Gradients.off()) {
            rows = shard != null ? shard.gather(ids) : pool == null ? kept.gather(ids.rows()) : kept.gather(ids, pool);
        }
        Tally.bytes(rows, 2);
        if (mode == Mode.TRAINING && !isFrozen()) {
            rows.set_requires_grad(true);
            uses.add(new Use(ids, rows));
        }
        return rows;
    }

    /**
     * The rows at the places of a part's ids: {@code torch.embedding(rows, positions)}, but for the backward pass. In
     * training the result is a leaf of its own, and {@link #uses()} sums its gradient by row.
     *
     * @param ids which rows
     * @param rows what {@link #gather} gave for them
     * @param part its position in the list of parts
     * @return {@code [batch, columns, width]} on the network's device, to which distinct rows and positions are copied; zeros
     *     at padding
     */
    public Tensor embed(DistinctIds ids, Tensor rows, int part) {
        Tensor values;
        try (Gradients.Guard off = Gradients.off()) {
            values = torch.embedding(device.put(rows), device.put(ids.positions(part)));
        }
        Tally.bytes(values, 2);
        for (int i = uses.size() - 1; i >= 0; i--) {
            if (uses.get(i).ids() == ids) {
                values.set_requires_grad(true);
                shown.add(new Shown(uses.get(i), part, values));
                break;
            }
        }
        return values;
    }

    /**
     * What the forward passes since the last {@link #clear()} used, with the gradients that the backward passes left. The
     * tensors are those of the open scope: one scope surrounds forward passes, backward passes and step.
     *
     * @return in order; after {@link #gradient()} all in one
     */
    public List<Use> uses() {
        for (Shown place : shown) {
            Tensor gradient = place.values().mutable_grad();
            if (gradient.defined()) {
                Tensor sums = place.use().rows().mutable_grad();
                if (!sums.defined()) {
                    sums.put(zerosLike(place.use().rows()));
                }
                // In main memory whatever the device: sums there are in the same order in every run.
                RowSums.add(sums, place.use().ids().positions(place.part()), Device.host(gradient));
                gradient.reset();
            }
        }
        return List.copyOf(uses);
    }

    /**
     * The gradients of all forward passes since the last {@link #clear()}, summed by row: what an optimiser steps by, and
     * what may be scaled in place before. Call it inside the scope of the forward pass.
     *
     * @return absent when no row has a gradient
     */
    public Optional<RowGradient> gradient() {
        List<Use> learning =
                uses().stream().filter(use -> use.rows().grad().defined()).toList();
        if (learning.isEmpty()) {
            return Optional.empty();
        }
        Use use = learning.size() == 1
                ? learning.get(0)
                : merge(
                        learning,
                        DistinctIds.union(learning.stream().map(Use::ids).toList()));
        Tensor values = use.rows().mutable_grad();
        try (Scope scope = Scope.open();
                Gradients.Guard off = Gradients.off()) {
            values.select(0, 0).zero_(); // padding
        }
        RowGradient all = new RowGradient(use.ids(), values);
        RowGradient some = frozen == null ? all : frozen.withoutThese(all);
        if (!some.values().equals(values)) {
            clear();
            uses.add(use(some));
        }
        return Optional.of(some);
    }

    /**
     * Lets what the passes since the last {@link #clear()} have left outlive a scope, after their backward pass.
     *
     * @param inner the open scope in which they were computed, with another one around it
     */
    public void outlive(Scope inner) {
        for (Use use : uses()) {
            inner.promote(use.rows());
            inner.promote(use.ids().rows());
        }
        shown.clear();
    }

    /** Forgets what was used. */
    public void clear() {
        uses.clear();
        shown.clear();
    }

    /**
     * Lets tables have gradients that were computed elsewhere, in place of what their own passes left: summed by row, in
     * the order given. The tensors are those of the open scope.
     *
     * @param tables all of a network
     * @param passes the gradients that each of several passes left in these tables, in their order; empty where it left
     *     none. Tables that are looked up together have the same ids.
     */
    public static void replace(List<EmbeddingTable> tables, List<List<Optional<RowGradient>>> passes) {
        Map<List<DistinctIds>, DistinctIds> unions = new HashMap<>();
        for (int i = 0; i < tables.size(); i++) {
            int position = i;
            EmbeddingTable table = tables.get(i);
            List<Use> learning = passes.stream()
                    .flatMap(pass -> pass.get(position).stream())
                    .map(EmbeddingTable::use)
                    .toList();
            table.clear();
            if (!learning.isEmpty()) {
                // One alone too: a row's sum must not depend on who else had it.
                table.merge(
                        learning,
                        unions.computeIfAbsent(learning.stream().map(Use::ids).toList(), DistinctIds::union));
            }
        }
    }

    private static Use use(RowGradient gradient) {
        Tensor rows = gradient.values().detach(); // an optimiser reads the gradient alone
        rows.mutable_grad().put(gradient.values());
        return new Use(gradient.ids(), rows);
    }

    /** The table that shares the rows of the one of that name, but not what is remembered of a batch. */
    static EmbeddingTable like(List<EmbeddingTable> tables, String name, List<Slice> slices) {
        EmbeddingTable own = tables.stream()
                .filter(table -> table.name.equals(name) && table.slices.equals(slices))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there are no tables " + name + slices));
        EmbeddingTable table = new EmbeddingTable(name, slices, own.kept, own.pool, own.shard, own.device);
        table.frozen = own.frozen;
        return table;
    }

    /** Lets each table {@link #adopt(List, Function) adopt} what its replicas have used. */
    static void adopt(List<EmbeddingTable> tables, List<List<EmbeddingTable>> replicas) {
        Map<List<DistinctIds>, DistinctIds> unions = new HashMap<>(); // one for tables that are looked up together
        for (int i = 0; i < tables.size(); i++) {
            int position = i;
            tables.get(i)
                    .adopt(
                            replicas.stream().map(of -> of.get(position)).toList(),
                            passes -> unions.computeIfAbsent(passes, DistinctIds::union));
        }
    }

    /**
     * Takes over what tables with the same rows have used, with the gradients there, summed by row in their order.
     *
     * @param replicas the tables; may begin with this one
     * @param union makes the ids of several passes distinct
     */
    private void adopt(List<EmbeddingTable> replicas, Function<List<DistinctIds>, DistinctIds> union) {
        List<Use> learning = replicas.stream()
                .flatMap(replica -> replica.uses().stream())
                .filter(use -> use.rows().grad().defined())
                .toList();
        clear();
        if (learning.size() < 2) {
            uses.addAll(learning);
        } else {
            merge(learning, union.apply(learning.stream().map(Use::ids).toList()));
        }
    }

    /** Puts one use in the place of several. */
    private Use merge(List<Use> several, DistinctIds all) {
        clear();
        Tensor sums = Tensors.zeros(kept.type(), all.count(), weight().size(1));
        for (int i = 0; i < several.size(); i++) {
            RowSums.add(sums, all.positions(i), several.get(i).rows().grad());
        }
        Tensor rows = sums.detach(); // an optimiser reads the gradient alone
        rows.mutable_grad().put(sums);
        Use use = new Use(all, rows);
        uses.add(use);
        return use;
    }

    private static Tensor zerosLike(Tensor rows) {
        return Tensors.zeros(DType.of(rows), Tensors.shape(rows));
    }
}
