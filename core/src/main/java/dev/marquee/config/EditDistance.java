package dev.marquee.config;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How many slips of the keyboard lie between two names, and which known name was probably meant. */
public final class EditDistance {
    /** Shorter beginnings fit too many names. */
    private static final int SHORTEST_BEGINNING = 3;

    private EditDistance() {}

    /** The number of insertions, deletions, replacements and swaps of neighbours; each place is edited once at most. */
    static int between(String a, String b) {
        int[][] distance = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distance[i][j] = i == 0 || j == 0 ? i + j : cheapest(a, b, i, j, distance);
            }
        }
        return distance[a.length()][b.length()];
    }

    /**
     * The known name that is nearest, if it is near at all: about one slip in three letters, or the name's beginning.
     *
     * @param name what was given
     * @param known the names there are
     * @return the one that was probably meant
     */
    public static Optional<String> nearest(String name, Collection<String> known) {
        String given = name.toLowerCase(Locale.ROOT);
        int allowed = Math.min(Math.max(1, given.length() / 3), given.length() - 1);
        String best = "";
        int least = allowed + 1;
        for (String candidate : known) {
            int distance = between(given, candidate.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return least <= allowed ? Optional.of(best) : onlyOneBeginningWith(given, known);
    }

    private static int cheapest(String a, String b, int i, int j, int[][] distance) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least =
                Math.min(distance[i - 1][j - 1] + (same ? 0 : 1), Math.min(distance[i - 1][j], distance[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, distance[i - 2][j - 2] + 1) : least;
    }

    private static Optional<String> onlyOneBeginningWith(String beginning, Collection<String> known) {
        if (beginning.length() < SHORTEST_BEGINNING) {
            return Optional.empty();
        }
        List<String> fitting =
                known.stream().filter(name -> name.startsWith(beginning)).toList();
        return fitting.size() == 1 ? Optional.of(fitting.get(0)) : Optional.empty();
    }
}
