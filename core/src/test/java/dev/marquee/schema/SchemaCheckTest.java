package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.config.Binder;
import dev.marquee.config.ConfigException;
import dev.marquee.config.ConfigTree;
import dev.marquee.config.Faults;
import dev.marquee.data.ClickLogConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaCheckTest {
    private static final String LABELS = "; labels: [{name: click}]";

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "features: []; labels: []"
                        + "! features: is empty: name at least one feature; `marquee init` proposes them"
                        + " && labels: is empty: name at least one label",
                "features: [{kind: dense}]" + LABELS + "! features[0].name: is empty: give it a name",
                "features: [{kind: dense, name: a}, {kind: bag, name: a}]" + LABELS
                        + "! features[1].name: a is the name of features[0] too: each needs its own",
                "features: [{kind: dense, name: a}]; labels: [{name: c}, {name: c}]"
                        + "! labels[1].name: c is the name of labels[0] too: each needs its own",
                "features: [{kind: dense, name: click}]" + LABELS
                        + "! features[0].name: click is the column of label click: the model would see what it has to"
                        + " predict (a leak); leave the feature out",
                "features: [{kind: dense, name: a, column: click}]" + LABELS
                        + "! features[0].column: click is the column of label click: the model would see what it has to"
                        + " predict (a leak); leave the feature out",
                "features: [{kind: bag, name: a, columns: [b, click]}]" + LABELS
                        + "! features[0].columns[1]: click is the column of label click: the model would see what it has"
                        + " to predict (a leak); leave the feature out",
                "features: [{kind: dense, name: w}]; weight: w" + LABELS
                        + "! features[0].name: w is the column of the rows' weight, which says nothing of the rows"
                        + " themselves: leave the feature or the key weight out",
                "features: [{kind: dense, name: a}]; weight: click" + LABELS
                        + "! weight: click is the column of label click: name another",
                "features: [{kind: dense, name: a, column: ''}]; group: ''" + LABELS
                        + "! features[0].column: is empty: name a column, or leave the key out"
                        + " && group: is empty: name a column, or leave the key out",
                "features: [{kind: bag, name: a, columns: [b, b]}]" + LABELS
                        + "! features[0].columns[1]: b is in the list twice",
                "features: [{kind: bag, name: a, separator: ''}]" + LABELS
                        + "! features[0].separator: is empty: give what stands between the values of a text, such as"
                        + " \"|\"",
                "features: [{kind: dense, name: a}]; labels: [{name: c, column: '', positive: ['']}]"
                        + "! labels[0].column: is empty: name a column, or leave the key out"
                        + " && labels[0].positive: holds an empty text, which never counts as 1: rows with none have no"
                        + " label",
                "features: [{kind: categorical, name: ad}, {kind: sequence, name: s, target: adv}]" + LABELS
                        + "! features[1].target: there is no feature adv: did you mean ad?",
                "features: [{kind: sequence, name: s, target: zzz}]" + LABELS
                        + "! features[0].target: there is no feature zzz: name a categorical one",
                "features: [{kind: dense, name: ad}, {kind: sequence, name: s, target: ad}]" + LABELS
                        + "! features[1].target: ad is not a categorical feature: name the one of the candidate that the"
                        + " values are compared with",
                "features: [{kind: categorical, name: ad}, {kind: sequence, name: s, target: ad, table: t, hash: 9,"
                        + " minimum_count: 3}]" + LABELS
                        + "! features[1].table: the table is that of the target ad, whose table the sequence shares: leave"
                        + " the key out"
                        + " && features[1].hash: the number is that of the target ad, whose table the sequence shares:"
                        + " leave the key out"
                        + " && features[1].minimum_count: the number is that of the target ad, whose table the sequence"
                        + " shares: leave the key out",
                "features: [{kind: categorical, name: a, table: t, hash: 9}, {kind: bag, name: b, table: t}]" + LABELS
                        + "! features[1].hash: b has no hash, a has 9, but b shares its ids with a in table t: features"
                        + " of one table need the same settings, or a table of their own",
                "features: [{kind: categorical, name: a, table: t, hash: 9}, {kind: bag, name: b, table: t, hash: 8}]"
                        + LABELS
                        + "! features[1].hash: b has 8, a has 9, but b shares its ids with a in table t: features"
                        + " of one table need the same settings, or a table of their own",
                "features: [{kind: categorical, name: a}, {kind: sequence, name: b, table: a, maximum_ids: 8,"
                        + " minimum_count: 7}]" + LABELS
                        + "! features[1].minimum_count: b has 7, a has 2, but b shares its ids with a in table a:"
                        + " features of one table need the same settings, or a table of their own"
                        + " && features[1].maximum_ids: b has 8, a has no limit, but b shares its ids with a in table a:"
                        + " features of one table need the same settings, or a table of their own",
                "features: [{kind: categorical, name: a, hash: 9, maximum_ids: 8}]" + LABELS
                        + "! features[0].maximum_ids: has no effect on a table with hash: leave one of the two out",
                "features: [{kind: categorical, name: a, table: ''}]" + LABELS
                        + "! features[0].table: is empty: name a table, or leave the key out",
                "features: [{kind: sequence, name: a}, {kind: sequence, name: b, maximum_length: 9, keep: first}]"
                        + LABELS
                        + "! features[1].maximum_length: 9, but a, of the same history history, has 50: sequences that"
                        + " stand side by side have one length"
                        + " && features[1].keep: first, but a, of the same history history, keeps the last: sequences"
                        + " that stand side by side keep the same end",
                "features: [{kind: categorical, name: user}]; growing: [{table: usr}]" + LABELS
                        + "! growing[0].table: no feature has the table usr: did you mean user?",
                "features: [{kind: categorical, name: a}]; growing: [{table: zzzzz}]" + LABELS
                        + "! growing[0].table: no feature has the table zzzzz: name one of [a]",
                "features: [{kind: categorical, name: a}]; growing: [{table: a}, {table: a}]" + LABELS
                        + "! growing[1].table: a is in the list twice",
                "features: [{kind: categorical, name: a, maximum_ids: 9}]; growing: [{table: a}]" + LABELS
                        + "! growing[0].table: a has maximum_ids, which has no effect on a growing table: leave one of"
                        + " the two out",
                "features: [{kind: categorical, name: a}]; growing: [{table: a, evict_after_days: 7}]" + LABELS
                        + "! growing[0].evict_after_days: needs data.time: the column that tells when a row happened",
                "features: [{kind: sequence, name: a, history: ''}]" + LABELS
                        + "! features[0].history: is empty: give a name, the same to sequences that stand side by side",
            })
    void check_eachFault_isNamed(String yaml, String faults) {
        List<String> expected = List.of(faults.strip().split(" && ", -1));
        String text = yaml.replace("; ", "\n");
        assertThatThrownBy(() -> Binder.bind(SchemaConfig.class, ConfigTree.parse(text, "mine.yaml"), "mine.yaml"))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.faults())
                                .map(fault -> fault.key() + ": " + fault.message())
                                .containsExactlyElementsOf(expected));
    }

    @Test
    void check_clickLog_hasTheSameFaults() {
        Faults faults = new Faults();
        ClickLogConfig.DEFAULT.check(faults);
        assertThat(faults.list()).map(Faults.Fault::key).containsExactly("features", "labels");
    }

    @Test
    void fitter_configWithFaults_isRefused() {
        assertThatThrownBy(() -> SchemaFitter.of(SchemaConfig.DEFAULT)).isInstanceOf(ConfigException.class);
    }
}
