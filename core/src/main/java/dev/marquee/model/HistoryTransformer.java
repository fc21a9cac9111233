package dev.marquee.model;

import dev.marquee.nn.Initializer;
import dev.marquee.nn.Mode;
import dev.marquee.nn.Parameters;
import dev.marquee.nn.TransformerBlock;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The part of {@link Bst} that works on one history. */
final class HistoryTransformer {
    private final History history;
    private final BstConfig.Tokens wanted;
    private final int width;
    private final Tensor positions;
    private final List<TransformerBlock> blocks = new ArrayList<>();

    HistoryTransformer(Parameters.Path path, History history, BstConfig config) {
        this.history = history;
        this.wanted = config.tokens();
        this.width = history.width(config.embedding().size());
        this.positions = path.parameter(
                "positions", Initializer.normal(config.embedding().deviation()), history.maximumLength() + 1L, width);
        for (int i = 1; i <= config.blocks(); i++) {
            blocks.add(TransformerBlock.create(path.child("block" + i), config.block(width)));
        }
    }

    /** How many numbers {@link #forward} gives for a row. */
    int outputs() {
        return wanted == BstConfig.Tokens.CANDIDATE ? width : width * (history.maximumLength() + 1);
    }

    /** {@code [batch, outputs()]}. */
    Tensor forward(RowInput.Rows rows, Mode mode) {
        History.Events seen = history.look(rows);
        Tensor age = age(seen.padding()); // [batch, time]
        Tensor events = seen.events().add(torch.embedding(positions, age)); // [batch, time, width]
        Tensor candidate = seen.candidate().add(positions.select(0, 0)).unsqueeze(1); // [batch, 1, width]
        Tensor tokens = torch.cat(new TensorVector(events, candidate), 1); // [batch, time + 1, width]
        long last = tokens.size(1) - 1;
        Tensor hidden = torch.constant_pad_nd(seen.padding(), new long[] {0, 1}, new Scalar(0)); // [batch, time + 1]
        for (int i = 0; i < blocks.size(); i++) {
            boolean candidateAlone = i == blocks.size() - 1 && wanted == BstConfig.Tokens.CANDIDATE;
            Tensor queries = candidateAlone ? tokens.narrow(1, last, 1) : tokens;
            tokens = blocks.get(i).forward(queries, tokens, hidden, mode); // [batch, time + 1 or 1, width]
        }
        return wanted == BstConfig.Tokens.CANDIDATE ? tokens.squeeze(1) : byAge(tokens, age, seen.padding());
    }

    /** How many events ago each event was, the newest 1: {@code [batch, time]} int64; 0 at padding. */
    private static Tensor age(Tensor padding) {
        Tensor length = padding.logical_not().sum(1).unsqueeze(1); // [batch, 1]
        Tensor index =
                torch.arange(new Scalar(padding.size(1)), Device.of(padding).options(DType.INT64)); // [time]
        return length.sub(index).masked_fill(padding, new Scalar(0));
    }

    /** All tokens at the place of their age, zeros where there is none: {@code [batch, (maximum + 1) * width]}. */
    private Tensor byAge(Tensor tokens, Tensor age, Tensor padding) {
        long batch = tokens.size(0);
        long time = age.size(1);
        Tensor events = tokens.narrow(1, 0, time).masked_fill(padding.unsqueeze(2), new Scalar(0));
        Tensor newestFirst = events.new_zeros(batch, history.maximumLength() + 1L, width)
                .scatter_add(1, age.unsqueeze(2).expand(batch, time, width), events); // padding adds zero at age 0
        Tensor candidate = tokens.narrow(1, time, 1); // [batch, 1, width]
        Tensor all = torch.cat(new TensorVector(candidate, newestFirst.narrow(1, 1, history.maximumLength())), 1);
        return all.flatten(1, 2);
    }
}
