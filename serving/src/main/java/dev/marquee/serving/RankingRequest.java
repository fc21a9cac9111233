package dev.marquee.serving;

import dev.marquee.schema.RawChunk;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One user and what is to be ranked for him, in raw features. A column is one of the user's or one of the candidates', as
 * the caller likes: what is the same for all candidates is cheaper with the user.
 *
 * @param user one row; no columns where nothing is common to all candidates
 * @param candidates a row each, at least one
 */
public record RankingRequest(RawChunk user, RawChunk candidates) {
    private static final String USER = "the user";
    private static final String CANDIDATES = "the candidates";

    /** Checks that the two fit each other. */
    public RankingRequest {
        if (user.rows() != 1) {
            throw new IllegalArgumentException("there must be one user, not " + user.rows());
        }
        if (candidates.rows() < 1) {
            throw new IllegalArgumentException("there are no candidates: give at least one");
        }
        Set<String> both = new LinkedHashSet<>(user.columns().keySet());
        both.retainAll(candidates.columns().keySet());
        if (!both.isEmpty()) {
            throw new IllegalArgumentException(
                    "given both for the user and for candidates: " + String.join(", ", both) + "; give each once");
        }
    }

    /**
     * A request of maps. Values are as {@link RawRows#of} takes them.
     *
     * @param user the user's features by column
     * @param candidates the candidates' features by column, one map each
     * @return the request
     * @throws IllegalArgumentException when a value is of another type, or the maps do not fit each other
     */
    public static RankingRequest of(Map<String, ?> user, List<? extends Map<String, ?>> candidates) {
        return new RankingRequest(RawRows.of(USER, List.of(user)), RawRows.of(CANDIDATES, candidates));
    }

    /**
     * Rows that have nothing in common.
     *
     * @param rows all features of each row
     * @return the request
     */
    public static RankingRequest ofRows(RawChunk rows) {
        return new RankingRequest(new RawChunk(USER, 1, 1, Map.of()), rows);
    }
}
