package dev.marquee.cli.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;

/**
 * Requests that are sent when they are due, whether or not those before them have been answered. Latency counts from when a
 * request was due, so that waiting, for the server or for a free connection, is part of it; a client that sends the next
 * request only after an answer would leave out just what a slow answer does to others ("coordinated omission").
 */
final class OpenLoop {
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(2);
    private static final int DIGITS = 3;
    private static final int OK = 200;
    private static final int SHED = 429;
    private static final int PATIENCE_MILLIS = 30_000;
    private static final String LENGTH = "content-length:";

    private final String host;
    private final int port;
    private final byte[][] requests;

    /**
     * @param host of the server
     * @param port of the server
     * @param path what is posted to
     * @param bodies JSON, asked one after the other, over and over
     */
    OpenLoop(String host, int port, String path, List<byte[]> bodies) {
        this.host = host;
        this.port = port;
        this.requests = new byte[bodies.size()][];
        for (int i = 0; i < requests.length; i++) {
            byte[] body = bodies.get(i);
            byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            requests[i] = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, requests[i], head.length, body.length);
        }
    }

    /**
     * Some time of load.
     *
     * @param rate requests a second; 0: each connection sends as soon as it is answered
     * @param seconds how long
     * @param even whether arrivals are evenly spaced, and not random (a Poisson process)
     */
    record Phase(double rate, double seconds, boolean even) {}

    /**
     * What a phase gave.
     *
     * @param latency of accepted requests, in nanoseconds from when they were due
     * @param seconds from the phase's begin to the last answer
     * @param accepted answered with scores
     * @param shed refused with 429
     * @param failed all others
     * @param settled when the last request that was refused or took longer than was asked about was answered, in seconds
     *     from the phase's begin; 0 where there was none
     */
    record Result(
            SynchronizedHistogram latency, double seconds, long accepted, long shed, long failed, double settled) {}

    /** Counts while requests are made. */
    private static final class Count {
        private final Phase phase;
        private final SynchronizedHistogram latency = new SynchronizedHistogram(LONGEST, DIGITS);
        private long begin;
        private long end;
        private long shed;
        private long failed;
        private long settled;

        Count(Phase phase) {
            this.phase = phase;
        }

        private synchronized void add(int status, long due, long now, long slow) {
            if (status == OK) {
                latency.recordValue(Math.min(LONGEST, now - due));
            } else if (status == SHED) {
                shed++;
            } else {
                failed++;
            }
            if (status != OK || now - due > slow) {
                settled = Math.max(settled, now);
            }
            end = Math.max(end, now);
        }

        private Result result() {
            return new Result(
                    latency,
                    (end - begin) / 1e9,
                    latency.getTotalCount(),
                    shed,
                    failed,
                    settled == 0 ? 0 : (settled - begin) / 1e9);
        }
    }

    /**
     * Phases after each other, without a pause for answers between them.
     *
     * @param phases what to do
     * @param connections how many requests may be on their way
     * @param slowMillis what counts as slow in {@link Result#settled}
     * @param seed of random arrivals
     * @return a result for each
     * @throws InterruptedException when the thread is interrupted
     */
    List<Result> run(List<Phase> phases, int connections, double slowMillis, long seed) throws InterruptedException {
        List<Count> counts = phases.stream().map(Count::new).toList();
        List<Thread> threads = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(connections);
        CountDownLatch go = new CountDownLatch(1);
        Schedule schedule = new Schedule(counts, seed);
        long slow = (long) (slowMillis * 1e6);
        for (int i = 0; i < connections; i++) {
            Thread thread = new Thread(null, () -> work(schedule, slow, ready, go), "load-" + i, 256 << 10);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        ready.await();
        schedule.start();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        return counts.stream().map(Count::result).toList();
    }

    private void work(Schedule schedule, long slow, CountDownLatch ready, CountDownLatch go) {
        try (Connection connection = new Connection()) {
            connection.open();
            ready.countDown();
            go.await();
            for (Due due = schedule.next(); due != null; due = schedule.next()) {
                waitUntil(due.time());
                byte[] request = requests[due.number() % requests.length];
                long from = due.count().phase.rate() > 0 ? due.time() : System.nanoTime();
                int status = connection.ask(request);
                due.count().add(status, from, System.nanoTime(), slow);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void waitUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** A request: when it is to be sent, and where it counts. */
    private record Due(int number, long time, Count count) {}

    /** When requests are due. */
    private static final class Schedule {
        private final List<Count> counts;
        private final long[][] times;
        private final AtomicInteger next = new AtomicInteger();
        private long begin;

        Schedule(List<Count> counts, long seed) {
            this.counts = counts;
            SplittableRandom random = new SplittableRandom(seed);
            times = new long[counts.size()][];
            for (int i = 0; i < times.length; i++) {
                times[i] = times(counts.get(i).phase, random);
            }
        }

        private static long[] times(Phase phase, SplittableRandom random) {
            if (phase.rate() <= 0) {
                return new long[0];
            }
            long[] drawn = new long[(int) Math.ceil(phase.rate() * phase.seconds() * 1.5) + 100];
            int count = 0;
            double at = 0;
            while (count < drawn.length) {
                double gap = phase.even() ? 1 : -Math.log(1 - random.nextDouble());
                at += gap / phase.rate();
                if (at >= phase.seconds()) {
                    break;
                }
                drawn[count++] = (long) (at * 1e9);
            }
            return Arrays.copyOf(drawn, count);
        }

        void start() {
            begin = System.nanoTime();
            long from = begin;
            for (Count count : counts) {
                count.begin = from;
                count.end = from;
                from += (long) (count.phase.seconds() * 1e9);
            }
        }

        @Nullable
        Due next() {
            int number = next.getAndIncrement();
            int left = number;
            for (int i = 0; i < times.length; i++) {
                Count count = counts.get(i);
                if (count.phase.rate() <= 0) {
                    long now = System.nanoTime();
                    if (now < count.begin + (long) (count.phase.seconds() * 1e9)) {
                        return new Due(number, now, count);
                    }
                } else if (left < times[i].length) {
                    return new Due(number, count.begin + times[i][left], count);
                } else {
                    left -= times[i].length;
                }
            }
            return null;
        }
    }

    /** One that is kept, and made anew when the server has closed it. */
    private final class Connection implements AutoCloseable {
        private @Nullable Socket socket;
        private InputStream in = InputStream.nullInputStream();
        private final byte[] line = new byte[8192];

        /** The status; 0 where there is no answer. */
        private int ask(byte[] request) {
            try {
                OutputStream out = open();
                out.write(request);
                return answer();
            } catch (IOException e) {
                close();
                return 0;
            }
        }

        private OutputStream open() {
            try {
                Socket made = socket;
                if (made == null) {
                    made = new Socket();
                    made.setTcpNoDelay(true);
                    made.setSoTimeout(PATIENCE_MILLIS);
                    made.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
                    in = new BufferedInputStream(made.getInputStream(), 1 << 14);
                    socket = made;
                }
                return made.getOutputStream();
            } catch (IOException e) {
                return OutputStream.nullOutputStream(); // the answer that does not come tells
            }
        }

        private int answer() throws IOException {
            String first = line();
            int status = first.length() >= 12 ? Integer.parseInt(first.substring(9, 12)) : 0;
            long length = 0;
            boolean last = false;
            for (String head = line(); !head.isEmpty(); head = line()) {
                String lower = head.toLowerCase(Locale.ROOT);
                if (lower.startsWith(LENGTH)) {
                    length = Long.parseLong(lower.substring(LENGTH.length()).strip());
                }
                last |= lower.equals("connection: close");
            }
            in.skipNBytes(length);
            if (last) {
                close();
            }
            return status;
        }

        private String line() throws IOException {
            int size = 0;
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0 || size == line.length) {
                    throw new IOException("the answer ends");
                }
                line[size++] = (byte) next;
            }
            return new String(line, 0, Math.max(0, size - 1), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() {
            try {
                Socket made = socket;
                socket = null;
                in = InputStream.nullInputStream();
                if (made != null) {
                    made.close();
                }
            } catch (IOException e) {
                // It is gone already.
            }
        }
    }
}
