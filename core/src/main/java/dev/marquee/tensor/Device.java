package dev.marquee.tensor;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Where tensors lie and operators compute: main memory and the processor, or a GPU. What is copied to where it lies already
 * is the same tensor, at no cost.
 *
 * @param kind what it is
 * @param index which one of its kind, from 0
 */
public record Device(Kind kind, int index) {
    /** Main memory, and the processor's cores. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    /**
     * The processor behind the engine's deferred backend ({@code torch.device("lazy")}), for tests: like a GPU it takes no
     * tensor that lies in main memory, so it shows on any machine where devices would be mixed.
     */
    static final Device LAZY = new Device(Kind.LAZY, 0);

    private static final Pattern NAME = Pattern.compile("cuda(?::(\\d{1,2}))?");

    /** The kinds of devices. */
    public enum Kind {
        /** The processor. */
        CPU,
        /** A GPU of NVIDIA. */
        CUDA,
        /** The processor, behind the engine's deferred backend; for tests. */
        LAZY
    }

    /**
     * A device by its name in recipes.
     *
     * @param name {@code cpu}, {@code cuda}, or {@code cuda:1} for the second GPU; {@code lazy} in tests
     * @return empty when it is not such a name
     */
    public static Optional<Device> named(String name) {
        if (name.equals("cpu")) {
            return Optional.of(CPU);
        }
        if (name.equals("lazy")) {
            return Optional.of(LAZY);
        }
        Matcher gpu = NAME.matcher(name);
        return gpu.matches()
                ? Optional.of(new Device(Kind.CUDA, gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1))))
                : Optional.empty();
    }

    /**
     * Where a tensor lies.
     *
     * @param tensor any tensor
     * @return its device
     * @throws IllegalArgumentException when Marquee does not know that kind of device
     */
    public static Device of(Tensor tensor) {
        if (tensor.is_cpu()) {
            return CPU;
        }
        if (tensor.is_lazy()) {
            return LAZY;
        }
        if (tensor.is_cuda()) {
            try (Scope scope = Scope.open()) {
                return new Device(Kind.CUDA, tensor.device().index());
            }
        }
        throw new IllegalArgumentException("a tensor lies neither in main memory nor on a GPU of NVIDIA");
    }

    /**
     * A tensor where another one lies.
     *
     * @param tensor in main memory, or there already
     * @param other what it is to be computed with
     * @return the same tensor, or a copy in the open scope
     */
    public static Tensor beside(Tensor tensor, Tensor other) {
        return other.is_cpu() ? tensor : of(other).put(tensor);
    }

    /**
     * A tensor in main memory.
     *
     * @param tensor anywhere
     * @return the same tensor where it is there already; else a copy in the open scope
     */
    public static Tensor host(Tensor tensor) {
        return tensor.is_cpu() ? tensor : tensor.cpu();
    }

    /**
     * Whether this is main memory.
     *
     * @return false for GPUs
     */
    public boolean isCpu() {
        return kind == Kind.CPU;
    }

    /**
     * A tensor here.
     *
     * @param tensor anywhere
     * @return the same tensor where it is here already; else a copy in the open scope
     */
    public Tensor put(Tensor tensor) {
        if (isCpu()) {
            return host(tensor);
        }
        return of(tensor).equals(this) ? tensor : tensor.to(engineDevice(), tensor.scalar_type());
    }

    /**
     * A tensor of zeros here.
     *
     * @param type the element type
     * @param shape the shape; empty for a scalar
     * @return a contiguous tensor in the open scope
     */
    public Tensor zeros(DType type, long... shape) {
        Scope.requireOpen();
        return torch.empty(shape, options(type), new MemoryFormatOptional()).zero_();
    }

    /**
     * The options with which the engine makes tensors of a type here.
     *
     * @param type the element type
     * @return the options, in the open scope
     */
    public TensorOptions options(DType type) {
        TensorOptions options = Tensors.options(type);
        return isCpu() ? options : options.device(new DeviceOptional(engineDevice()));
    }

    /**
     * What keeps this process from computing here.
     *
     * @return a sentence that says what is missing and what to do; empty when nothing is
     */
    public Optional<String> missing() {
        Engine.load();
        return switch (kind) {
            case CPU -> Optional.empty();
            case CUDA -> missingGpu();
            case LAZY -> missingBackend();
        };
    }

    private Optional<String> missingBackend() {
        try (Scope scope = Scope.open()) {
            put(Tensors.zeros(DType.FLOAT32, 1));
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of("engine.device=lazy is a device of Marquee's own tests: set it to cpu or cuda");
        }
    }

    private Optional<String> missingGpu() {
        if (!torch.hasCUDA()) {
            return Optional.of("engine.device=" + this
                    + (hasNatives()
                            ? " needs NVIDIA's CUDA 13, cuDNN 9 and NCCL 2, whose libraries the engine has not found: install"
                                    + " them (docs/acceleration/device.md), or set engine.device=cpu"
                            : " needs the engine's natives for GPUs, and this build has those for the processor alone:"
                                    + " build with mvn -Pcuda package (docs/acceleration/device.md), or set"
                                    + " engine.device=cpu"));
        }
        int found = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        if (found == 0) {
            return Optional.of("engine.device=" + this
                    + " needs a GPU of NVIDIA with its driver, and the engine finds none: see nvidia-smi, or set"
                    + " engine.device=cpu");
        }
        if (index >= found) {
            return Optional.of("engine.device=" + this + " is not there: the engine finds "
                    + (found == 1 ? "one GPU, cuda" : found + " GPUs, cuda:0 to cuda:" + (found - 1)));
        }
        return Optional.empty();
    }

    /**
     * Makes sure that this process can compute here.
     *
     * @throws IllegalStateException saying what is missing
     */
    public void require() {
        missing().ifPresent(reason -> {
            throw new IllegalStateException(reason);
        });
    }

    /** Whether the natives for GPUs are among the program's libraries. */
    private static boolean hasNatives() {
        return torch.class.getResource("/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libjnitorch.so") != null;
    }

    private org.bytedeco.pytorch.Device engineDevice() {
        return kind == Kind.CUDA
                ? new org.bytedeco.pytorch.Device(type(), (byte) index)
                : new org.bytedeco.pytorch.Device(type());
    }

    /** The engine's name of the kind. */
    torch.DeviceType type() {
        return switch (kind) {
            case CPU -> torch.DeviceType.CPU;
            case CUDA -> torch.DeviceType.CUDA;
            case LAZY -> torch.DeviceType.Lazy;
        };
    }

    /** The name in recipes. */
    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return index == 0 ? name : name + ":" + index;
    }
}
