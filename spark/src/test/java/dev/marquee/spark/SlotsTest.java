package dev.marquee.spark;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SlotsTest {
    @Test
    void requireSettings_dynamicAllocation_namesTheSettingToChange() {
        assertThatThrownBy(() -> Slots.requireSettings(conf("spark.dynamicAllocation.enabled", "true"), false, 4))
                .hasMessage("the 4 workers of a training must run at once, which Spark does not do with dynamic"
                        + " allocation: set spark.dynamicAllocation.enabled=false, and executors for 4 tasks of"
                        + " spark.task.cpus=1 (spark.executor.instances, or spark.cores.max)");
    }

    @Test
    void requireSettings_dynamicAllocationOfALocalMaster_hasNoEffect() {
        assertThatCode(() -> Slots.requireSettings(conf("spark.dynamicAllocation.enabled", "true"), true, 4))
                .doesNotThrowAnyException();
    }

    @Test
    void requireSettings_fewerCoresThanWorkers_isRefusedAtOnce() {
        assertThatThrownBy(() -> Slots.requireSettings(
                        conf("spark.executor.instances", "2")
                                .set("spark.executor.cores", "5")
                                .set("spark.task.cpus", "2"),
                        false,
                        8))
                .hasMessageContaining("8 workers")
                .hasMessageContaining("room for 4 tasks of spark.task.cpus=2: set numWorkers to 4 or fewer");
        assertThatThrownBy(() -> Slots.requireSettings(conf("spark.cores.max", "3"), false, 4))
                .hasMessageContaining("room for 3 tasks");
        assertThatCode(() -> Slots.requireSettings(conf("spark.cores.max", "4"), false, 4))
                .doesNotThrowAnyException();
    }

    private static SparkConf conf(String key, String value) {
        return new SparkConf(false).set(key, value);
    }
}
