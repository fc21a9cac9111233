package dev.marquee.serving;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections whose request's head does not come to its end: a client that sends a byte a second is never idle, and
 * would hold its connection for ever.
 */
final class SlowClients extends AbstractLifeCycle implements Connection.Listener {
    private static final long SWEEP_MILLIS = 250;

    private final Connector connector;
    private final long patience;
    private final Map<Connection, State> open = new ConcurrentHashMap<>();
    private volatile Scheduler.@org.jspecify.annotations.Nullable Task task;

    /** What a connection does: the begin of a head that is not complete, 0 while there is none. */
    private static final class State {
        private volatile long since;
        private volatile long bytes;
        private volatile boolean busy;

        State(long now) {
            since = now;
        }
    }

    SlowClients(Connector connector, long patienceMillis) {
        this.connector = connector;
        this.patience = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    }

    /** The head of a request has come. */
    void begin(Connection connection) {
        State state = open.get(connection);
        if (state != null) {
            state.busy = true;
        }
    }

    /** Its answer has been sent. */
    void end(Connection connection) {
        State state = open.get(connection);
        if (state != null) {
            state.bytes = connection.getBytesIn();
            state.since = 0;
            state.busy = false;
        }
    }

    @Override
    public void onOpened(Connection connection) {
        open.put(connection, new State(System.nanoTime() | 1)); // never 0
    }

    @Override
    public void onClosed(Connection connection) {
        open.remove(connection);
    }

    @Override
    protected void doStart() {
        next();
    }

    @Override
    protected void doStop() {
        Scheduler.Task last = task;
        if (last != null) {
            last.cancel();
        }
    }

    private void next() {
        task = connector.getScheduler().schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long now = System.nanoTime() | 1;
        open.forEach((connection, state) -> {
            if (state.busy) {
                return;
            }
            if (state.since == 0) {
                if (connection.getBytesIn() != state.bytes) {
                    state.since = now;
                }
            } else if (now - state.since > patience) {
                connection.getEndPoint().close();
            }
        });
        if (isRunning() || isStarting()) {
            next();
        }
    }
}
