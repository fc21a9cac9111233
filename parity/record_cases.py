"""Records what PyTorch computes, as cases for `./marquee parity`. See README.md beside this file.

    python record_cases.py [FOLDER]
"""

import json
import math
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional

import safetensors_writer

HERE = pathlib.Path(__file__).resolve().parent
BUNDLED = HERE.parent / "core/src/main/resources/dev/marquee/parity"
SHORT = {torch.float32: "f32", torch.float64: "f64"}
ACTIVATIONS = {
    "relu": torch.relu,
    "gelu": functional.gelu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "leaky_relu": functional.leaky_relu,
    "elu": functional.elu,
    "identity": lambda x: x,
}


class Recorder:
    def __init__(self, folder):
        self.folder = folder
        self.names = []

    def record(self, name, module, config, inputs, parameters, compute, dtype):
        """Runs compute(inputs, parameters) -> outputs, all dicts by name, and writes outputs and gradients.

        Buffers are parameters that do not require gradients; compute must not change them.
        """
        name = f"{name}_{SHORT[dtype]}"
        leaves = {}
        for prefix, group in (("input", inputs), ("parameter", parameters)):
            for key, tensor in group.items():
                if tensor.requires_grad:
                    leaves[f"{prefix}.{key}"] = tensor
        outputs = compute(inputs, parameters)
        tensors = {f"input.{key}": value for key, value in inputs.items()}
        tensors |= {f"parameter.{key}": value for key, value in parameters.items()}
        tensors |= {f"expected.{key}": value for key, value in outputs.items()}
        differentiable = {key: value for key, value in outputs.items() if value.requires_grad}
        cotangents = {key: torch.randn_like(value) for key, value in differentiable.items()}
        tensors |= {f"cotangent.{key}": value for key, value in cotangents.items()}
        if differentiable:
            total = sum((value * cotangents[key]).sum() for key, value in differentiable.items())
            gradients = torch.autograd.grad(total, list(leaves.values()))
            tensors |= {f"gradient.{key}": value for key, value in zip(leaves, gradients)}
        for key, value in tensors.items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise ValueError(f"{name}: {key} is not finite")
        metadata = {"module": module, "config": json.dumps(config), "recorded_with": f"PyTorch {torch.__version__}"}
        safetensors_writer.write(self.folder / f"{name}.safetensors", tensors, metadata)
        self.names.append(name)

    def finish(self):
        (self.folder / "index.txt").write_text("".join(f"{name}.safetensors\n" for name in self.names))


def leaf(dtype, *shape, scale=1.0):
    return (torch.randn(*shape, dtype=dtype) * scale).requires_grad_()


def state(module):
    """The module's parameters as leaves, and its buffers, by name."""
    values = {name: value.detach().clone().requires_grad_() for name, value in module.named_parameters()}
    return values | {name: value.detach().clone() for name, value in module.named_buffers()}


def mlp(recorder, name, dtype, sizes, activation="relu", head=None, norm=None, training=False, shape=None):
    layers = nn.ModuleDict()
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), start=1):
        layers[f"fc{i}"] = nn.Linear(inputs, outputs)
        if norm and i < len(sizes) - 1:
            layers[f"norm{i}"] = nn.BatchNorm1d(outputs) if norm == "batch" else nn.LayerNorm(outputs)
    layers.to(dtype).train(training)
    for module in layers.values():
        if not isinstance(module, nn.Linear):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.num_batches_tracked.fill_(7)

    def compute(inputs, parameters):
        x = inputs["x"].flatten(1)
        for i in range(1, len(sizes)):
            for kind in ("fc", "norm"):
                if f"{kind}{i}" in layers:
                    mine = {
                        key.split(".")[1]: value if value.requires_grad else value.clone()
                        for key, value in parameters.items()
                        if key.startswith(f"{kind}{i}.")
                    }
                    x = torch.func.functional_call(layers[f"{kind}{i}"], mine, (x,))
            if i < len(sizes) - 1:
                x = ACTIVATIONS[activation](x)
        return {"output": torch.softmax(x, 1) if head == "softmax" else x}

    config = {"sizes": sizes, "activation": activation}
    config |= {"head": head} if head else {}
    config |= {"norm": norm, "training": training} if norm else {}
    x = leaf(dtype, *(shape or (5, sizes[0])))
    recorder.record(f"mlp_{name}", "mlp", config, {"x": x}, state(layers), compute, dtype)


