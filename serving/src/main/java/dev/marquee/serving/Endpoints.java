package dev.marquee.serving;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/** What answers requests. */
final class Endpoints {
    /** What a client may ask for in place of the server's deadline, if it is shorter. */
    static final String DEADLINE = "X-Deadline-Ms";

    private static final System.Logger LOG = System.getLogger("dev.marquee.serving");
    private static final int OK = 200;

    private final ServerOptions options;
    private final Scorer scorer;
    private final ScoringQueue queue;
    private final ServerMetrics metrics;
    private final Executor executor;
    private final InferTensors tensors;
    private final Protocol rank;
    private final Protocol infer;
    /** Bytes of bodies that are being read; a body without a length counts as the largest that is allowed. */
    private final AtomicLong reading = new AtomicLong();

    private final long mostReading = Runtime.getRuntime().maxMemory() / 8;
    private volatile boolean draining;

    Endpoints(ServerOptions options, Scorer scorer, ScoringQueue queue, ServerMetrics metrics, Executor executor) {
        this.options = options;
        this.scorer = scorer;
        this.queue = queue;
        this.metrics = metrics;
        this.executor = executor;
        this.tensors = InferTensors.of(scorer.schema(), scorer.labels());
        this.rank = new RankProtocol(
                options.limits(), scorer.schema().config().columns().size());
        this.infer = new InferProtocol(options.limits(), tensors);
    }

    /** From now on this server is not ready: whoever balances loads sends requests elsewhere. */
    void drain() {
        draining = true;
    }

    void live(Exchange exchange) {
        exchange.endpoint("live");
        exchange.json(OK, out -> out.writeBooleanField("live", true));
    }

    void ready(Exchange exchange) {
        exchange.endpoint("ready");
        exchange.json(draining ? RequestException.UNAVAILABLE : OK, out -> out.writeBooleanField("ready", !draining));
    }

    void server(Exchange exchange) {
        exchange.endpoint("server");
        String version = Endpoints.class.getPackage().getImplementationVersion();
        exchange.json(OK, out -> {
            out.writeStringField("name", "marquee");
            out.writeStringField("version", version == null ? "development" : version);
            out.writeArrayFieldStart("extensions");
            out.writeEndArray();
        });
    }

