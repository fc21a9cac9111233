package dev.marquee.cli;

import dev.marquee.checkpoint.AtomicFile;
import dev.marquee.source.FileSource;
import dev.marquee.source.SourceConfig;
import dev.marquee.source.guess.Guess;
import dev.marquee.source.guess.InitRecipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code marquee init}: proposes a recipe for a log that nobody has described. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at a log and writes a recipe for it, with a reason for each column.",
            "It is a guess: read it before you rely on it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  marquee init --data clicks.parquet --label click --output mine.yaml",
            "  marquee init --data 'logs/*.csv.gz' --label click --columns click,user,ad,price",
            "  marquee train mine.yaml"
        })
final class InitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "A file, a folder or a glob of files: CSV (also .gz, .zst), Parquet, JSON lines.")
    private @Nullable String data;

    @Option(names = "--label", required = true, paramLabel = "COLUMN", description = "The column to predict.")
    private String label;

    @Option(names = "--output", paramLabel = "FILE", description = "The recipe to write. Default: to standard output.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Overwrite the file of --output.")
    private boolean force;

    @Option(
            names = "--columns",
            split = ",",
            paramLabel = "NAME",
            description = "CSV without a line of names: the names of all columns, in their order.")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = "--delimiter",
            paramLabel = "TEXT",
            description = "CSV: what separates the fields of a line; \\t is a tab. Default: found out.")
    private @Nullable String delimiter;

    @Option(
            names = "--sql",
            paramLabel = "QUERY",
            description = "A query over the files, which it calls data, in DuckDB's SQL.")
    private @Nullable String sql;

    @Option(names = "--json", description = "Print one JSON object, nothing else, on standard output.")
    private boolean json;

    InitCommand(CommandSpec spec, String label) {
        this.spec = spec;
        this.label = label;
    }

    InitCommand() {
        this(CommandSpec.create(), "");
    }

    @Override
    public Integer call() {
        PrintWriter results = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (data == null && sql == null) {
            throw new ParameterException(
                    spec.commandLine(), "nothing to look at: give --data PATH, or a query that names files in --sql");
        }
        Path file = output;
        if (file != null && Files.exists(file) && !force) {
            throw new IllegalStateException(file + " exists: name another --output, or overwrite it with --force");
        }
        SourceConfig format = new SourceConfig(
                SourceConfig.Kind.AUTO,
                Optional.ofNullable(delimiter).map(text -> text.replace("\\t", "\t")),
                Optional.empty(),
                columns,
                List.of(),
                Optional.ofNullable(sql));
        int threads = Runtime.getRuntime().availableProcessors();
        Guess guess = Guess.of(FileSource.open(format, Optional.ofNullable(data), threads), label);
        String recipe = InitRecipe.write(guess, Optional.ofNullable(data));
        if (file != null) {
            write(file, recipe);
        }
        InitSummary.lines(guess).forEach(err::println);
        if (json) {
            Json.print(results, json(guess, file, recipe));
        } else if (file == null) {
            results.print(recipe);
            results.flush();
        }
        if (file == null) {
            err.println("next     keep the recipe with --output mine.yaml, read it, then  marquee train mine.yaml");
        } else {
            err.println("wrote    " + file + ": read it, then  marquee train " + Shell.word(file));
        }
        return 0;
    }

    private static void write(Path file, String recipe) {
        try {
            AtomicFile.writeText(file, recipe);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + Failures.reason(e), e);
        }
    }

    private static Map<String, Object> json(Guess guess, @Nullable Path file, String recipe) {
        Map<String, Object> json = new LinkedHashMap<>(InitSummary.json(guess));
        if (file == null) {
            json.put("recipe", recipe);
        } else {
            json.put("output", file.toString());
        }
        return json;
    }
}