def attention_formula(config, inputs, parameters):
    """The formula of Marquee's documentation in plain operators."""
    heads = config["num_heads"]
    units = config["num_units"]
    size = units // heads

    def linear(x, name):
        return functional.linear(x, parameters[f"{name}.weight"], parameters.get(f"{name}.bias"))

    def split(x):
        return torch.stack(x.split(size, dim=2))  # [heads, batch, time, size]

    key = inputs["key"]
    q, k = split(linear(inputs["query"], "W_query")), split(linear(key, "W_key"))
    v = split(linear(inputs.get("value", key), "W_value"))
    divisor = size if config.get("scaling") == "head_size" else config["key_dim"]
    products = q @ k.transpose(2, 3) / math.sqrt(divisor)
    hidden = torch.zeros(products.shape[1:], dtype=torch.bool)
    if "mask" in inputs:
        hidden = hidden | inputs["mask"][:, None, :]
    if config.get("causal"):
        hidden = hidden | torch.ones(products.shape[2:], dtype=torch.bool).triu(1)
    blind = hidden.all(2, keepdim=True)
    scores = torch.softmax(products.masked_fill(hidden & ~blind, -math.inf), 3)
    scores = torch.where(blind, torch.zeros_like(scores), scores)
    out = torch.cat(list(scores @ v), dim=2)
    if config.get("output_projection"):
        out = linear(out, "W_out")
    return {"out": out} if config.get("path") == "fused" else {"out": out, "scores": scores}


def masks(kind):
    mask = torch.tensor([[0, 0, 0, 1, 1], [0, 1, 0, 0, 1], [0, 0, 0, 0, 0]], dtype=torch.bool)
    if kind == "blind":
        mask[1] = True
    if kind == "first":
        mask[0, 0] = True
    return mask


def attention(recorder, name, dtype, mask=None, **options):
    config = {"query_dim": 6, "key_dim": 10, "num_units": 8, "num_heads": 2} | options
    units = config["num_units"]
    inputs = {"query": leaf(dtype, 3, 4, 6), "key": leaf(dtype, 3, 5, 10)}
    value_dim = config.get("value_dim", 10)
    if "value_dim" in config:
        inputs["value"] = leaf(dtype, 3, 5, value_dim)
    if mask:
        inputs["mask"] = masks(mask)
    sizes = {"W_query": 6, "W_key": 10, "W_value": value_dim}
    sizes |= {"W_out": units} if config.get("output_projection") else {}
    parameters = {}
    for layer, size in sizes.items():
        parameters[f"{layer}.weight"] = leaf(dtype, units, size, scale=0.5)
        if config.get("bias"):
            parameters[f"{layer}.bias"] = leaf(dtype, units)
    recorder.record(
        f"attention_{name}",
        "multi_head_attention",
        config,
        inputs,
        parameters,
        lambda i, p: attention_formula(config, i, p),
        dtype,
    )


