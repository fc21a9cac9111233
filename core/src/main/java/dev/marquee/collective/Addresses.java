package dev.marquee.collective;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Names of machines and network interfaces. */
final class Addresses {
    private Addresses() {}

    /** The address of that name if it is one of this machine, else all addresses of this machine. */
    static InetAddress toListenOn(String host) throws IOException {
        InetAddress address = resolve(host);
        boolean own = address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || NetworkInterface.getByInetAddress(address) != null;
        return own ? address : new InetSocketAddress(0).getAddress();
    }

    /** The address of a network interface, or of a host's name. */
    static InetAddress of(String interfaceOrHost) throws IOException {
        NetworkInterface network = NetworkInterface.getByName(interfaceOrHost);
        if (network != null) {
            return network.inetAddresses()
                    .filter(address -> address.getAddress().length == 4)
                    .findFirst()
                    .or(() -> network.inetAddresses().findFirst())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the network interface " + interfaceOrHost + " has no address"));
        }
        return resolve(interfaceOrHost);
    }

    static InetAddress resolve(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("there is no host " + host, e);
        }
    }

    static void close(@Nullable Closeable closeable) {
        if (closeable != null) {
            try {
                closeable.close();
            } catch (IOException e) {
                // It was to end, and it has.
            }
        }
    }
}
