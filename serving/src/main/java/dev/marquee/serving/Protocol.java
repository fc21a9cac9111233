package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How requests for scores are written as JSON, and their answers. */
interface Protocol {
    /**
     * A request.
     *
     * @param request what to score
     * @param id what the sender calls it; null for nothing
     * @param outputs the labels that are wanted; null for all
     */
    record Parsed(
            RankingRequest request,
            @Nullable String id,
            @Nullable List<String> outputs) {}

    /**
     * Reads a request.
     *
     * @throws RequestException when it cannot be read, in words for its sender
     * @throws IllegalArgumentException likewise
     */
    Parsed parse(byte[] body);

    /** Writes the fields of the answer's object, those common to all answers left out. */
    void write(JsonGenerator out, Parsed request, Scores scores) throws IOException;
}