    void description(Exchange exchange) {
        exchange.endpoint("description");
        try (InputStream stream = Endpoints.class.getResourceAsStream("openapi.json")) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks openapi.json");
            }
            exchange.send(OK, Exchange.JSON, stream.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void requireModel(String name, @Nullable String version) {
        if (!name.equals(options.name())) {
            throw new RequestException(
                    RequestException.NOT_FOUND, "there is no model of this name: there is " + options.name());
        }
        if (version != null && !version.equals(scorer.version())) {
            throw new RequestException(
                    RequestException.NOT_FOUND,
                    "there is no such version of " + name + ": there is " + scorer.version());
        }
    }

    void model(Exchange exchange) {
        exchange.endpoint("model");
        exchange.json(OK, out -> {
            out.writeStringField("name", options.name());
            out.writeArrayFieldStart("versions");
            out.writeString(scorer.version());
            out.writeEndArray();
            out.writeStringField("platform", "marquee");
            tensors.write(out);
        });
    }

    void modelReady(Exchange exchange) {
        exchange.endpoint("model_ready");
        exchange.json(draining ? RequestException.UNAVAILABLE : OK, out -> {
            out.writeStringField("name", options.name());
            out.writeBooleanField("ready", !draining);
        });
    }

    void metrics(Exchange exchange) {
        exchange.endpoint("metrics");
        exchange.send(OK, ServerMetrics.CONTENT_TYPE, metrics.text());
    }

    void rank(Exchange exchange) {
        exchange.endpoint("rank");
        score(exchange, rank);
    }

    void infer(Exchange exchange) {
        exchange.endpoint("infer");
        score(exchange, infer);
    }

    void ended(Exchange exchange, int status, int bytes) {
        metrics.request(exchange.endpoint(), status, System.nanoTime() - exchange.started());
        options.accessLog().accept(exchange.line(status, bytes));
    }

    private void score(Exchange exchange, Protocol protocol) {
        long deadline = deadline(exchange);
        int most = options.limits().bodyBytes();
        if (exchange.request().getLength() > most) {
            throw tooLarge(most);
        }
        long length = exchange.request().getLength();
        long reserved = length < 0 ? most : length;
        if (reading.addAndGet(reserved) > mostReading && reading.get() > reserved) {
            reading.addAndGet(-reserved);
            metrics.shed();
            throw new RequestException(
                    RequestException.TOO_MANY_REQUESTS, "too many bodies are being read: try again in a second");
        }
        CompletableFuture<byte[]> body = new CompletableFuture<>();
        Content.Source.asByteArrayAsync(exchange.request(), most, completing(body));
        var unused = body.orTimeout(options.limits().receive().toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((bytes, failure) -> {
                    reading.addAndGet(-reserved);
                    if (failure != null) {
                        exchange.fail(unread(failure, most));
                    } else {
                        guarded(exchange, () -> scored(exchange, protocol, bytes, deadline));
                    }
                });
    }

    private static Promise.Invocable<byte[]> completing(CompletableFuture<byte[]> body) {
        return new Promise.Invocable<>() {
            @Override
            public void succeeded(byte[] bytes) {
                body.complete(bytes);
            }

            @Override
            public void failed(Throwable failure) {
                body.completeExceptionally(failure);
            }
        };
    }

    private void scored(Exchange exchange, Protocol protocol, byte[] body, long deadline) {
        queue.requireRoom();
        long started = System.nanoTime();
        Protocol.Parsed parsed = protocol.parse(body);
        long read = System.nanoTime();
        EncodedRequest encoded = scorer.encode(parsed.request());
        exchange.candidates(encoded.rows());
        metrics.stage("parse", read - started);
        metrics.stage("encode", System.nanoTime() - read);
        var unused = queue.submit(encoded, deadline)
                .whenCompleteAsync(
                        (scores, failure) -> guarded(exchange, () -> {
                            if (failure != null) {
                                throw failure instanceof RequestException refused ? refused : Router.internal();
                            }
                            answer(exchange, protocol, parsed, encoded, scores);
                        }),
                        executor);
    }

    private void answer(
            Exchange exchange, Protocol protocol, Protocol.Parsed parsed, EncodedRequest encoded, Scores scores) {
        long started = System.nanoTime();
        byte[] body = Exchange.bytes(out -> {
            out.writeStringField("model_name", options.name());
            out.writeStringField("model_version", scorer.version());
            if (parsed.id() != null) {
                out.writeStringField("id", parsed.id());
            }
            protocol.write(out, parsed, scores);
        });
        metrics.scored(encoded, scores);
        metrics.stage("write", System.nanoTime() - started);
        exchange.send(OK, Exchange.JSON, body);
    }

    private static void guarded(Exchange exchange, Runnable work) {
        try {
            work.run();
        } catch (RequestException e) {
            exchange.fail(e);
        } catch (IllegalArgumentException e) {
            exchange.fail(RequestException.bad(String.valueOf(e.getMessage())));
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed", e);
            exchange.fail(Router.internal());
        }
    }

    private long deadline(Exchange exchange) {
        long most = options.limits().deadline().toMillis();
        String asked = exchange.request().getHeaders().get(DEADLINE);
        if (asked != null) {
            if (!asked.matches("[1-9][0-9]{0,8}")) {
                throw RequestException.bad(DEADLINE + " must be a number of milliseconds");
            }
            most = Math.min(most, Long.parseLong(asked));
        }
        return exchange.started() + TimeUnit.MILLISECONDS.toNanos(most);
    }

    private static RequestException tooLarge(int most) {
        return new RequestException(
                RequestException.CONTENT_TOO_LARGE, "the body is larger than the " + most + " bytes allowed");
    }

    private static RequestException unread(Throwable failure, int most) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            return new RequestException(RequestException.REQUEST_TIMEOUT, "the body did not come in time");
        }
        // Jetty says so of a body without a length in its head that is larger than was allowed.
        return cause instanceof IllegalStateException
                ? tooLarge(most)
                : RequestException.bad("the body could not be read to its end");
    }
}
