package dev.marquee.data;

import java.nio.file.Path;

/**
 * What preparing rows gave.
 *
 * @param folder where they lie
 * @param written false when they were there already, and found undamaged
 * @param training rows to train on
 * @param validation rows for validation
 * @param test rows for the test
 * @param bytes the size of all files
 * @param seconds how long it took
 */
public record PreparedReport(
        Path folder, boolean written, long training, long validation, long test, long bytes, double seconds) {}
