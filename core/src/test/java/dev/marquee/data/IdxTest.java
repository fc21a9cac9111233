package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
    private static final byte[] PICTURES =
            IdxFiles.pictures(2, 2, 3, bytes(0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255));
    private static final byte[] LABELS = IdxFiles.labels(bytes(3, 9));

    @TempDir
    private Path folder;

    private Path pictures;
    private Path labels;

    @BeforeEach
    void writeFiles() {
        pictures = IdxFiles.write(folder.resolve("pictures"), PICTURES);
        labels = IdxFiles.write(folder.resolve("labels"), LABELS);
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void read_plainOrZipped_givesPicturesAndLabels(boolean zipPictures, boolean zipLabels) {
        IdxFiles.write(pictures, zipPictures ? IdxFiles.gzip(PICTURES) : PICTURES);
        IdxFiles.write(labels, zipLabels ? IdxFiles.gzip(LABELS) : LABELS);

        PictureSet set = Idx.read(pictures, labels, 10);

        assertThat(set.size()).isEqualTo(2);
        assertThat(set.height()).isEqualTo(2);
        assertThat(set.width()).isEqualTo(3);
        assertThat(set.classes()).isEqualTo(10);
        assertThat(set.label(0)).isEqualTo(3);
        assertThat(set.label(1)).isEqualTo(9);
        assertThat(set.pixel(0, 1, 0)).isEqualTo(3);
        assertThat(set.pixel(1, 0, 0)).isEqualTo(250);
        assertThat(set.pixel(1, 1, 2)).isEqualTo(255);
    }

    @Test
    void read_contentFarLargerThanZippedFile_isReadWhole() {
        byte[] black = new byte[300 * 28 * 28];
        IdxFiles.write(pictures, IdxFiles.gzip(IdxFiles.pictures(300, 28, 28, black)));
        IdxFiles.write(labels, IdxFiles.labels(new byte[300]));

        assertThat(Idx.read(pictures, labels, 10).size()).isEqualTo(300);
    }

    @Test
    void read_noSuchFile_namesIt() {
        faulty(folder.resolve("none"), labels, folder.resolve("none") + " cannot be read: there is no such file");
    }

    @Test
    void read_folder_isRefused() {
        faulty(folder, labels, folder + " is a folder; expected an idx file");
    }

    @Test
    void read_empty_saysWhatWasExpected() {
        IdxFiles.write(pictures, new byte[0]);
        faulty(pictures + ": is empty; expected an idx file of pictures (magic number 2051)");
    }

    @Test
    void read_otherFormat_namesTheMagicNumbers() {
        IdxFiles.write(pictures, bytes('P', 'K', 3, 4, 0, 0));
        faulty(pictures
                + ": at byte 0: expected the magic number 2051 of pictures in the idx format, found 1347093252");
    }

    @Test
    void read_swapped_saysSo() {
        faulty(
                labels,
                pictures,
                pictures
                        + ": at byte 0: expected the magic number 2049 of labels in the idx format, found 2051, that of"
                        + " pictures: the files of pictures and of labels seem to be swapped");
    }

    @Test
    void read_labelsInPlaceOfPictures_saysSo() {
        faulty(
                labels,
                labels,
                labels
                        + ": at byte 0: expected the magic number 2051 of pictures in the idx format, found 2049, that of"
                        + " labels: the files of pictures and of labels seem to be swapped");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 15})
    void read_endsWithinHeader_saysWhere(int length) {
        IdxFiles.write(pictures, Arrays.copyOf(PICTURES, length));
        faulty(pictures + ": truncated: it ends at byte " + length
                + ", expected at least 16 bytes: an idx file of pictures starts with a header of 16 bytes");
    }

    @Test
    void read_truncated_saysWhereAndHowMuch() {
        IdxFiles.write(pictures, Arrays.copyOf(PICTURES, 20));
        faulty(pictures + ": truncated: it ends at byte 20, expected 28 bytes: its header says 2 pictures of 2 × 3");
    }

    @Test
    void read_truncatedLabels_saysWhereAndHowMuch() {
        IdxFiles.write(labels, Arrays.copyOf(LABELS, 9));
        faulty(labels + ": truncated: it ends at byte 9, expected 10 bytes: its header says 2 labels");
    }

    @Test
    void read_truncatedBeforeZipping_saysWhereAndHowMuch() {
        IdxFiles.write(pictures, IdxFiles.gzip(Arrays.copyOf(PICTURES, 20)));
        faulty(pictures
                + ": truncated: it ends at byte 20 of its unzipped contents, expected 28 bytes: its header says 2"
                + " pictures of 2 × 3");
    }

    @Test
    void read_trailingBytes_saysWhere() {
        IdxFiles.write(pictures, Arrays.copyOf(PICTURES, 31));
        faulty(pictures
                + ": it goes on for 3 bytes after byte 28, expected 28 bytes: its header says 2 pictures of 2 × 3");
    }

    @Test
    void read_trailingBytesInZip_saysWhere() {
        IdxFiles.write(labels, IdxFiles.gzip(Arrays.copyOf(LABELS, 11)));
        faulty(labels + ": its unzipped content goes on after byte 10, expected 10 bytes: its header says 2 labels");
    }

    @Test
    void read_gzipCutInItsHeader_saysWhere() {
        IdxFiles.write(pictures, Arrays.copyOf(IdxFiles.gzip(PICTURES), 7));
        faulty(pictures
                + ": truncated gzip file: it ends within its header, at byte 7; expected zipped pictures in the idx"
                + " format");
    }

    @Test
    void read_gzipCutInItsMiddle_saysWhere() {
        byte[] zipped = IdxFiles.gzip(PICTURES);
        IdxFiles.write(pictures, Arrays.copyOf(zipped, zipped.length - 9));

        assertThatThrownBy(() -> Idx.read(pictures, labels, 10))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(pictures + ": truncated gzip file: its contents end at byte ")
                .hasMessageEndingWith(", expected 28 bytes: its header says 2 pictures of 2 × 3");
    }

    @Test
    void read_gzipWithWrongChecksum_saysSo() {
        byte[] zipped = IdxFiles.gzip(PICTURES);
        zipped[zipped.length - 8] ^= 1;
        IdxFiles.write(pictures, zipped);
        faulty(pictures
                + ": corrupt gzip file: after byte 28 of its contents: Corrupt GZIP trailer; expected 28 bytes: its header says 2"
                + " pictures of 2 × 3");
    }

    @Test
    void read_gzipOfUnknownMethod_saysSo() {
        byte[] zipped = IdxFiles.gzip(PICTURES);
        zipped[2] = 7;
        IdxFiles.write(pictures, zipped);
        faulty(pictures + ": corrupt gzip file: at byte 0: Unsupported compression method");
    }

    @Test
    void read_gzipWithFlippedBits_isAFaultWhereverTheyAre() {
        byte[] intact = IdxFiles.gzip(PICTURES);
        for (int i = 10; i < intact.length; i++) {
            byte[] zipped = intact.clone();
            zipped[i] ^= 0x55;
            IdxFiles.write(pictures, zipped);
            assertThatThrownBy(() -> Idx.read(pictures, labels, 10))
                    .as("flip in byte %d", i)
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining(pictures.toString());
        }
    }

    @Test
    void read_differentCounts_namesBothFiles() {
        IdxFiles.write(labels, IdxFiles.labels(bytes(1, 2, 3)));
        faulty(labels + ": at byte 4: expected 2 labels, one for each picture of " + pictures + ", found 3");
    }

    @Test
    void read_labelOutOfRange_namesIndexValueAndRange() {
        IdxFiles.write(labels, IdxFiles.labels(bytes(9, 200)));
        faulty(labels + ": at byte 9: label 1 is 200; expected 0 to 9, as data.classes is 10");
    }

    @Test
    void read_noPictures_isRefused() {
        IdxFiles.write(pictures, IdxFiles.pictures(0, 28, 28));
        faulty(pictures + ": at byte 4: expected the number of pictures, at least 1, found 0");
    }

    @Test
    void read_noColumns_isRefused() {
        IdxFiles.write(pictures, IdxFiles.pictures(2, 28, 0));
        faulty(pictures + ": at byte 12: expected 1 to 65536 columns, found 0");
    }

    @Test
    void read_absurdRows_isRefused() {
        IdxFiles.write(pictures, IdxFiles.pictures(2, -1, 28));
        faulty(pictures + ": at byte 8: expected 1 to 65536 rows, found 4294967295");
    }

    @Test
    void read_forgedCountBeyondMemory_isRefusedBeforeAnythingIsAllocated() {
        IdxFiles.write(pictures, IdxFiles.pictures(-1, 28, 28));
        faulty(pictures + ": at byte 4: expected at most 2739137 pictures of that size (2 GiB), found 4294967295");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void read_forgedCountOfTwoGigabytes_isFoundTruncatedWithoutAllocatingThem(boolean zipped) {
        byte[] forged = ByteBuffer.wrap(PICTURES.clone())
                .putInt(4, 2_000_000)
                .putInt(8, 28)
                .putInt(12, 28)
                .array();
        IdxFiles.write(pictures, zipped ? IdxFiles.gzip(forged) : forged);

        assertThatThrownBy(() -> Idx.read(pictures, labels, 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected 1568000016 bytes: its header says 2000000 pictures of 28 × 28");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 257})
    void read_numberOfClassesOutOfRange_isTheCallersFault(int classes) {
        assertThatThrownBy(() -> Idx.read(pictures, labels, classes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the number of classes must be 1 to 256, not " + classes);
    }

    private void faulty(String message) {
        faulty(pictures, labels, message);
    }

    private static void faulty(Path pictures, Path labels, String message) {
        assertThatThrownBy(() -> Idx.read(pictures, labels, 10))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
