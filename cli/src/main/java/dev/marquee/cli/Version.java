package dev.marquee.cli;

import dev.marquee.tensor.Engine;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "marquee " + marquee(), "libtorch " + Engine.version(), "Java " + System.getProperty("java.runtime.version")
        };
    }

    static String marquee() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
