package dev.marquee.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.marquee.tensor.DType;
import dev.marquee.tensor.Scope;
import dev.marquee.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.Test;

class PictureSetTest {
    private final byte[] pixels = {1, 2, 3, 4, 5, 6};
    private final byte[] labels = {0, 1, 2};
    private final PictureSet set = PictureSet.of(pixels, labels, 2, 1, 3);

    @Test
    void write_everyByte_isDividedBy255AsTheEngineDoes() {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        FloatBuffer written = FloatBuffer.allocate(256);

        PictureSet.of(all, new byte[1], 16, 16, 1).write(new int[] {0}, 0, 1, written, LongBuffer.allocate(1));

        try (Scope scope = Scope.open()) {
            float[] expected = Tensors.toFloats(Tensors.of(longs(256))
                    .to(DType.UINT8.scalarType())
                    .to(DType.FLOAT32.scalarType())
                    .div(new Scalar(255)));
            assertThat(written.array()).isEqualTo(expected);
        }
    }

    @Test
    void write_range_takesTheIndicesAsked() {
        FloatBuffer pictures = FloatBuffer.allocate(4);
        LongBuffer targets = LongBuffer.allocate(2);

        set.write(new int[] {0, 2, 0}, 1, 2, pictures, targets);

        assertThat(pictures.array()).containsExactly(5 / 255f, 6 / 255f, 1 / 255f, 2 / 255f);
        assertThat(targets.array()).containsExactly(2, 0);
    }

    @Test
    void of_changedArrays_keepsItsOwnCopy() {
        pixels[0] = 99;
        labels[0] = 2;

        assertThat(set.pixel(0, 0, 0)).isEqualTo(1);
        assertThat(set.label(0)).isZero();
    }

    @Test
    void subset_indices_areInThatOrder() {
        PictureSet subset = set.subset(2, 0, 2);

        assertThat(subset.size()).isEqualTo(3);
        assertThat(subset.label(0)).isEqualTo(2);
        assertThat(subset.label(1)).isZero();
        assertThat(subset.pixel(0, 0, 0)).isEqualTo(5);
        assertThat(subset.pixel(1, 1, 0)).isEqualTo(2);
        assertThat(subset.pixel(2, 1, 0)).isEqualTo(6);
        assertThat(subset.classes()).isEqualTo(3);
    }

    @Test
    void subset_badIndices_saysWhatIsAllowed() {
        assertThatThrownBy(() -> set.subset(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("index 1 is 3, but there are 3 pictures: allowed are 0 to 2");
        assertThatThrownBy(() -> set.subset())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a subset needs at least one picture");
    }

    @Test
    void fingerprint_contents_dependsOnAllOfThem() {
        String fingerprint = set.fingerprint();

        assertThat(fingerprint)
                .matches("[0-9a-f]{16}")
                .isEqualTo(set.subset(0, 1, 2).fingerprint());
        assertThat(set.subset(1, 0, 2).fingerprint()).isNotEqualTo(fingerprint);
        assertThat(PictureSet.of(pixels, labels, 1, 2, 3).fingerprint()).isNotEqualTo(fingerprint);
        assertThat(PictureSet.of(pixels, new byte[] {0, 1, 1}, 2, 1, 3).fingerprint())
                .isNotEqualTo(fingerprint);
        assertThat(PictureSet.of(new byte[] {1, 2, 3, 4, 5, 7}, labels, 2, 1, 3).fingerprint())
                .isNotEqualTo(fingerprint);
    }

    @Test
    void of_arraysThatDoNotFit_saysWhatIsNeeded() {
        assertThatThrownBy(() -> PictureSet.of(pixels, labels, 2, 2, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 pictures of 2 × 2 need 12 pixels, not 6");
        assertThatThrownBy(() -> PictureSet.of(pixels, labels, 2, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label 2 is 2; allowed are 0 to 1");
        assertThatThrownBy(() -> PictureSet.of(new byte[0], new byte[0], 2, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a set needs at least one picture of at least 1 × 1, not 0 of 2 × 1");
    }

    @Test
    void pixel_outside_isRefused() {
        assertThatThrownBy(() -> set.pixel(0, 0, 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("row 0, column 1 is outside of 2 × 1");
    }

    private static long[] longs(int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }
}
