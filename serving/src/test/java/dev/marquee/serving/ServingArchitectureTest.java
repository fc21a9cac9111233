package dev.marquee.serving;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** A service that scores has no use for what trains, however indirectly. */
@AnalyzeClasses(packages = "dev.marquee", importOptions = ImportOption.DoNotIncludeTests.class)
class ServingArchitectureTest {
    @ArchTest
    static final ArchRule SERVING_SEES_NO_TRAINING = noClasses()
            .that()
            .resideInAPackage("dev.marquee.serving..")
            .should()
            .transitivelyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.marquee.train..",
                    "dev.marquee.recipe..",
                    "dev.marquee.optim..",
                    "dev.marquee.loss..",
                    "dev.marquee.parallel..",
                    "dev.marquee.collective..",
                    "dev.marquee.launch..",
                    "dev.marquee.accelerate..",
                    "org.apache.spark..");

    @ArchTest
    static final ArchRule ONLY_THE_SERVER_KNOWS_HTTP = noClasses()
            .that()
            .resideInAPackage("dev.marquee.serving..")
            .and()
            .haveNameMatching(
                    ".*\\.(Scorer|Scores|R[ae].*Request.*|RawRows|ColumnBuilder|.*Encoder|Repeated|ModelVersion)")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..", "io.prometheus..");
}
