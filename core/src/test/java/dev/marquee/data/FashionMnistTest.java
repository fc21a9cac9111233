package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
    private static final PictureDataConfig CONFIG = PictureDataConfig.DEFAULT;

    private final List<String> notices = new ArrayList<>();
    private final Map<String, byte[]> served = new HashMap<>();
    private final Map<String, String> checksums = new HashMap<>();

    @TempDir
    private Path folder;

    private HttpServer server;
    private URI base;
    private Path cache;

    @BeforeEach
    void serve() throws IOException {
        Path published = IdxFiles.write(folder.resolve("published"), 30, 20, false);
        for (String name : IdxFiles.NAMES) {
            byte[] contents = Files.readAllBytes(published.resolve(name));
            checksums.put(name, HexFormat.of().formatHex(PictureSet.sha256().digest(contents)));
            served.put("/" + name + ".gz", IdxFiles.gzip(contents));
        }
        cache = folder.resolve("cache").resolve("fashion_mnist");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = served.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        base = URI.create("http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort() + "/");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void find_path_readsAnyFolderInTheFormat() {
        Path mine = IdxFiles.write(folder.resolve("mine"), 7, 3, true);
        IdxFiles.write(cache, 5, 5, false);

        Pictures pictures = find(withPath(mine));

        assertThat(pictures.train().size()).isEqualTo(7);
        assertThat(pictures.test().size()).isEqualTo(3);
        assertThat(pictures.description()).isEqualTo("7 + 3 pictures from " + mine);
        assertThat(notices).isEmpty();
    }

    @Test
    void find_incompletePath_namesBothNames() throws IOException {
        Path mine = IdxFiles.write(folder.resolve("mine"), 7, 3, true);
        Files.delete(mine.resolve("t10k-labels-idx1-ubyte.gz"));

        assertThatThrownBy(() -> find(withPath(mine)))
                .isInstanceOf(DataException.class)
                .hasMessage(mine + ": neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz is there; expected"
                        + " train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,"
                        + " t10k-labels-idx1-ubyte, each plain or with the ending .gz");
    }

    @Test
    void find_pathThatIsNoFolder_saysSo() {
        Path file = IdxFiles.write(folder.resolve("file"), new byte[1]);

        assertThatThrownBy(() -> find(withPath(folder.resolve("none"))))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(folder.resolve("none") + ": there is no such folder; expected one with train-");
        assertThatThrownBy(() -> find(withPath(file)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(file + ": is not a folder; expected one with train-");
    }

    @Test
    void find_trainAndTestOfDifferentSizes_namesBothFiles() {
        Path mine = IdxFiles.write(folder.resolve("mine"), 7, 2, false);
        Path test = IdxFiles.write(mine.resolve(IdxFiles.NAMES.get(2)), IdxFiles.pictures(2, 1, 2, new byte[4]));

        assertThatThrownBy(() -> find(withPath(mine)))
                .isInstanceOf(DataException.class)
                .hasMessage(test + ": at byte 8: expected pictures of 28 × 28, as in "
                        + mine.resolve(IdxFiles.NAMES.get(0)) + ", found 1 × 2");
    }

    @Test
    void find_cache_isPreferredToWhatIsInstalled() {
        IdxFiles.write(cache, 5, 4, true);
        IdxFiles.write(folder.resolve("installed"), 6, 4, true);

        assertThat(find(CONFIG).description()).isEqualTo("Fashion-MNIST, 5 + 4 pictures, from " + cache);
        assertThat(notices).isEmpty();
    }

    @Test
    void find_faultyCache_saysHowToFetchItAnew() {
        IdxFiles.write(cache, 5, 4, false);
        Path labels = IdxFiles.write(cache.resolve(IdxFiles.NAMES.get(1)), new byte[0]);

        assertThatThrownBy(() -> find(CONFIG))
                .isInstanceOf(DataException.class)
                .hasMessage(labels + ": is empty; expected an idx file of labels (magic number 2049) (delete " + cache
                        + " to fetch it anew)");
    }

    @Test
    void find_installed_isPreferredToADownload() {
        Path installed = IdxFiles.write(folder.resolve("installed"), 6, 4, true);

        assertThat(find(CONFIG).description()).isEqualTo("Fashion-MNIST, 6 + 4 pictures, from " + installed);
        assertThat(notices).isEmpty();
    }

    @Test
    void find_nothingThere_downloadsIntoTheCache() throws IOException {
        assertThat(find(CONFIG).description()).isEqualTo("Fashion-MNIST, 30 + 20 pictures, from " + cache);

        assertThat(notices).containsExactly("downloading Fashion-MNIST (30 MB) from " + base + " to " + cache);
        assertThat(filesInCache())
                .containsExactlyInAnyOrderElementsOf(
                        IdxFiles.NAMES.stream().map(name -> name + ".gz").toList());

        server.stop(0);
        notices.clear();
        assertThat(find(CONFIG).train().size()).isEqualTo(30);
        assertThat(notices).isEmpty();
    }

    @Test
    void find_partOfTheCacheMissing_downloadsOnlyThat() throws IOException {
        find(CONFIG);
        Files.delete(cache.resolve("t10k-labels-idx1-ubyte.gz"));
        served.keySet().removeIf(name -> !name.contains("t10k-labels"));

        assertThat(find(CONFIG).test().size()).isEqualTo(20);
    }

    @Test
    void find_wrongChecksum_fallsBackToTheSample() throws IOException {
        served.put("/train-labels-idx1-ubyte.gz", IdxFiles.gzip(IdxFiles.labels(new byte[30])));

        fallsBack("train-labels-idx1-ubyte.gz has the checksum ", "train-images-idx3-ubyte.gz");
    }

    @Test
    void find_truncatedDownload_fallsBackToTheSample() throws IOException {
        byte[] whole = served.getOrDefault("/train-images-idx3-ubyte.gz", new byte[0]);
        served.put("/train-images-idx3-ubyte.gz", Arrays.copyOf(whole, whole.length / 2));

        fallsBack("train-images-idx3-ubyte.gz sent no intact gzip file: Unexpected end of ZLIB input stream");
    }

    @Test
    void find_webPageInPlaceOfTheFile_fallsBackToTheSample() throws IOException {
        served.put("/train-images-idx3-ubyte.gz", new byte[] {'<', 'h', 't', 'm', 'l', '>', 1, 2, 3, 4, 5});

        fallsBack("train-images-idx3-ubyte.gz sent no intact gzip file: Not in GZIP format");
    }

    @Test
    void find_missingOnTheServer_fallsBackToTheSample() throws IOException {
        served.clear();

        fallsBack("train-images-idx3-ubyte.gz answers with status 404, expected 200");
    }

    @Test
    void find_noServer_fallsBackToTheSample() throws IOException {
        server.stop(0);

        fallsBack("download failed: Connection refused");
    }

    @Test
    void find_cacheThatCannotBeMade_fallsBackToTheSample() {
        IdxFiles.write(folder.resolve("cache"), new byte[1]);

        assertThat(find(CONFIG).description()).startsWith("a sample of Fashion-MNIST");
        assertThat(notices).hasSize(2);
        assertThat(notices.get(1)).startsWith("download failed: " + folder.resolve("cache"));
    }

    @Test
    void find_downloadForbiddenByTheRecipe_usesTheSampleAndSaysHowToGetTheRest() {
        PictureDataConfig config = new PictureDataConfig(
                CONFIG.source(), Optional.empty(), 20, true, 0, 10, false, CONFIG.readers(), CONFIG.prefetch());

        assertThat(find(config).description())
                .isEqualTo(
                        "a sample of Fashion-MNIST (6,000 + 1,000 pictures; for the full set, set data.download=true or"
                                + " put its four files into " + cache + ")");
        assertThat(notices).isEmpty();
    }

    @Test
    void find_downloadForbiddenByTheEnvironment_usesTheSampleAndSaysHowToGetTheRest() {
        Places offline = new Places(folder.resolve("cache"), List.of(), base, true);

        assertThat(new FashionMnist(offline, checksums)
                        .find(CONFIG, notices::add)
                        .description())
                .isEqualTo(
                        "a sample of Fashion-MNIST (6,000 + 1,000 pictures; for the full set, unset MARQUEE_OFFLINE or"
                                + " put its four files into " + cache + ")");
        assertThat(notices).isEmpty();
    }

    @Test
    void find_sample_isTheStartOfFashionMnist() {
        Places offline = new Places(folder.resolve("cache"), List.of(), base, true);
        Pictures sample = new FashionMnist(offline).find(CONFIG, notices::add);

        assertThat(sample.train().size()).isEqualTo(6000);
        assertThat(sample.test().size()).isEqualTo(1000);
        assertThat(sample.train().height()).isEqualTo(28);
        assertThat(sample.train().width()).isEqualTo(28);
        // The first labels of Fashion-MNIST as its publishers show them.
        assertThat(Stream.of(0, 1, 2, 3, 4).map(sample.train()::label)).containsExactly(9, 0, 0, 3, 0);
        assertThat(Stream.of(0, 1, 2, 3, 4).map(sample.test()::label)).containsExactly(9, 2, 1, 1, 6);
        int[] counts = new int[10];
        for (int i = 0; i < 6000; i++) {
            counts[sample.train().label(i)]++;
        }
        assertThat(Arrays.stream(counts).boxed())
                .allSatisfy(count -> assertThat(count).isBetween(560, 643));
    }

    @Test
    void sample_licence_comesAlong() throws IOException {
        try (InputStream in = FashionMnist.class.getResourceAsStream("/dev/marquee/samples/fashion_mnist/LICENSE")) {
            assertThat(in).isNotNull().asString(StandardCharsets.UTF_8).contains("Zalando SE");
        }
    }

    private void fallsBack(String reason, String... left) throws IOException {
        assertThat(find(CONFIG).description()).startsWith("a sample of Fashion-MNIST (6,000 + 1,000 pictures; for the");
        assertThat(notices).hasSize(2);
        assertThat(notices.get(1))
                .startsWith("download failed: ")
                .contains(reason)
                .endsWith("; using the sample that comes with Marquee (data.download=false does not try)");
        assertThat(filesInCache()).containsExactlyInAnyOrder(left);
    }

    private List<String> filesInCache() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private Pictures find(PictureDataConfig config) {
        Places places = new Places(folder.resolve("cache"), List.of(folder.resolve("installed")), base, false);
        return new FashionMnist(places, checksums).find(config, notices::add);
    }

    private static PictureDataConfig withPath(Path path) {
        return new PictureDataConfig(
                DataSource.FASHION_MNIST, Optional.of(path.toString()), 20, true, 0, 10, true, 1, 4);
    }
}
