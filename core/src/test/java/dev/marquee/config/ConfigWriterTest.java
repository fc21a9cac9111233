package dev.marquee.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.marquee.config.Sample.Activation;
import dev.marquee.config.Sample.Adam;
import dev.marquee.config.Sample.Categorical;
import dev.marquee.config.Sample.ConstantSection;
import dev.marquee.config.Sample.DataSection;
import dev.marquee.config.Sample.Dense;
import dev.marquee.config.Sample.Feature;
import dev.marquee.config.Sample.MlpSection;
import dev.marquee.config.Sample.ModelSection;
import dev.marquee.config.Sample.OptimizerSection;
import dev.marquee.config.Sample.Sequence;
import dev.marquee.config.Sample.Sgd;
import dev.marquee.config.Sample.TrainSection;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ConfigWriterTest {
    private static final Sample SAMPLE = new Sample(
            -1,
            new DataSection(
                    "a: b #c", 1, false, List.of(new Dense("x", 0.5), new Sequence(List.of("p", "no", "1", "ü\n")))),
            new ConstantSection(),
            new Adam(1e-8, List.of(0.9, 0.999)),
            new TrainSection(1, Optional.empty(), Optional.of(new Sgd(1.0, 0.0, false))),
            Optional.of("null"));

    @Test
    void write_section_givesEveryKeyItsValue() {
        assertThat(ConfigWriter.write(SAMPLE)).isEqualTo("""
                        seed: -1
                        data:
                          path: "a: b #c"
                          batch_size: 1
                          shuffle: false
                          features:
                            - kind: dense
                              name: x
                              missing: 0.5
                            - kind: sequence
                              names: [p, "no", "1", "ü\\n"]
                        model:
                          kind: constant
                        optimizer:
                          kind: adam
                          learning_rate: 1.0E-8
                          betas: [0.9, 0.999]
                        train:
                          epochs: 1
                          clip: null
                          finetune:
                            kind: sgd
                            learning_rate: 1.0
                            momentum: 0.0
                            nesterov: false
                        note: "null"
                        """);
    }

    @Test
    void writeCommented_section_saysWhatEachKeyMeans() {
        assertThat(ConfigWriter.writeCommented(Sample.DEFAULT))
                .startsWith("""
                        # What the random numbers start from
                        seed: 1
                        # How the rows are read
                        data:
                          # Where the rows are
                          path: data
                        """)
                .endsWith("# A remark, for people\nnote: null\n");
        assertThat(bind(ConfigWriter.writeCommented(SAMPLE))).isEqualTo(SAMPLE);
    }

    @Property(tries = 300, seed = "2026")
    void write_anySection_bindsBackToAnEqualOne(@ForAll("samples") Sample sample) {
        assertThat(bind(ConfigWriter.write(sample))).isEqualTo(sample);
        assertThat(Binder.bind(Sample.class, ConfigTree.of(sample), "Java")).isEqualTo(sample);
    }

    @Provide
    Arbitrary<Sample> samples() {
        return Combinators.combine(Arbitraries.longs(), data(), model(), optimizer(), train(), text().optional())
                .as(Sample::new)
                .filter(sample -> sample.train().epochs() == 1 || sample.data().batchSize() != 13);
    }

    private static Arbitrary<DataSection> data() {
        Arbitrary<Double> missing = Arbitraries.doubles().between(-9.99, 9.99).ofScale(17);
        Arbitrary<Feature> feature = Arbitraries.oneOf(
                Combinators.combine(text(), missing).as(Dense::new),
                Combinators.combine(
                                text(), Arbitraries.integers().greaterOrEqual(2).optional())
                        .as(Categorical::new),
                text().list().ofMaxSize(3).map(Sequence::new));
        return Combinators.combine(
                        text(),
                        Arbitraries.integers().greaterOrEqual(1),
                        Arbitraries.of(true, false),
                        feature.list().ofMaxSize(4))
                .as(DataSection::new);
    }

    private static Arbitrary<ModelSection> model() {
        Arbitrary<List<Integer>> sizes =
                Arbitraries.integers().greaterOrEqual(1).list().ofMinSize(2).ofMaxSize(5);
        return Arbitraries.oneOf(
                Arbitraries.just(new ConstantSection()),
                Combinators.combine(sizes, Arbitraries.of(Activation.class), shares())
                        .as(MlpSection::new));
    }

    private static Arbitrary<OptimizerSection> optimizer() {
        return Arbitraries.oneOf(
                Combinators.combine(positives(), shares(), Arbitraries.of(true, false))
                        .as((rate, momentum, nesterov) -> new Sgd(rate, momentum, nesterov && momentum > 0)),
                Combinators.combine(positives(), shares().list().ofSize(2)).as(Adam::new));
    }

    private static Arbitrary<TrainSection> train() {
        return Combinators.combine(
                        Arbitraries.integers().between(1, 1000),
                        positives().optional(),
                        optimizer().optional())
                .as(TrainSection::new);
    }

    /** Doubles of any magnitude, to the last bit. */
    private static Arbitrary<Double> positives() {
        return Arbitraries.longs()
                .between(1, Double.doubleToLongBits(Double.MAX_VALUE))
                .map(Double::longBitsToDouble);
    }

    private static Arbitrary<Double> shares() {
        return Arbitraries.longs().between(0, Double.doubleToLongBits(1.0) - 1).map(Double::longBitsToDouble);
    }

    /** Any text but halves of surrogate pairs, which are no characters; and words that mean something in YAML. */
    private static Arbitrary<String> text() {
        Arbitrary<String> any = Arbitraries.strings()
                .all()
                .ofMaxLength(12)
                .filter(text -> text.codePoints().noneMatch(point -> point >= 0xD800 && point <= 0xDFFF));
        Arbitrary<String> tricky = Arbitraries.of(
                "null", "Null", "~", "", " ", "true", "no", "1", "1e3", ".inf", "a: b", "a #b", "- a", "[a", "{a}", "'",
                "\"", "\\", "&a", "*a", "!a", "%a", "@a", "`a", "a,b", "\t", "a\nb", "\r\n", "\uFEFF", "\u0085",
                "\u2028", "<<", "?", "x\u0000", "😀", "---", "...");
        return Arbitraries.oneOf(any, tricky);
    }

    private static Sample bind(String yaml) {
        return Binder.bind(Sample.class, ConfigTree.parse(yaml, "mine.yaml"), "mine.yaml");
    }
}
