package dev.marquee.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one value as the type that is expected, or says why it cannot be. */
final class ScalarReader {
    private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Pattern WITH_SEPARATORS = Pattern.compile("[-+]?[0-9]{1,3}([_,'][0-9]{3})+");
    private static final Pattern NOT_FINITE = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
    private static final Pattern BOOLEAN = Pattern.compile("true|True|TRUE|false|False|FALSE");
    private static final int LONGEST_HINT = 20;

    private final ValueType.Plain type;
    private final ConfigNode.Scalar scalar;
    private final @Nullable Range range;
    private final Consumer<String> fault;

    private ScalarReader(
            ValueType.Plain type, ConfigNode.Scalar scalar, @Nullable Range range, Consumer<String> fault) {
        this.type = type;
        this.scalar = scalar;
        this.range = range;
        this.fault = fault;
    }

    /** The value; null if there is none, which has been told then. */
    static @Nullable Object read(
            ValueType.Plain type, ConfigNode.Scalar scalar, @Nullable Range range, Consumer<String> fault) {
        return new ScalarReader(type, scalar, range, fault).read();
    }

    /** How a value is shown in messages: numbers and truth values bare, text in quotes. */
    static String shown(ConfigNode.Scalar scalar) {
        String text = scalar.text();
        boolean bare = !scalar.quoted()
                && (NUMBER.matcher(text).matches()
                        || NOT_FINITE.matcher(text).matches()
                        || BOOLEAN.matcher(text).matches());
        return bare ? text : "\"" + text + "\"";
    }

    /** The message for a name that is none of the known ones. */
    static String notOneOf(ConfigNode.Scalar scalar, Collection<String> names) {
        return shown(scalar) + " is not one of " + String.join(", ", names)
                + EditDistance.nearest(scalar.text(), names)
                        .map(nearest -> "; did you mean " + nearest + "?")
                        .orElse("");
    }

    private @Nullable Object read() {
        if (type.type() == String.class) {
            return scalar.text();
        }
        if (type.type().isEnum()) {
            return name();
        }
        Pattern pattern = type.isWhole() ? WHOLE : type.isNumber() ? NUMBER : BOOLEAN;
        boolean matches = pattern.matcher(scalar.text()).matches();
        if (matches && scalar.quoted()) {
            return wrong(shown(scalar) + " is text, not " + type.words() + ": remove the quotes");
        }
        if (type.isWhole()) {
            return matches ? whole() : wrong(isNot() + wholeHint());
        }
        if (type.isNumber()) {
            boolean notFinite =
                    !scalar.quoted() && NOT_FINITE.matcher(scalar.text()).matches();
            return matches ? number() : wrong(notFinite ? shown(scalar) + " is not a finite number" : isNot());
        }
        return matches ? (Object) scalar.text().equalsIgnoreCase("true") : wrong(isNot());
    }

    private @Nullable Object whole() {
        BigInteger value = new BigInteger(scalar.text());
        boolean isInt = type.type() == int.class;
        if (value.bitLength() > (isInt ? Integer.SIZE : Long.SIZE) - 1) {
            return wrong(shown(scalar)
                    + (value.signum() > 0
                            ? " is too large: at most " + (isInt ? Integer.MAX_VALUE : Long.MAX_VALUE)
                            : " is too small: at least " + (isInt ? Integer.MIN_VALUE : Long.MIN_VALUE)));
        }
        return inRange(isInt ? (Number) value.intValue() : (Number) value.longValue());
    }

    private @Nullable Object number() {
        double value = Double.parseDouble(scalar.text());
        return Double.isInfinite(value) ? wrong(shown(scalar) + " is too large a number") : inRange(value);
    }

    private @Nullable Object inRange(Number value) {
        Optional<String> message = Ranges.fault(shown(scalar), value, range);
        return message.isPresent() ? wrong(message.get()) : value;
    }

    private @Nullable Object name() {
        Map<String, Object> names = Schema.names(type.type());
        Object constant = names.get(scalar.text());
        return constant != null ? constant : wrong(notOneOf(scalar, names.keySet()));
    }

    private String isNot() {
        return shown(scalar) + " is not " + type.words();
    }

    /** For 1e6 and 1_000, which stand for whole numbers elsewhere. */
    private String wholeHint() {
        String text = scalar.text();
        if (scalar.quoted() || text.length() > LONGEST_HINT) {
            return "";
        }
        if (WITH_SEPARATORS.matcher(text).matches()) {
            return ": write " + text.replaceAll("[_,']", "");
        }
        if (NUMBER.matcher(text).matches() && text.toLowerCase(Locale.ROOT).contains("e")) {
            BigDecimal value = new BigDecimal(text).stripTrailingZeros();
            boolean readable = value.scale() <= 0 && value.precision() - value.scale() < LONGEST_HINT;
            return readable ? ": write " + value.toBigInteger() : "";
        }
        return "";
    }

    private @Nullable Object wrong(String message) {
        fault.accept(message);
        return null;
    }
}
