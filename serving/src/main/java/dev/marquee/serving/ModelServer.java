package dev.marquee.serving;

import dev.marquee.schema.FeatureLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Answers requests for scores over HTTP: the Open Inference Protocol, and {@code POST /v1/models/NAME:rank}.
 *
 * <pre>{@code
 * try (Scorer scorer = Scorer.open(run);
 *         ModelServer server = ModelServer.start(scorer, ServerOptions.of("mine").withPort(8080))) {
 *     …
 * }
 * }</pre>
 */
public final class ModelServer implements AutoCloseable {
    private static final int POOL = 16;
    private static final int HEAD_BYTES = 8192;
    private static final long IDLE_MILLIS = 30_000;

    private final Server server;
    private final ServerConnector connector;
    private final ScoringQueue queue;
    private final Endpoints endpoints;

    private ModelServer(Server server, ServerConnector connector, ScoringQueue queue, Endpoints endpoints) {
        this.server = server;
        this.connector = connector;
        this.queue = queue;
        this.endpoints = endpoints;
    }

    /**
     * Starts a server, which is ready when this returns.
     *
     * @param scorer scores; close it after the server
     * @param options how the server runs
     * @return the server; close it
     * @throws UncheckedIOException when it cannot listen at the address
     * @throws IllegalStateException when the model does not score an example of its own schema
     */
    public static ModelServer start(Scorer scorer, ServerOptions options) {
        ServerLimits limits = options.limits();
        SelfTest.run(scorer);
        QueuedThreadPool pool = new QueuedThreadPool(POOL, 4);
        pool.setName("marquee-http");
        Server server = new Server(pool);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(HEAD_BYTES);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(options.host());
        connector.setPort(options.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptQueueSize(1024);
        SlowClients slowClients = new SlowClients(connector, limits.receive().toMillis());
        connector.addBean(slowClients);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.setErrorHandler(new JsonErrors());
        server.setStopTimeout(limits.drain().toMillis());

        ServerMetrics metrics = new ServerMetrics(
                options.name(),
                scorer.schema().layout().fields().stream()
                        .map(FeatureLayout.Field::name)
                        .toList(),
                scorer.version());
        ScoringQueue queue = new ScoringQueue(scorer::score, options.threads(), limits.queued(), metrics);
        metrics.queue(queue::size);
        Endpoints endpoints = new Endpoints(options, scorer, queue, metrics, pool);
        server.setHandler(new GracefulHandler(new Router(endpoints, options.token(), slowClients)));
        ModelServer started = new ModelServer(server, connector, queue, endpoints);
        try {
            server.start();
            return started;
        } catch (IOException e) {
            started.close();
            throw new UncheckedIOException(
                    "cannot listen at " + options.host() + ":" + options.port() + ": " + reason(e)
                            + "; another program may be there: choose another port, or 0 for any free one",
                    e);
        } catch (Exception e) {
            started.close();
            throw new IllegalStateException("the server does not start: " + e.getMessage(), e);
        }
    }

    /**
     * Where it listens.
     *
     * @return the port
     */
    public int port() {
        return connector.getLocalPort();
    }

    /** Takes no more connections, answers the requests that have come, then ends. */
    @Override
    public void close() {
        endpoints.drain();
        try {
            server.stop();
        } catch (Exception e) {
            // What was left after the time that draining may take was cut off.
            System.getLogger("dev.marquee.serving").log(System.Logger.Level.WARNING, "requests were cut off", e);
        } finally {
            queue.close();
        }
    }

    private static String reason(IOException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return String.valueOf(cause.getMessage());
    }

    /** What Jetty itself refuses, told in the form of all other errors. */
    private static final class JsonErrors extends ErrorHandler {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            byte[] body = body(response.getStatus());
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, Exchange.JSON);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.write(true, ByteBuffer.wrap(body), callback);
            return true;
        }

        private static byte[] body(int status) {
            return Exchange.bytes(out -> out.writeStringField("error", HttpStatus.getMessage(status)));
        }
    }
}
