package dev.marquee.serving;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Finds what answers a request: the paths, methods and the token. */
final class Router extends Handler.Abstract {
    private static final System.Logger LOG = System.getLogger("dev.marquee.serving");
    private static final Pattern MODEL =
            Pattern.compile("/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/(ready|infer))?/?");
    private static final Pattern RANK = Pattern.compile("/v1/models/([^/:]+)(?:/versions/([^/:]+))?:rank");
    private static final String BEARER = "Bearer ";

    private final Endpoints endpoints;
    private final Optional<String> token;
    private final SlowClients slowClients;

    Router(Endpoints endpoints, Optional<String> token, SlowClients slowClients) {
        this.endpoints = endpoints;
        this.token = token;
        this.slowClients = slowClients;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        var connection = request.getConnectionMetaData().getConnection();
        slowClients.begin(connection);
        Exchange exchange = new Exchange(request, response, callback, (ended, status, bytes) -> {
            slowClients.end(connection);
            endpoints.ended(ended, status, bytes);
        });
        try {
            route(exchange, Request.getPathInContext(request));
        } catch (RequestException e) {
            exchange.fail(e);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed", e);
            exchange.fail(internal());
        }
        return true;
    }

    /** What senders are told of our own faults: nothing. */
    static RequestException internal() {
        return new RequestException(RequestException.INTERNAL, "something went wrong in the server; its log has more");
    }

    private void route(Exchange exchange, String path) {
        if (path.equals("/v2/health/live")) {
            requireGet(exchange);
            endpoints.live(exchange);
            return;
        }
        if (path.equals("/v2/health/ready") || path.equals("/health")) {
            requireGet(exchange);
            endpoints.ready(exchange);
            return;
        }
        requireToken(exchange);
        Matcher rank = RANK.matcher(path);
        Matcher model = MODEL.matcher(path);
        if (rank.matches()) {
            requirePost(exchange);
            endpoints.requireModel(rank.group(1), rank.group(2));
            endpoints.rank(exchange);
        } else if (model.matches()) {
            model(exchange, model);
        } else if (path.equals("/v2") || path.equals("/v2/")) {
            requireGet(exchange);
            endpoints.server(exchange);
        } else if (path.equals("/metrics")) {
            requireGet(exchange);
            endpoints.metrics(exchange);
        } else if (path.equals("/openapi.json")) {
            requireGet(exchange);
            endpoints.description(exchange);
        } else {
            throw new RequestException(
                    RequestException.NOT_FOUND, "there is nothing here: openapi.json describes what there is");
        }
    }

    private void model(Exchange exchange, Matcher path) {
        String action = path.group(3);
        if (action == null) {
            requireGet(exchange);
            endpoints.requireModel(path.group(1), path.group(2));
            endpoints.model(exchange);
        } else if (action.equals("ready")) {
            requireGet(exchange);
            endpoints.requireModel(path.group(1), path.group(2));
            endpoints.modelReady(exchange);
        } else {
            requirePost(exchange);
            endpoints.requireModel(path.group(1), path.group(2));
            endpoints.infer(exchange);
        }
    }

    private static void requireGet(Exchange exchange) {
        String method = exchange.request().getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.header(HttpHeader.ALLOW, "GET, HEAD");
            throw new RequestException(RequestException.METHOD_NOT_ALLOWED, "this path answers GET");
        }
    }

    private static void requirePost(Exchange exchange) {
        if (!exchange.request().getMethod().equals("POST")) {
            exchange.header(HttpHeader.ALLOW, "POST");
            throw new RequestException(RequestException.METHOD_NOT_ALLOWED, "this path answers POST");
        }
        String type = exchange.request().getHeaders().get(HttpHeader.CONTENT_TYPE);
        String plain = type == null ? Exchange.JSON : type.split(";", 2)[0].strip();
        if (!plain.equalsIgnoreCase(Exchange.JSON)) {
            throw new RequestException(
                    RequestException.UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json with the body");
        }
    }

    private void requireToken(Exchange exchange) {
        if (token.isEmpty()) {
            return;
        }
        String given = exchange.request().getHeaders().get(HttpHeader.AUTHORIZATION);
        byte[] expected = (BEARER + token.get()).getBytes(StandardCharsets.UTF_8);
        if (given == null || !MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
            exchange.header(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            throw new RequestException(
                    RequestException.UNAUTHORIZED, "send the server's token: Authorization: Bearer TOKEN");
        }
    }
}
