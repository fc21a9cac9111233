"""Records values and gradients of PyTorch's losses for many options.

Usage: python record_losses.py OUTPUT.json
"""

import itertools
import json
import sys

import torch
from torch import nn

REDUCTIONS = ["mean", "sum", "none"]


def numbers(count, factor):
    return [((i * factor) % 41 - 20) / 8 for i in range(count)]


def record(module, options, loss, output, target, dtype, **more):
    output = torch.tensor(output, dtype=dtype, requires_grad=True)
    value = loss(output, target)
    # Where there is a loss for each element, the gradients of the elements are weighted by 1, 2, 3, ….
    cotangent = torch.arange(1, value.numel() + 1, dtype=dtype).reshape(value.shape)
    value.backward(cotangent)
    return {
        "module": module,
        "type": str(dtype).removeprefix("torch."),
        "options": options,
        "shape": list(output.shape),
        "output": output.detach().flatten().tolist(),
        "target_shape": list(target.shape),
        "target": target.flatten().tolist(),
        **more,
        "value_shape": list(value.shape),
        "value": value.detach().flatten().tolist(),
        "gradient": output.grad.flatten().tolist(),
    }


def cross_entropy(dtype):
    flat = torch.tensor(numbers(30, 17), dtype=torch.float64).reshape(6, 5)
    deep = torch.tensor(numbers(48, 29), dtype=torch.float64).reshape(2, 4, 2, 3)
    weights = [0.5, 1.0, 2.0, 0.25, 3.0]
    labels = torch.tensor([0, 4, 2, 2, 1, 3])
    for reduction, smoothing, weighted, ignored in itertools.product(
        REDUCTIONS, [0.0, 0.1, 1.0], [False, True], [None, 2]
    ):
        options = {"reduction": reduction, "label_smoothing": smoothing}
        loss_options = dict(options)
        if weighted:
            options["class_weights"] = weights
            loss_options["weight"] = torch.tensor(weights, dtype=dtype)
        if ignored is not None:
            options["ignored_index"] = ignored
            loss_options["ignore_index"] = ignored
        yield record(
            "cross_entropy", options, nn.CrossEntropyLoss(**loss_options), flat.tolist(), labels, dtype
        )
    for reduction in REDUCTIONS:
        target = torch.tensor([[[0, 1, 2], [3, -100, 1]], [[2, 2, 0], [1, 3, -100]]])
        loss = nn.CrossEntropyLoss(reduction=reduction)
        yield record("cross_entropy", {"reduction": reduction}, loss, deep.tolist(), target, dtype)


def binary_cross_entropy(dtype):
    output = torch.tensor(numbers(12, 23), dtype=torch.float64).reshape(4, 3) * 4
    target = torch.tensor([0.0, 1.0, 0.25, 1.0, 0.0, 0.5, 1.0, 1.0, 0.0, 0.0, 0.75, 1.0], dtype=dtype).reshape(4, 3)
    weights = [0.5, 1.0, 2.0, 0.0, 1.5, 3.0, 1.0, 0.25, 1.0, 2.0, 1.0, 0.75]
    for reduction, positive, weighted in itertools.product(REDUCTIONS, [[], [2.5], [0.5, 2.0, 4.0]], [False, True]):
        options = {"reduction": reduction}
        loss_options = {"reduction": reduction}
        if positive:
            options["positive_weights"] = positive
            loss_options["pos_weight"] = torch.tensor(positive, dtype=dtype)
        more = {}
        if weighted:
            loss_options["weight"] = torch.tensor(weights, dtype=dtype).reshape(4, 3)
            more["weights"] = weights
        loss = nn.BCEWithLogitsLoss(**loss_options)
        yield record("binary_cross_entropy", options, loss, output.tolist(), target, dtype, **more)


def mean_squared_error(dtype):
    output = torch.tensor(numbers(12, 19), dtype=torch.float64).reshape(4, 3)
    target = torch.tensor(numbers(12, 11), dtype=dtype).reshape(4, 3)
    for reduction in REDUCTIONS:
        loss = nn.MSELoss(reduction=reduction)
        yield record("mean_squared_error", {"reduction": reduction}, loss, output.tolist(), target, dtype)


def main(path):
    cases = []
    for dtype in [torch.float64, torch.float32]:
        for module in [cross_entropy, binary_cross_entropy, mean_squared_error]:
            cases.extend(module(dtype))
    with open(path, "w") as file:
        file.write('{"torch": "%s", "cases": [\n' % torch.__version__)
        file.write(",\n".join(json.dumps(case) for case in cases))
        file.write("\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
