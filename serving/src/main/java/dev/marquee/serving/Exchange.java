package dev.marquee.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A request and its answer, which is given once. */
final class Exchange {
    static final String JSON = "application/json";

    private static final System.Logger LOG = System.getLogger("dev.marquee.serving");
    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern GOOD_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LONGEST_PATH = 200;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER) // the shortest digits that give the number back
            .build();

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Ending ending;
    private final long started = System.nanoTime();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final String id;
    private volatile String endpoint = "other";
    private volatile int candidates = -1;

    /** Writes a JSON object. */
    @FunctionalInterface
    interface Writer {
        void write(JsonGenerator out) throws IOException;
    }

    /** Told when an answer has been sent, or could not be. */
    @FunctionalInterface
    interface Ending {
        void ended(Exchange exchange, int status, int bytes);
    }

    Exchange(Request request, Response response, Callback callback, Ending ending) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.ending = ending;
        String given = request.getHeaders().get(REQUEST_ID);
        this.id = given != null && GOOD_ID.matcher(given).matches()
                ? given
                : HexFormat.of().toHexDigits(RANDOM.nextLong());
        response.getHeaders().put(REQUEST_ID, id);
    }

    Request request() {
        return request;
    }

    long started() {
        return started;
    }

    String endpoint() {
        return endpoint;
    }

    /** For metrics: a name of few. */
    void endpoint(String name) {
        endpoint = name;
    }

    void candidates(int count) {
        candidates = count;
    }

    void header(HttpHeader header, String value) {
        response.getHeaders().put(header, value);
    }

    void json(int status, Writer writer) {
        send(status, JSON, bytes(writer));
    }

    void fail(RequestException e) {
        if (e.status() == RequestException.TOO_MANY_REQUESTS || e.status() == RequestException.UNAVAILABLE) {
            header(HttpHeader.RETRY_AFTER, "1");
        }
        if (e.status() == RequestException.CONTENT_TOO_LARGE || e.status() == RequestException.REQUEST_TIMEOUT) {
            header(HttpHeader.CONNECTION, "close"); // the rest of the body is not wanted
        }
        json(e.status(), out -> out.writeStringField("error", e.text()));
    }

    void send(int status, String contentType, byte[] body) {
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        if (!request.consumeAvailable()) {
            header(
                    HttpHeader.CONNECTION,
                    "close"); // ends with a body that was not read: no other request may come by it
        }
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        boolean head = request.getMethod().equals("HEAD");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(
                true,
                head ? ByteBuffer.allocate(0) : ByteBuffer.wrap(body),
                Callback.from(
                        () -> {
                            ended(status, body.length);
                            callback.succeeded();
                        },
                        failure -> {
                            ended(status, 0);
                            callback.failed(failure);
                        }));
    }

    /** An access log that cannot be written must not keep the connection. */
    private void ended(int status, int bytes) {
        try {
            ending.ended(this, status, bytes);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "the access log failed", e);
        }
    }

    /** A line for the access log. */
    String line(int status, int bytes) {
        String path = request.getHttpURI().getPath();
        byte[] line = bytes(out -> {
            out.writeStringField("time", Instant.now().toString());
            out.writeStringField("request_id", id);
            out.writeStringField("remote", Request.getRemoteAddr(request));
            out.writeStringField("method", shortened(request.getMethod()));
            out.writeStringField("path", shortened(String.valueOf(path)));
            out.writeNumberField("status", status);
            out.writeNumberField("bytes", bytes);
            if (candidates >= 0) {
                out.writeNumberField("candidates", candidates);
            }
            out.writeNumberField("milliseconds", Math.round((System.nanoTime() - started) / 1e4) / 100.0);
        });
        return new String(line, java.nio.charset.StandardCharsets.UTF_8);
    }

    static byte[] bytes(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator out = FACTORY.createGenerator(bytes)) {
            out.writeStartObject();
            writer.write(out);
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_PATH ? text : text.substring(0, LONGEST_PATH) + "…";
    }
}
