package dev.marquee.source.guess;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What the name of a column tells. */
final class Names {
    private static final Pattern HISTORY =
            Pattern.compile("hist|history|seq|sequence|last|prev|previous|recent|past|rated|viewed|clicked|bought");
    private static final Pattern ID = Pattern.compile("id|ids|key|code|uuid|guid|hash|cate|category|campaign|brand");
    private static final Pattern KEY = Pattern.compile("id|key|uuid|guid|index|idx|row|rowid");
    private static final Pattern USER =
            Pattern.compile("user|uid|userid|member|visitor|customer|account|cookie|device|session|reviewer");
    private static final Pattern WEIGHT = Pattern.compile("weight|weights|wgt|fnlwgt|sampleweight|instanceweight");
    private static final Pattern TIME = Pattern.compile("time|timestamp|ts|date|datetime|hour|day|when|at");

    private Names() {}

    static boolean history(String name) {
        return any(HISTORY, name);
    }

    static boolean id(String name) {
        return any(ID, name);
    }

    static boolean key(String name) {
        return any(KEY, name);
    }

    static boolean user(String name) {
        return any(USER, name);
    }

    static boolean weight(String name) {
        return any(WEIGHT, name);
    }

    static boolean time(String name) {
        return any(TIME, name);
    }

    /** Whether two names have a word in common that says what the values are, such as history_ads and ad_id. */
    static boolean akin(String name, String other) {
        Set<String> words = nouns(name);
        words.retainAll(nouns(other));
        return !words.isEmpty();
    }

    private static Set<String> nouns(String name) {
        Set<String> nouns = new HashSet<>();
        for (String word : words(name)) {
            if (word.length() > 1
                    && !HISTORY.matcher(word).matches()
                    && !ID.matcher(word).matches()
                    && !USER.matcher(word).matches()) {
                nouns.add(word.endsWith("s") ? word.substring(0, word.length() - 1) : word);
            }
        }
        return nouns;
    }

    private static String[] words(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .split("[^a-z]+", -1);
    }

    /** Whether the name is the label's with little changed, such as is_click or click_time for click. */
    static boolean label(String name, String label) {
        String plain = plain(name);
        String own = plain(label);
        List<String> variants = List.of(
                own,
                "is" + own,
                "has" + own,
                own + "ed",
                own + "flag",
                own + "label",
                "label" + own,
                own + "time",
                own + "timestamp",
                own + "ts",
                "label",
                "target");
        return variants.contains(plain);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Whether a word of the name, between capitals, digits and other marks, is one of a pattern. */
    private static boolean any(Pattern words, String name) {
        for (String word : words(name)) {
            if (words.matcher(word).matches()) {
                return true;
            }
        }
        return words.matcher(plain(name)).matches();
    }
}
