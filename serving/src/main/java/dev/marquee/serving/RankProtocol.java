package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.marquee.schema.RawChunk;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/models/NAME:rank}: raw features as JSON, the user once.
 *
 * <pre>{@code
 * {"user": {"country": "de", "history": ["a1", "a7"]}, "candidates": [{"ad": "a3", "price": 1.5}, {"ad": "a4", "price": null}]}
 * }</pre>
 *
 * <p>The candidates may also be columns: {@code {"ad": ["a3", "a4"], "price": [1.5, null]}}.
 */
final class RankProtocol implements Protocol {
    private static final String CANDIDATES = "the candidates";
    private static final String EXPECTED = "\"candidates\" must be a list of objects, or an object of lists";

    private final ServerLimits limits;
    private final int mostColumns;
    private final RequestJson json;

    /**
     * Of a model.
     *
     * @param columns how many its schema has: a few more may be asked for, to be refused by name, but not so many that
     *     they use up the memory
     */
    RankProtocol(ServerLimits limits, int columns) {
        this.limits = limits;
        this.mostColumns = columns + 100;
        this.json = new RequestJson(limits);
    }

    @Override
    public Parsed parse(byte[] body) {
        return json.object(body, this::request);
    }

    @Override
    public void write(JsonGenerator out, Parsed request, Scores scores) throws IOException {
        out.writeArrayFieldStart("labels");
        for (String label : scores.labels()) {
            out.writeString(label);
        }
        out.writeEndArray();
        out.writeObjectFieldStart("scores");
        for (int label = 0; label < scores.labels().size(); label++) {
            out.writeArrayFieldStart(scores.labels().get(label));
            for (int row = 0; row < scores.rows(); row++) {
                out.writeNumber(scores.probability(row, label));
            }
            out.writeEndArray();
        }
        out.writeEndObject();
        out.writeFieldName("order");
        int[] order = scores.order();
        out.writeArray(order, 0, order.length);
    }

    private Parsed request(JsonParser parser) throws IOException {
        RawChunk user = null;
        RawChunk candidates = null;
        String id = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            switch (name) {
                case "user" -> user = once(name, user, user(parser));
                case "candidates" -> candidates = once(name, candidates, candidates(parser));
                case "id" -> id = RequestJson.text(parser, name);
                default ->
                    throw RequestException.bad("unknown field " + RequestJson.shown(name)
                            + ": a request has \"user\", \"candidates\" and, if it likes, \"id\"");
            }
        }
        if (candidates == null) {
            throw RequestException.bad("\"candidates\" is missing");
        }
        RawChunk of = user == null ? new RawChunk("the user", 1, 1, Map.of()) : user;
        return new Parsed(new RankingRequest(of, candidates), id, null);
    }

    private static RawChunk once(String name, @Nullable RawChunk before, RawChunk now) {
        if (before != null) {
            throw RequestException.bad("\"" + name + "\" is given twice");
        }
        return now;
    }

    private RawChunk user(JsonParser parser) throws IOException {
        RequestJson.expect(parser, JsonToken.START_OBJECT, "\"user\" must be an object");
        RawRows rows = new RawRows("the user");
        row(parser, rows, 0);
        return rows.chunk(1);
    }

    private RawChunk candidates(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            return columns(parser);
        }
        RequestJson.expect(parser, JsonToken.START_ARRAY, EXPECTED);
        RawRows rows = new RawRows(CANDIDATES);
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            RequestJson.expect(parser, JsonToken.START_OBJECT, EXPECTED);
            if (count == limits.candidates()) {
                throw tooMany();
            }
            row(parser, rows, count++);
        }
        return rows.chunk(count);
    }

    private void row(JsonParser parser, RawRows rows, int row) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            ColumnBuilder column = column(rows, name);
            if (column.isSet(row)) {
                throw RequestException.bad(RequestJson.shown(name) + " is given twice in one object");
            }
            json.value(parser, column, row, name);
        }
    }

    private ColumnBuilder column(RawRows rows, String name) {
        if (rows.columns() >= mostColumns && !rows.has(name)) {
            throw RequestException.bad("there are far more columns than the model reads");
        }
        return rows.column(name);
    }

    private RawChunk columns(JsonParser parser) throws IOException {
        RawRows rows = new RawRows(CANDIDATES);
        int count = -1;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            RequestJson.expect(parser, JsonToken.START_ARRAY, EXPECTED);
            if (rows.has(name)) {
                throw RequestException.bad(RequestJson.shown(name) + " is given twice in one object");
            }
            ColumnBuilder column = column(rows, name);
            int row = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (row == limits.candidates()) {
                    throw tooMany();
                }
                json.value(parser, column, row++, name);
            }
            if (count >= 0 && row != count) {
                throw RequestException.bad("the columns of the candidates differ in length: " + RequestJson.shown(name)
                        + " has " + row + " values, those before have " + count);
            }
            count = row;
        }
        return rows.chunk(Math.max(0, count));
    }

    private RequestException tooMany() {
        return RequestException.bad("there are more candidates than the " + limits.candidates() + " allowed");
    }
}
