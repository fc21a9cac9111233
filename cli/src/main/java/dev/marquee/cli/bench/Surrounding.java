package dev.marquee.cli.bench;

import dev.marquee.tensor.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Environment variables that the engine reads when it is loaded: the BLAS, and how OpenMP's threads wait.
 *
 * @param name in words
 * @param variables what differs from this process; an empty value removes the variable
 * @param setting what a user sets for it
 */
record Surrounding(String name, Map<String, String> variables, String setting) {
    /** How often OpenMP's threads look for work before they sleep, unless told otherwise: some milliseconds. */
    private static final String SPINS = "300000";

    /** The launcher tells where MKL is, if it was unpacked. */
    private static final String MKL = "MARQUEE_MKL";

    Surrounding {
        variables = Map.copyOf(variables);
    }

    /** This process's own first, then what else there is. */
    static List<Surrounding> all(int threads) {
        boolean mkl = Engine.mklPreloaded();
        String policy = System.getenv("OMP_WAIT_POLICY");
        boolean passive =
                Engine.madePassive() || ("passive".equalsIgnoreCase(policy) && System.getenv("GOMP_SPINCOUNT") == null);
        String folder = System.getenv(MKL);
        boolean mklThere = folder != null && Files.exists(Path.of(folder, "libmkl_rt.so.2"));
        List<Surrounding> all = new ArrayList<>();
        all.add(new Surrounding("as found: " + words(mkl, passive), Map.of(), "nothing"));
        for (boolean withMkl : mkl || mklThere ? new boolean[] {false, true} : new boolean[] {false}) {
            for (boolean waiting : threads > 1 ? new boolean[] {true, false} : new boolean[] {passive}) {
                if (withMkl != mkl || waiting != passive) {
                    all.add(new Surrounding(
                            words(withMkl, waiting),
                            variables(
                                    withMkl, withMkl != mkl, waiting, waiting != passive, folder == null ? "" : folder),
                            setting(withMkl, withMkl != mkl, waiting, waiting != passive)));
                }
            }
        }
        return all;
    }

    /** This program once more, as a server of steps. */
    PeerCommand command() {
        return StepServer.command(name, variables);
    }

    private static String words(boolean mkl, boolean passive) {
        return (mkl ? "MKL" : "OpenBLAS") + (passive ? ", passive waiting" : ", busy waiting");
    }

    private static Map<String, String> variables(
            boolean mkl, boolean otherBlas, boolean passive, boolean otherWaiting, String folder) {
        Map<String, String> variables = new HashMap<>();
        if (otherBlas) {
            variables.put("LD_PRELOAD", mkl ? "libmkl_rt.so.2" : "");
            variables.put("LD_LIBRARY_PATH", mkl ? folder : "");
            variables.put("MKL_THREADING_LAYER", mkl ? "GNU" : "");
            variables.put("MKL_INTERFACE_LAYER", mkl ? "LP64" : "");
        }
        if (otherWaiting) {
            if (passive) {
                variables.put("OMP_WAIT_POLICY", "passive");
            }
            variables.put("GOMP_SPINCOUNT", passive ? "" : SPINS); // goes before the policy
        }
        return variables;
    }

    private static String setting(boolean mkl, boolean otherBlas, boolean passive, boolean otherWaiting) {
        List<String> settings = new ArrayList<>();
        if (otherBlas) {
            settings.add("MARQUEE_BLAS=" + (mkl ? "mkl" : "openblas"));
        }
        if (otherWaiting) {
            settings.add(passive ? "OMP_WAIT_POLICY=passive" : "GOMP_SPINCOUNT=" + SPINS);
        }
        return String.join(" ", settings);
    }
}
