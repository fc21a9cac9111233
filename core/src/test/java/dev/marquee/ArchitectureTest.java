package dev.marquee;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The picture in docs/architecture.md, enforced. */
@AnalyzeClasses(packages = "dev.marquee", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("dev.marquee.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ARROWS_POINT_ONE_WAY = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("config")
            .definedBy("dev.marquee.config..")
            .layer("tensor")
            .definedBy("dev.marquee.tensor..")
            .layer("profile")
            .definedBy("dev.marquee.profile..")
            .layer("schema")
            .definedBy("dev.marquee.schema..")
            .layer("source")
            .definedBy("dev.marquee.source..")
            .layer("simulate")
            .definedBy("dev.marquee.simulate..")
            .layer("data")
            .definedBy("dev.marquee.data..")
            .layer("nn")
            .definedBy("dev.marquee.nn..")
            .layer("model")
            .definedBy("dev.marquee.model..")
            .layer("loss")
            .definedBy("dev.marquee.loss..")
            .layer("parallel")
            .definedBy("dev.marquee.parallel..")
            .layer("collective")
            .definedBy("dev.marquee.collective..")
            .layer("optim")
            .definedBy("dev.marquee.optim..")
            .layer("metric")
            .definedBy("dev.marquee.metric..")
            .layer("checkpoint")
            .definedBy("dev.marquee.checkpoint..")
            .layer("recipe")
            .definedBy("dev.marquee.recipe..")
            .layer("report")
            .definedBy("dev.marquee.report..")
            .layer("trained")
            .definedBy("dev.marquee.trained..")
            .layer("train")
            .definedBy("dev.marquee.train..")
            .layer("parity")
            .definedBy("dev.marquee.parity..")
            .layer("measure")
            .definedBy("dev.marquee.measure..")
            .layer("accelerate")
            .definedBy("dev.marquee.accelerate..")
            .layer("launch")
            .definedBy("dev.marquee.launch..")
            .whereLayer("profile")
            .mayNotAccessAnyLayer()
            .whereLayer("launch")
            .mayOnlyAccessLayers("collective")
            .whereLayer("launch")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("accelerate")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("accelerate")
            .whereLayer("parity")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("measure")
            .mayOnlyBeAccessedByLayers("accelerate")
            .whereLayer("recipe")
            .mayOnlyBeAccessedByLayers("train", "accelerate")
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("train", "accelerate")
            .whereLayer("trained")
            .mayOnlyBeAccessedByLayers("train")
            .whereLayer("metric")
            .mayOnlyBeAccessedByLayers("trained", "train")
            .whereLayer("checkpoint")
            .mayOnlyBeAccessedByLayers("trained", "train", "parity")
            .whereLayer("optim")
            .mayOnlyBeAccessedByLayers("recipe", "train", "measure", "accelerate")
            .whereLayer("collective")
            .mayOnlyBeAccessedByLayers("recipe", "parallel", "train", "launch", "measure")
            .whereLayer("parallel")
            .mayOnlyBeAccessedByLayers("recipe", "train", "measure")
            .whereLayer("loss")
            .mayOnlyBeAccessedByLayers("recipe", "train", "parity", "measure")
            .whereLayer("model")
            .mayOnlyBeAccessedByLayers("recipe", "trained", "train", "parity", "measure")
            .whereLayer("nn")
            .mayOnlyBeAccessedByLayers("model", "optim", "parallel", "trained", "train", "parity", "measure")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("model", "recipe", "trained", "train", "measure", "accelerate")
            .whereLayer("simulate")
            .mayOnlyBeAccessedByLayers("data", "train")
            .whereLayer("source")
            .mayOnlyBeAccessedByLayers("simulate", "data", "train");

    @ArchTest
    static final ArchRule SCORING_SEES_NO_TRAINING = noClasses()
            .that()
            .resideInAPackage("dev.marquee.trained..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.marquee.train..",
                    "dev.marquee.recipe..",
                    "dev.marquee.optim..",
                    "dev.marquee.loss..",
                    "dev.marquee.parallel..",
                    "dev.marquee.collective..");

    @ArchTest
    static final ArchRule ONLY_THE_ENGINE_ROOM_TOUCHES_NATIVE_MEMORY_AND_THREADS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.marquee.tensor..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("org\\.bytedeco\\.(javacpp|openblas)\\..*PointerScope|org\\.bytedeco\\.openblas\\..*")
            .orShould()
            .callMethodWhere(com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                    com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching(
                            "set_num_threads|manual_seed|retainReference|releaseReference")));

    @ArchTest
    static final ArchRule RECIPES_KNOW_NOTHING_OF_THE_ENGINE = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.marquee.config..",
                    "dev.marquee.recipe..",
                    "dev.marquee.schema..",
                    "dev.marquee.source..",
                    "dev.marquee.simulate..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");
}
