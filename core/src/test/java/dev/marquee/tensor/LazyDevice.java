package dev.marquee.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.pytorch.Func;
import org.bytedeco.pytorch.global.torch;

/**
 * The engine's deferred backend, which stands for a GPU where there is none: it refuses to compute with tensors of main
 * memory, as a GPU does, and gives the processor's results.
 */
public final class LazyDevice {
    /** What starts the backend: it is in the engine, but not among the functions that have a Java method. */
    private static final String START = "_ZN5torch4lazy22InitTorchScriptBackendEv";

    private LazyDevice() {}

    /** The device, ready for use. */
    public static Device get() {
        Started.once();
        return Device.LAZY;
    }

    private static final class Started {
        static {
            Engine.load();
            // The backend runs scripts, which would be looked at by a slow optimiser before each runs once.
            torch.getProfilingMode().put(false);
            torch.setGraphExecutorOptimize(false);
            Pointer start = Loader.addressof(START);
            if (start == null) {
                throw new IllegalStateException("this engine has no deferred backend");
            }
            try (PointerPointer<Pointer> function = new PointerPointer<>(2)) {
                function.put(0, start); // what a function pointer of JavaCPP looks like: address, object
                new Func(function).call();
            }
        }

        static void once() {}
    }
}
