package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/** JSON of requests, read as it comes, within limits. What is wrong with it is told in words for its sender. */
final class RequestJson {
    private static final int NESTING = 16;
    private static final int NAME_LENGTH = 256;
    private static final int NUMBER_LENGTH = 100;

    private final JsonFactory factory;
    private final ServerLimits limits;

    RequestJson(ServerLimits limits) {
        this.limits = limits;
        this.factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(NESTING)
                        .maxNameLength(NAME_LENGTH)
                        .maxNumberLength(NUMBER_LENGTH)
                        .maxStringLength(limits.textLength())
                        .build())
                .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER) // the same numbers, without objects on the way
                .build();
    }

    /** Reads from a parser. */
    @FunctionalInterface
    interface Reader<T> {
        T read(JsonParser parser) throws IOException;
    }

    /**
     * Reads one object, which must be all there is.
     *
     * @throws RequestException when it is not JSON, or not what the reader expects
     */
    <T> T object(byte[] body, Reader<T> reader) {
        try (JsonParser parser = factory.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw RequestException.bad("the body is not a JSON object");
            }
            T read = reader.read(parser);
            if (parser.nextToken() != null) {
                throw RequestException.bad("there is more in the body than one JSON object");
            }
            return read;
        } catch (StreamConstraintsException e) {
            throw beyondTheLimits();
        } catch (JsonParseException e) {
            var place = e.getLocation();
            throw RequestException.bad("the body is not JSON: " + firstLine(e.getOriginalMessage())
                    + (place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")"));
        } catch (IOException e) {
            throw RequestException.bad("the body is not JSON in UTF-8");
        } catch (IllegalArgumentException e) {
            throw RequestException.bad(String.valueOf(e.getMessage()));
        }
    }

    /** Puts the value that the parser is at into a column. */
    void value(JsonParser parser, ColumnBuilder column, int row, String name) throws IOException {
        switch (parser.currentToken()) {
            case VALUE_NULL -> column.setNull(row);
            case VALUE_TRUE -> column.setLong(row, 1);
            case VALUE_FALSE -> column.setLong(row, 0);
            case VALUE_STRING -> text(parser, column, row);
            case VALUE_NUMBER_INT -> whole(parser, column, row);
            case VALUE_NUMBER_FLOAT -> column.setDouble(row, finite(parser));
            case START_ARRAY -> {
                ColumnBuilder elements = column.beginList();
                int count = 0;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (parser.currentToken() == JsonToken.START_ARRAY) {
                        throw RequestException.bad(
                                shown(name) + " holds a list within a list: one value an element is needed");
                    }
                    if (++count > limits.listLength()) {
                        throw RequestException.bad(shown(name) + " holds a list of more than the " + limits.listLength()
                                + " elements allowed");
                    }
                    value(parser, elements, elements.size(), name);
                }
                column.endList(row);
            }
            default ->
                throw RequestException.bad(
                        shown(name)
                                + " holds an object where a number, a text, a truth value, a list of these or null is expected");
        }
    }

    private void text(JsonParser parser, ColumnBuilder column, int row) throws IOException {
        char[] characters = parser.getTextCharacters();
        int length = parser.getTextLength();
        if (length > limits.textLength()) {
            throw beyondTheLimits(); // the parser checks only the texts that it makes
        }
        column.setText(row, characters, parser.getTextOffset(), length);
    }

    private RequestException beyondTheLimits() {
        return RequestException.bad("the JSON is beyond the limits: texts of " + limits.textLength() + ", names of "
                + NAME_LENGTH + " and numbers of " + NUMBER_LENGTH + " characters, " + NESTING + " levels");
    }

    static void whole(JsonParser parser, ColumnBuilder column, int row) throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            column.setText(row, parser.getText());
        } else {
            column.setLong(row, parser.getLongValue());
        }
    }

    static double finite(JsonParser parser) throws IOException {
        double value = parser.getDoubleValue();
        if (Double.isInfinite(value)) {
            throw RequestException.bad("a number is too large: " + shown(parser.getText()));
        }
        return value;
    }

    static String text(JsonParser parser, String name) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw RequestException.bad("\"" + name + "\" must be a text");
        }
        return parser.getText();
    }

    static void expect(JsonParser parser, JsonToken token, String what) throws IOException {
        if (parser.currentToken() != token) {
            throw RequestException.bad(what);
        }
    }

    static String shown(String name) {
        return "\"" + (name.length() <= 64 ? name : name.substring(0, 64) + "…") + "\"";
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }
}