def attention_module(recorder, name, dtype, mask=None, causal=False, path=None):
    """torch.nn.MultiheadAttention itself, its packed parameters taken apart."""
    dim, heads = 8, 2
    module = nn.MultiheadAttention(dim, heads, kdim=6, vdim=10, batch_first=True).to(dtype)
    parameters = {
        "W_query.weight": module.q_proj_weight,
        "W_key.weight": module.k_proj_weight,
        "W_value.weight": module.v_proj_weight,
        "W_out.weight": module.out_proj.weight,
        "W_out.bias": module.out_proj.bias,
    }
    parameters = {key: value.detach().clone().requires_grad_() for key, value in parameters.items()}
    for part in ("query", "key", "value"):
        parameters[f"W_{part}.bias"] = leaf(dtype, dim)
    inputs = {"query": leaf(dtype, 3, 4, dim), "key": leaf(dtype, 3, 5, 6), "value": leaf(dtype, 3, 5, 10)}
    if mask:
        inputs["mask"] = masks(mask)
    config = {
        "query_dim": dim,
        "key_dim": 6,
        "value_dim": 10,
        "num_units": dim,
        "num_heads": heads,
        "scaling": "head_size",
        "bias": True,
        "output_projection": True,
    }
    config |= {"causal": True} if causal else {}
    config |= {"path": path} if path else {}

    def compute(inputs, parameters):
        own = {
            "q_proj_weight": parameters["W_query.weight"],
            "k_proj_weight": parameters["W_key.weight"],
            "v_proj_weight": parameters["W_value.weight"],
            "in_proj_bias": torch.cat([parameters[f"W_{part}.bias"] for part in ("query", "key", "value")]),
            "out_proj.weight": parameters["W_out.weight"],
            "out_proj.bias": parameters["W_out.bias"],
        }
        arguments = {
            "key_padding_mask": inputs.get("mask"),
            "attn_mask": torch.ones(4, 5, dtype=torch.bool).triu(1) if causal else None,
            "need_weights": path != "fused",
            "average_attn_weights": False,
        }
        sequences = (inputs["query"], inputs["key"], inputs["value"])
        out, scores = torch.func.functional_call(module, own, sequences, arguments)
        return {"out": out} if scores is None else {"out": out, "scores": scores.transpose(0, 1)}

    recorder.record(
        f"attention_torch_module_{name}", "multi_head_attention", config, inputs, parameters, compute, dtype
    )


def layer(recorder, name, module_name, config, module, x, dtype):
    def compute(inputs, parameters):
        own = {key: value if value.requires_grad else value.clone() for key, value in parameters.items()}
        output = torch.func.functional_call(module, own, (inputs["x"],))
        moved = {key: own[key] for key in ("running_mean", "running_var") if key in own and module.training}
        return {"output": output} | moved

    recorder.record(name, module_name, config, {"x": x}, state(module), compute, dtype)


def batch_norm(dtype, size, training):
    module = nn.BatchNorm1d(size).to(dtype).train(training)
    nn.init.normal_(module.weight)
    nn.init.normal_(module.bias)
    module.running_mean.normal_()
    module.running_var.uniform_(0.5, 2)
    return module


def loss(recorder, name, module, config, inputs, function, dtype):
    recorder.record(name, module, config, inputs, {}, lambda i, p: {"output": function(i)}, dtype)


def losses(recorder):
    target = torch.tensor([3, 0, 9, 3, 7, 1])
    for dtype in (torch.float32, torch.float64):
        loss(
            recorder,
            "cross_entropy",
            "cross_entropy",
            {},
            {"input": leaf(dtype, 6, 10, scale=3), "target": target},
            lambda i: functional.cross_entropy(i["input"], i["target"]),
            dtype,
        )
        loss(
            recorder,
            "bce_with_logits",
            "bce_with_logits",
            {},
            {"input": leaf(dtype, 6, scale=3), "target": torch.rand(6, dtype=dtype).round()},
            lambda i: functional.binary_cross_entropy_with_logits(i["input"], i["target"]),
            dtype,
        )
    loss(
        recorder,
        "cross_entropy_options",
        "cross_entropy",
        {"label_smoothing": 0.1, "ignore_index": 3, "reduction": "mean"},
        {"input": leaf(dtype, 6, 10, scale=3), "target": target, "weight": torch.rand(10, dtype=dtype) + 0.5},
        lambda i: functional.cross_entropy(
            i["input"], i["target"], weight=i["weight"], ignore_index=3, label_smoothing=0.1
        ),
        dtype,
    )
    for reduction in ("sum", "none"):
        loss(
            recorder,
            f"cross_entropy_{reduction}",
            "cross_entropy",
            {"reduction": reduction},
            {"input": leaf(dtype, 6, 10, scale=3), "target": target},
            lambda i, reduction=reduction: functional.cross_entropy(i["input"], i["target"], reduction=reduction),
            dtype,
        )
    loss(
        recorder,
        "bce_with_logits_weights",
        "bce_with_logits",
        {"reduction": "sum"},
        {
            "input": leaf(dtype, 4, 3, scale=3),
            "target": torch.rand(4, 3, dtype=dtype).round(),
            "weight": torch.rand(4, 3, dtype=dtype),
            "pos_weight": torch.rand(3, dtype=dtype) + 0.5,
        },
        lambda i: functional.binary_cross_entropy_with_logits(
            i["input"], i["target"], weight=i["weight"], pos_weight=i["pos_weight"], reduction="sum"
        ),
        dtype,
    )
    for dtype, reduction in ((torch.float32, "mean"), (torch.float64, "none")):
        loss(
            recorder,
            f"mse_{reduction}",
            "mse",
            {"reduction": reduction},
            {"input": leaf(dtype, 4, 3), "target": torch.randn(4, 3, dtype=dtype)},
            lambda i, reduction=reduction: functional.mse_loss(i["input"], i["target"], reduction=reduction),
            dtype,
        )


