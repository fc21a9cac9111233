package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberParserTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "7",
                "+7",
                "-12.50",
                ".5",
                "5.",
                "1e3",
                "1E-3",
                "1.5e+10",
                "9007199254740993",
                "123456789012345678901234567890",
                "0.1",
                "2.2250738585072014e-308",
                "4.9e-324",
                "1e400",
                "-1e400",
                "1e-400",
                "0.000000000000000000000000000000123",
                "179769313486231570000000000000000000000",
                "1e99999999999",
                "100000000000000000000000e-20",
                "000000000000000000000000012"
            })
    void parse_number_isTheNearestDouble(String text) {
        assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
    }

    @Test
    void parse_randomNumbers_areThoseOfTheJdk() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(parse(Double.toString(value))).isEqualTo(value);
            }
            String text = String.format(Locale.ROOT, "%." + random.nextInt(20) + "f", random.nextGaussian() * 1e5);
            assertThat(parse(text)).isEqualTo(Double.parseDouble(text));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                ".",
                "e5",
                "1e",
                "1e+",
                "1.2.3",
                "12a",
                "a12",
                "1 2",
                "1,5",
                "NaN",
                "nan",
                "Infinity",
                "inf",
                "0x10",
                "1f",
                "1d",
                "--1",
                "null",
                "١"
            })
    void parse_anythingElse_isNoNumber(String text) {
        assertThat(parse(text)).isNaN();
    }

    @Test
    void parse_blanksAround_areSkipped() {
        assertThat(parse(" \t12.5\r")).isEqualTo(12.5);
    }

    @Test
    void parse_truthValues_areOneAndZero() {
        assertThat(parse("true")).isEqualTo(1);
        assertThat(parse("False")).isZero();
        assertThat(parse("yes")).isNaN();
    }

    private static double parse(String text) {
        byte[] bytes = ("x" + text + "9").getBytes(StandardCharsets.UTF_8);
        return NumberParser.parse(bytes, 1, bytes.length - 1);
    }
}
