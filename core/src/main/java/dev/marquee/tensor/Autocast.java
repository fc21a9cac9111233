package dev.marquee.tensor;

import org.bytedeco.pytorch.global.torch;

/** Matrix products in bfloat16, of weights and sums that stay float32 ({@code torch.autocast("cpu", torch.bfloat16)}). */
public final class Autocast {
    private Autocast() {}

    /**
     * Lets the engine compute products in bfloat16 on this thread until the returned guard closes. What loses too much by
     * it, such as softmax and losses, stays float32.
     *
     * @return the guard; close it on the same thread
     */
    public static Guard bfloat16() {
        Engine.load();
        return new Guard();
    }

    /**
     * Lets the engine compute every operator in the type of what it is given, on this thread, until the returned guard closes.
     *
     * @return the guard; close it on the same thread
     */
    public static Suspended suspended() {
        return new Suspended();
    }

    /** Restores what was before. */
    public static final class Suspended implements AutoCloseable {
        private final boolean enabled = torch.is_autocast_enabled(torch.DeviceType.CPU);

        private Suspended() {
            if (enabled) {
                torch.set_autocast_enabled(torch.DeviceType.CPU, false);
            }
        }

        @Override
        public void close() {
            if (enabled) {
                torch.set_autocast_enabled(torch.DeviceType.CPU, true);
            }
        }
    }

    /** Restores what was before. */
    public static final class Guard implements AutoCloseable {
        private final boolean enabled = torch.is_autocast_enabled(torch.DeviceType.CPU);
        private final torch.ScalarType type = torch.get_autocast_dtype(torch.DeviceType.CPU);

        private Guard() {
            torch.set_autocast_enabled(torch.DeviceType.CPU, true);
            torch.set_autocast_dtype(torch.DeviceType.CPU, torch.ScalarType.BFloat16);
            torch.increment_nesting();
        }

        @Override
        public void close() {
            if (torch.decrement_nesting() == 0) {
                torch.clear_cache(); // the weights change before the next pass
            }
            torch.set_autocast_enabled(torch.DeviceType.CPU, enabled);
            torch.set_autocast_dtype(torch.DeviceType.CPU, type);
        }
    }
}