def record_all(recorder):
    both = (torch.float32, torch.float64)
    f32, f64 = both
    for dtype in both:
        mlp(recorder, "logits", dtype, [49, 32, 16, 10], shape=(5, 7, 7))
        mlp(recorder, "softmax", dtype, [49, 32, 16, 10], head="softmax")
        attention(recorder, "plain", dtype)
        attention(recorder, "masked", dtype, mask="some")
        attention(recorder, "blind_row", dtype, mask="blind")
        attention_module(recorder, "masked", dtype, mask="some")
    mlp(recorder, "pictures", f32, [784, 32, 10], shape=(4, 28, 28))
    for name in ACTIVATIONS:
        mlp(recorder, name, f64, [6, 5, 3], activation=name)
    mlp(recorder, "layer_norm", f32, [6, 8, 7, 3], norm="layer")
    mlp(recorder, "batch_norm_training", f64, [6, 8, 7, 3], norm="batch", training=True)
    mlp(recorder, "batch_norm_evaluation", f32, [6, 8, 7, 3], norm="batch")
    attention(recorder, "head_size", f64, scaling="head_size")
    attention(recorder, "values", f64, mask="some", value_dim=7)
    attention(recorder, "bias", f32, mask="some", bias=True)
    attention(recorder, "projection", f64, output_projection=True, bias=True)
    attention(recorder, "causal", f64, causal=True)
    attention(recorder, "causal_blind_query", f64, mask="first", causal=True)
    attention(recorder, "fused", f32, path="fused")
    attention(recorder, "fused_masked", f32, mask="some", path="fused")
    attention(recorder, "fused_blind_row", f64, mask="blind", path="fused")
    attention(recorder, "fused_causal", f64, causal=True, path="fused")
    attention(recorder, "fused_causal_blind_query", f32, mask="first", causal=True, path="fused")
    attention_module(recorder, "causal", f64, causal=True)
    attention_module(recorder, "fused", f32, mask="some", path="fused")
    layer(recorder, "linear", "linear", {"inputs": 6, "outputs": 4}, nn.Linear(6, 4), leaf(f32, 2, 3, 6), f32)
    without = nn.Linear(6, 4, bias=False).to(f64)
    config = {"inputs": 6, "outputs": 4, "bias": False}
    layer(recorder, "linear_without_bias", "linear", config, without, leaf(f64, 5, 6), f64)
    layer(recorder, "layer_norm", "layer_norm", {"size": 6}, nn.LayerNorm(6).to(f64), leaf(f64, 2, 3, 6), f64)
    norm = batch_norm(f64, 6, training=True)
    layer(recorder, "batch_norm_training", "batch_norm", {"size": 6, "training": True}, norm, leaf(f64, 5, 6), f64)
    norm = batch_norm(f32, 6, training=False)
    layer(recorder, "batch_norm_evaluation", "batch_norm", {"size": 6}, norm, leaf(f32, 5, 6, 3), f32)
    losses(recorder)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLED
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20240229)
    torch.set_num_threads(1)
    recorder = Recorder(folder)
    record_all(recorder)
    recorder.finish()
    print(f"{len(recorder.names)} cases in {folder}")


if __name__ == "__main__":
    main()
