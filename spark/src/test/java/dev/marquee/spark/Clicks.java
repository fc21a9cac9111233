package dev.marquee.spark;

import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A small log of clicks whose probabilities depend on its columns, with values missing here and there. */
final class Clicks {
    static final int ROWS = 1200;

    static final StructType TYPE = new StructType()
            .add("impression", DataTypes.LongType)
            .add("user", DataTypes.StringType)
            .add("ad", DataTypes.IntegerType)
            .add("price", DataTypes.createDecimalType(10, 2))
            .add("mobile", DataTypes.BooleanType)
            .add("history", DataTypes.createArrayType(DataTypes.IntegerType))
            .add("at", DataTypes.TimestampType)
            .add("click", DataTypes.IntegerType);

    static final String RECIPE = """
            data:
              kind: click_log
              batch_size: 64
              split: {by: time, validation: 0.2, test: 0.2}
              time: at
              keys: [impression]
              labels:
                - {name: click}
              features:
                - {kind: dense, name: price, encoding: signed_log}
                - {kind: categorical, name: user, hash: 50}
                - {kind: categorical, name: ad}
                - {kind: categorical, name: mobile}
                - {kind: sequence, name: history, target: ad, maximum_length: 4}
            model:
              kind: din
              embedding: {size: 4}
              attention_hidden: [8]
              hidden: [16]
              dice: false
            loss:
              kind: binary_cross_entropy
            optimizer:
              name: adam
              learning_rate: 0.02
            train:
              epochs: 2
              calibration: platt
            engine:
              threads: 1
            """;

    private Clicks() {}

    /** In order, in partitions of which some are empty and the others are of unequal sizes. */
    static Dataset<Row> unevenly(SparkSession spark) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        List<Row> rows = rows();
        int[] ends = {0, 5, 5, 900, 901, ROWS, ROWS};
        JavaRDD<Row> all = context.parallelize(rows.subList(0, ends[1]), 1);
        for (int i = 2; i < ends.length; i++) {
            all = all.union(context.parallelize(rows.subList(ends[i - 1], ends[i]), 1));
        }
        return spark.createDataFrame(all, TYPE);
    }

    static List<Row> rows() {
        Random random = new Random(7);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            int user = random.nextInt(40);
            int ad = random.nextInt(20);
            List<Integer> history = new ArrayList<>();
            for (int seen = random.nextInt(6); seen > 0; seen--) {
                history.add(random.nextInt(20));
            }
            boolean mobile = random.nextBoolean();
            double price = random.nextInt(1000) / 100.0;
            double score = (history.contains(ad) ? 2 : 0) + (user % 3) - 1 + (mobile ? 0.5 : -0.5) - price / 10;
            boolean click = random.nextDouble() < 1 / (1 + Math.exp(-score));
            rows.add(RowFactory.create(
                    (long) i,
                    i % 17 == 0 ? null : "user-" + user,
                    ad,
                    i % 23 == 0 ? null : java.math.BigDecimal.valueOf(price).setScale(2),
                    mobile,
                    i % 19 == 0
                            ? null
                            : history.stream().mapToInt(Integer::intValue).toArray(),
                    new Timestamp(1_760_000_000_000L + i * 1000L),
                    click ? 1 : 0));
        }
        return rows;
    }
}
