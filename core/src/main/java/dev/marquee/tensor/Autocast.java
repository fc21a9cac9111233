package dev.marquee.tensor;

import org.bytedeco.pytorch.global.torch;

/**
 * Matrix products in half precision, of weights and sums that stay float32 ({@code torch.autocast("cpu", torch.bfloat16)}).
 */
public final class Autocast {
    private Autocast() {}

    /**
     * Lets the engine compute products in bfloat16 on this thread until the returned guard closes. What loses too much by
     * it, such as softmax and losses, stays float32.
     *
     * @return the guard; close it on the same thread
     */
    public static Guard bfloat16() {
        return of(Device.CPU, DType.BFLOAT16);
    }

    /**
     * Likewise, for operators on a device and in a type.
     *
     * @param device where the operators compute
     * @param type float16 or bfloat16
     * @return the guard; close it on the same thread
     * @throws IllegalArgumentException when the type has not 16 bits
     */
    public static Guard of(Device device, DType type) {
        if (type != DType.FLOAT16 && type != DType.BFLOAT16) {
            throw new IllegalArgumentException("products are computed in float16 or bfloat16, not in " + type);
        }
        Engine.load();
        return new Guard(new Setting(kind(device), true, type.scalarType()));
    }

    /**
     * What this thread's operators are set to.
     *
     * @param device where they compute
     * @return to be set again by {@link Setting#again()}
     */
    public static Setting setting(Device device) {
        return Setting.now(kind(device));
    }

    /**
     * Lets the engine compute every operator of the processor in the type of what it is given, on this thread, until the
     * returned guard closes.
     *
     * @return the guard; close it on the same thread
     */
    public static Suspended suspended() {
        return new Suspended();
    }

    /** The deferred backend has no setting of its own, and follows no other's. */
    private static torch.DeviceType kind(Device device) {
        return device.kind() == Device.Kind.CUDA ? torch.DeviceType.CUDA : torch.DeviceType.CPU;
    }

    /**
     * What a thread's operators are set to.
     *
     * @param device the kind of device
     * @param enabled whether products are computed in another type than that of what they are given
     * @param type which one
     */
    public record Setting(torch.DeviceType device, boolean enabled, torch.ScalarType type) {
        private static Setting now(torch.DeviceType device) {
            return new Setting(device, torch.is_autocast_enabled(device), torch.get_autocast_dtype(device));
        }

        /**
         * Sets it again, until the returned guard closes.
         *
         * @return the guard; close it on the same thread
         */
        public Guard again() {
            return new Guard(this);
        }

        private void set() {
            torch.set_autocast_enabled(device, enabled);
            torch.set_autocast_dtype(device, type);
        }
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
        private final Setting before;

        private Guard(Setting setting) {
            before = Setting.now(setting.device());
            setting.set();
            torch.increment_nesting();
        }

        @Override
        public void close() {
            if (torch.decrement_nesting() == 0) {
                torch.clear_cache(); // the weights change before the next pass
            }
            before.set();
        }
    }
}
