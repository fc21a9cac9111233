package dev.marquee.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds Fashion-MNIST; {@link Pictures#find} tells in which order. */
final class FashionMnist {
    /** The SHA-256 of the files' contents after unzipping, so that it does not matter how they were zipped. */
    static final Map<String, String> CHECKSUMS = Map.of(
            PictureFolder.TRAIN_PICTURES, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            PictureFolder.TRAIN_LABELS, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            PictureFolder.TEST_PICTURES, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            PictureFolder.TEST_LABELS, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    private static final String FOLDER = "fashion_mnist";
    private static final String SAMPLE = "/dev/marquee/samples/fashion_mnist/";

    private final Places places;
    private final Map<String, String> checksums;

    FashionMnist(Places places) {
        this(places, CHECKSUMS);
    }

    /** With other checksums, for tests with small files. */
    FashionMnist(Places places, Map<String, String> checksums) {
        this.places = places;
        this.checksums = checksums;
    }

    Pictures find(PictureDataConfig config, Consumer<String> notices) {
        if (config.path().isPresent()) {
            return Pictures.read(Path.of(config.path().get()), config.classes());
        }
        PictureFolder cache = new PictureFolder(places.cache().resolve(FOLDER));
        if (cache.isComplete()) {
            return readCache(cache, config.classes());
        }
        Optional<PictureFolder> installed = places.installed().stream()
                .map(PictureFolder::new)
                .filter(PictureFolder::isComplete)
                .findFirst();
        if (installed.isPresent()) {
            return full(installed.get(), config.classes());
        }
        if (!config.download()) {
            return sample(cache, config.classes(), "set data.download=true or ");
        }
        if (places.offline()) {
            return sample(cache, config.classes(), "unset MARQUEE_OFFLINE or ");
        }
        try {
            download(cache, notices);
        } catch (IOException e) {
            notices.accept("download failed: " + where(e) + IdxFile.reason(e)
                    + "; using the sample that comes with Marquee" + " (data.download=false does not try)");
            return sample(cache, config.classes(), "");
        }
        return full(cache, config.classes());
    }

    private void download(PictureFolder cache, Consumer<String> notices) throws IOException {
        notices.accept("downloading Fashion-MNIST (30 MB) from " + places.base() + " to " + cache.folder());
        Files.createDirectories(cache.folder());
        for (String name : PictureFolder.NAMES) {
            if (cache.find(name).isEmpty()) {
                String zipped = name + PictureFolder.ZIPPED;
                Download.fetch(
                        places.base().resolve(zipped),
                        cache.folder().resolve(zipped),
                        checksums.getOrDefault(name, ""));
            }
        }
    }

    private static String where(IOException e) {
        return e instanceof FileSystemException system && system.getFile() != null ? system.getFile() + ": " : "";
    }

    private static Pictures readCache(PictureFolder cache, int classes) {
        try {
            return full(cache, classes);
        } catch (DataException e) {
            throw new DataException(e.getMessage() + " (delete " + cache.folder() + " to fetch it anew)", e);
        }
    }

    private static Pictures full(PictureFolder folder, int classes) {
        Pictures pictures = folder.read(classes);
        return pictures.describedAs("Fashion-MNIST, " + pictures.description() + ", from " + folder.folder());
    }

    private static Pictures sample(PictureFolder cache, int classes, String advice) {
        Pictures pictures =
                PictureFolder.read(name -> IdxFile.ofResource(SAMPLE + name + PictureFolder.ZIPPED), classes);
        return pictures.describedAs("a sample of Fashion-MNIST (" + pictures.description() + "; for the full set, "
                + advice + "put its four files into " + cache.folder() + ")");
    }
}
