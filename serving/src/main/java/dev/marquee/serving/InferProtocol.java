package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.marquee.schema.RawChunk;
import dev.marquee.schema.RawColumn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v2/models/NAME/infer} of the Open Inference Protocol: an input is a column of raw features. One value a row
 * has the shape {@code [rows]}; a list a row {@code [rows, longest]}, filled up at the end with null or, in BYTES, empty
 * texts. An input of one row beside inputs of several is the user's.
 */
final class InferProtocol implements Protocol {
    private static final Set<String> WHOLE =
            Set.of("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64");
    private static final Set<String> FLOATING = Set.of("FP16", "FP32", "FP64");

    private final ServerLimits limits;
    private final RequestJson json;
    private final Set<String> listColumns;
    private final List<String> labels;

    InferProtocol(ServerLimits limits, InferTensors tensors) {
        this.limits = limits;
        this.json = new RequestJson(limits);
        this.listColumns = tensors.listColumns();
        this.labels = tensors.labels();
    }

    @Override
    public Parsed parse(byte[] body) {
        return json.object(body, this::request);
    }

    @Override
    public void write(JsonGenerator out, Parsed request, Scores scores) throws IOException {
        out.writeArrayFieldStart("outputs");
        List<String> wanted = request.outputs() == null ? scores.labels() : request.outputs();
        for (String label : wanted) {
            out.writeStartObject();
            out.writeStringField("name", label);
            out.writeStringField("datatype", "FP32");
            out.writeArrayFieldStart("shape");
            out.writeNumber(scores.rows());
            out.writeEndArray();
            out.writeArrayFieldStart("data");
            for (float probability : scores.probabilities(scores.labels().indexOf(label))) {
                out.writeNumber(probability);
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    /** An input as it is read. */
    private static final class Input {
        @Nullable
        String name;

        @Nullable
        String datatype;

        List<Integer> shape = List.of();
        boolean hasShape;
        boolean hasData;
        boolean truths;
        final ColumnBuilder data = new ColumnBuilder("data");
    }

    private Parsed request(JsonParser parser) throws IOException {
        String id = null;
        Map<String, Input> inputs = null;
        List<String> outputs = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            switch (name) {
                case "id" -> id = RequestJson.text(parser, name);
                case "inputs" -> {
                    if (inputs != null) {
                        throw RequestException.bad("\"inputs\" is given twice");
                    }
                    inputs = inputs(parser);
                }
                case "outputs" -> outputs = outputs(parser);
                case "parameters" -> parser.skipChildren();
                default ->
                    throw RequestException.bad("unknown field " + RequestJson.shown(name)
                            + ": a request has \"inputs\" and, if it likes, \"id\", \"outputs\" and \"parameters\"");
            }
        }
        if (inputs == null || inputs.isEmpty()) {
            throw RequestException.bad("there are no inputs");
        }
        return new Parsed(ranking(inputs), id, outputs);
    }

    private Map<String, Input> inputs(JsonParser parser) throws IOException {
        RequestJson.expect(parser, JsonToken.START_ARRAY, "\"inputs\" must be a list of objects");
        Map<String, Input> inputs = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            RequestJson.expect(parser, JsonToken.START_OBJECT, "\"inputs\" must be a list of objects");
            Input input = input(parser);
            String name = input.name;
            if (name == null) {
                throw RequestException.bad("an input has no name");
            }
            if (!input.hasData || !input.hasShape || input.datatype == null) {
                throw RequestException.bad(
                        "input " + RequestJson.shown(name) + " needs \"shape\", \"datatype\" and \"data\"");
            }
            if (inputs.put(name, input) != null) {
                throw RequestException.bad("input " + RequestJson.shown(name) + " is given twice");
            }
        }
        return inputs;
    }

    private Input input(JsonParser parser) throws IOException {
        Input input = new Input();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            switch (name) {
                case "name" -> input.name = RequestJson.text(parser, name);
                case "datatype" -> input.datatype = RequestJson.text(parser, name);
                case "shape" -> {
                    input.shape = shape(parser);
                    input.hasShape = true;
                }
                case "data" -> {
                    if (input.hasData) {
                        throw RequestException.bad("\"data\" is given twice in one input");
                    }
                    RequestJson.expect(parser, JsonToken.START_ARRAY, "\"data\" must be a list");
                    data(parser, input);
                    input.hasData = true;
                }
                case "parameters" -> parameters(parser);
                default ->
                    throw RequestException.bad(
                            "unknown field " + RequestJson.shown(name)
                                    + ": an input has \"name\", \"shape\", \"datatype\", \"data\" and, if it likes, \"parameters\"");
            }
        }
        return input;
    }

