package dev.marquee.serving;

/** A request that is not answered with scores: why, in words for its sender, and the status of HTTP. */
final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    static final int BAD_REQUEST = 400;
    static final int UNAUTHORIZED = 401;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int REQUEST_TIMEOUT = 408;
    static final int CONTENT_TOO_LARGE = 413;
    static final int UNSUPPORTED_MEDIA_TYPE = 415;
    static final int TOO_MANY_REQUESTS = 429;
    static final int INTERNAL = 500;
    static final int UNAVAILABLE = 503;
    static final int DEADLINE = 504;

    private final int status;

    RequestException(int status, String message) {
        super(message, null, false, false); // no stack: these are answers, and many under load
        this.status = status;
    }

    static RequestException bad(String message) {
        return new RequestException(BAD_REQUEST, message);
    }

    int status() {
        return status;
    }

    /** The message in one line: what it repeats of a request may have line ends and other controls. */
    String text() {
        return String.valueOf(getMessage()).replaceAll("\\p{Cntrl}", "?");
    }
}
