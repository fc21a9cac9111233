package dev.marquee.tensor;

import org.bytedeco.pytorch.AutoGradMode;

/** Whether operators on this thread record what backward needs. */
public final class Gradients {
    private Gradients() {}

    /**
     * Turns recording off on this thread until the returned guard closes ({@code torch.no_grad()}).
     *
     * @return the guard; close it on the same thread, before the scope around it
     */
    public static Guard off() {
        return new Guard(new AutoGradMode(false));
    }

    /**
     * Turns recording on on this thread until the returned guard closes ({@code torch.enable_grad()}).
     *
     * @return the guard; close it on the same thread, before the scope around it
     */
    public static Guard on() {
        return new Guard(new AutoGradMode(true));
    }

    /** Restores what was before. */
    public static final class Guard implements AutoCloseable {
        private final AutoGradMode mode;

        private Guard(AutoGradMode mode) {
            this.mode = mode;
        }

        @Override
        public void close() {
            mode.close();
        }
    }
}
