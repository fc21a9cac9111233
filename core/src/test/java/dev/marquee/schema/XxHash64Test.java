package dev.marquee.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class XxHash64Test {
    @Test
    void hash_publishedTexts_giveThePublishedHashes() {
        assertThat(hash("")).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a")).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc")).isEqualTo(0x44BC2CF5AD770999L);
        assertThat(hash("ABC")).isEqualTo(0xE66AE7354FCFEE98L);
        assertThat(hash("xxhash")).isEqualTo(0x32DD38952C4BC720L);
        assertThat(hash("Nobody inspects the spammish repetition")).isEqualTo(0xFBCEA83C8A378BF1L);
    }

    @Test
    void hash_sanityBufferOfXxHash_givesThePublishedHashes() {
        byte[] buffer = new byte[223];
        long generator = 2_654_435_761L;
        for (int i = 0; i < buffer.length; i++) {
            buffer[i] = (byte) (generator >>> 56);
            generator *= 0x9E3779B185EBCA8DL;
        }
        assertThat(XxHash64.hash(buffer, 0, 1)).isEqualTo(0xE934A84ADB052768L);
        assertThat(XxHash64.hash(buffer, 0, 4)).isEqualTo(0x9136A0DCA57457EEL);
        assertThat(XxHash64.hash(buffer, 0, 14)).isEqualTo(0x8282DCC4994E35C8L);
        assertThat(XxHash64.hash(buffer, 0, 222)).isEqualTo(0xB641AE8CB691C174L);
    }

    @Test
    void hash_partOfAnArray_isThatOfTheBytesAlone() {
        byte[] bytes = "..Nobody inspects the spammish repetition...".getBytes(StandardCharsets.UTF_8);
        assertThat(XxHash64.hash(bytes, 2, 41)).isEqualTo(0xFBCEA83C8A378BF1L);
    }

    private static long hash(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length);
    }
}
