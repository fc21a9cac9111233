package dev.marquee.serving;

import dev.marquee.data.Batch;
import dev.marquee.schema.FeatureLayout;
import dev.marquee.schema.Ids;
import dev.marquee.tensor.DType;
import dev.marquee.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Encoded requests as the tensors of one batch, in the open scope. */
final class RequestBatch {
    private RequestBatch() {}

    static Batch of(FeatureLayout layout, List<EncodedRequest> requests) {
        int rows = requests.stream().mapToInt(EncodedRequest::rows).sum();
        Map<String, Tensor> inputs = new HashMap<>();
        Tensor dense = Tensors.empty(DType.FLOAT32, rows, layout.denseSize());
        Tensor ids = Tensors.empty(DType.INT32, rows, layout.fields().size());
        FloatBuffer numbers = Tensors.bytes(dense).asFloatBuffer();
        IntBuffer fields = Tensors.bytes(ids).asIntBuffer();
        for (EncodedRequest request : requests) {
            numbers.put(request.dense());
            fields.put(request.ids());
        }
        inputs.put(Batch.DENSE, dense);
        inputs.put(Batch.IDS, ids);
        List<String> names = new ArrayList<>();
        layout.bags().forEach(bag -> names.add(Batch.BAG + bag.name()));
        layout.sequences().forEach(sequence -> names.add(Batch.SEQUENCE + sequence.name()));
        for (int i = 0; i < names.size(); i++) {
            inputs.put(names.get(i), lists(requests, i, rows));
        }
        Tensor unknown = Tensors.empty(DType.FLOAT32, rows, 0); // nobody asks for labels
        return new Batch(inputs, unknown, rows);
    }

    private static Tensor lists(List<EncodedRequest> requests, int list, int rows) {
        boolean once = requests.size() == 1 && requests.get(0).lists().get(list).shared();
        int longest = 1;
        for (EncodedRequest request : requests) {
            longest = Math.max(longest, request.lists().get(list).longest());
        }
        Tensor tensor = Tensors.empty(DType.INT32, once ? 1 : rows, longest);
        IntBuffer target = Tensors.bytes(tensor).asIntBuffer();
        for (EncodedRequest request : requests) {
            EncodedRequest.IdList ids = request.lists().get(list);
            for (int row = 0; row < (once ? 1 : request.rows()); row++) {
                int length = ids.end(row) - ids.begin(row);
                target.put(ids.ids(), ids.begin(row), length);
                for (int i = length; i < longest; i++) {
                    target.put(Ids.PADDING);
                }
            }
        }
        return tensor;
    }
}