    private static void parameters(JsonParser parser) throws IOException {
        RequestJson.expect(parser, JsonToken.START_OBJECT, "\"parameters\" must be an object");
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (name.equals("binary_data_size")) {
                throw RequestException.bad("binary tensor data are not offered: send \"data\" as JSON");
            }
            parser.nextToken();
            parser.skipChildren();
        }
    }

    private List<Integer> shape(JsonParser parser) throws IOException {
        String expected = "\"shape\" must be a list of one or two whole numbers, [rows] or [rows, length]";
        RequestJson.expect(parser, JsonToken.START_ARRAY, expected);
        List<Integer> shape = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            RequestJson.expect(parser, JsonToken.VALUE_NUMBER_INT, expected);
            boolean small = parser.getNumberType() == JsonParser.NumberType.INT && parser.getIntValue() >= 0;
            if (!small || shape.size() == 2) {
                throw RequestException.bad(expected);
            }
            shape.add(parser.getIntValue());
        }
        if (shape.isEmpty()) {
            throw RequestException.bad(expected);
        }
        if (shape.get(0) > limits.candidates()) {
            throw RequestException.bad("there are more rows than the " + limits.candidates() + " allowed");
        }
        if (shape.size() == 2 && shape.get(1) > limits.listLength()) {
            throw RequestException.bad("lists may have " + limits.listLength() + " elements, not " + shape.get(1));
        }
        return shape;
    }

    /** All values one after the other, however they are nested: the shape says what belongs together. */
    private static void data(JsonParser parser, Input input) throws IOException {
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            int row = input.data.size();
            switch (token) {
                case START_ARRAY -> depth++;
                case END_ARRAY -> depth--;
                case VALUE_NULL -> input.data.setNull(row);
                case VALUE_STRING -> input.data.setText(row, parser.getText());
                case VALUE_NUMBER_INT -> RequestJson.whole(parser, input.data, row);
                case VALUE_NUMBER_FLOAT -> input.data.setDouble(row, RequestJson.finite(parser));
                case VALUE_TRUE, VALUE_FALSE -> {
                    input.truths = true;
                    input.data.setLong(row, token == JsonToken.VALUE_TRUE ? 1 : 0);
                }
                default ->
                    throw RequestException.bad("\"data\" holds something that is no number, text, truth value or null");
            }
        }
    }

    private List<String> outputs(JsonParser parser) throws IOException {
        RequestJson.expect(parser, JsonToken.START_ARRAY, "\"outputs\" must be a list of objects");
        List<String> outputs = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            RequestJson.expect(parser, JsonToken.START_OBJECT, "\"outputs\" must be a list of objects");
            String wanted = null;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals("name")) {
                    wanted = RequestJson.text(parser, name);
                } else {
                    parser.skipChildren();
                }
            }
            if (wanted == null || !labels.contains(wanted)) {
                throw RequestException.bad("unknown output " + RequestJson.shown(String.valueOf(wanted))
                        + ": the outputs are " + String.join(", ", labels));
            }
            if (outputs.contains(wanted)) {
                throw RequestException.bad("output " + RequestJson.shown(wanted) + " is asked for twice");
            }
            outputs.add(wanted);
        }
        return outputs;
    }

    private RankingRequest ranking(Map<String, Input> inputs) {
        int rows = 0;
        for (Input input : inputs.values()) {
            rows = Math.max(rows, input.shape.get(0));
        }
        Map<String, RawColumn> user = new LinkedHashMap<>();
        Map<String, RawColumn> candidates = new LinkedHashMap<>();
        for (Map.Entry<String, Input> entry : inputs.entrySet()) {
            Input input = entry.getValue();
            int own = input.shape.get(0);
            if (own != rows && own != 1) {
                throw RequestException.bad("input " + RequestJson.shown(entry.getKey()) + " has " + own
                        + " rows, others have " + rows + ": give each as many, or one for all");
            }
            RawColumn column = column(entry.getKey(), input);
            (own == rows ? candidates : user).put(entry.getKey(), column);
        }
        return new RankingRequest(
                new RawChunk("the user", 1, 1, user), new RawChunk("the candidates", 1, rows, candidates));
    }

    private RawColumn column(String name, Input input) {
        String datatype = String.valueOf(input.datatype);
        long count = input.shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
        if (count != input.data.size()) {
            throw RequestException.bad("input " + RequestJson.shown(name) + " has " + input.data.size()
                    + " values, its shape " + input.shape + " asks for " + count);
        }
        ColumnBuilder data = input.data;
        boolean fits;
        if (datatype.equals("BYTES")) {
            fits = !data.hasNumbers();
        } else if (datatype.equals("BOOL")) {
            fits = !data.hasTexts() && !data.hasFractions() && (input.truths || !data.hasNumbers());
        } else if (WHOLE.contains(datatype)) {
            fits = !data.hasTexts() && !data.hasFractions() && !input.truths;
        } else if (FLOATING.contains(datatype)) {
            fits = !data.hasTexts() && !input.truths;
        } else {
            throw RequestException.bad("input " + RequestJson.shown(name) + " has the unknown datatype "
                    + RequestJson.shown(datatype) + ": columns are BYTES, INT64, FP32, their smaller kinds, or BOOL");
        }
        if (!fits) {
            throw RequestException.bad("input " + RequestJson.shown(name) + " holds values that are not " + datatype);
        }
        if (input.shape.size() == 1 || (input.shape.get(1) == 1 && !listColumns.contains(name))) {
            return data.build(input.shape.get(0));
        }
        return data.asLists(input.shape.get(0), input.shape.get(1));
    }
}
