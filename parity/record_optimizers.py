"""Records what PyTorch's optimisers do to two small parameters over 120 steps.

Usage: python record_optimizers.py OUTPUT.json
The gradients are numbers that any language computes alike (see `gradient`), so that only the update rules are compared.
"""

import json
import sys

import torch

SHAPES = {"fc1.weight": (5, 3), "fc1.bias": (7,)}
STEPS = 120
EVERY = 20

CASES = [
    ("sgd", {}),
    ("sgd", {"weight_decay": 0.05}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("sgd", {"momentum": 0.8, "nesterov": True}),
    ("sgd", {"momentum": 0.8, "nesterov": True, "weight_decay": 0.02}),
    ("sgd", {"momentum": 0.9, "clip_norm": 0.5}),
    ("adam", {}),
    ("adam", {"weight_decay": 0.03}),
    ("adam", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
    ("adam", {"clip_norm": 1.0}),
    ("adamw", {}),
    ("adamw", {"weight_decay": 0.2, "beta1": 0.85, "beta2": 0.99, "epsilon": 1e-6}),
    ("adamw", {"weight_decay": 0.0}),
    ("adagrad", {}),
    ("adagrad", {"weight_decay": 0.04, "epsilon": 1e-4}),
    ("rmsprop", {}),
    ("rmsprop", {"alpha": 0.9, "epsilon": 1e-5, "weight_decay": 0.02}),
    ("rmsprop", {"momentum": 0.7}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"momentum": 0.6, "centered": True, "weight_decay": 0.01, "alpha": 0.95}),
]

CLASSES = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
}
RENAMED = {"epsilon": "eps"}


def initial(parameter, i):
    return ((i * 31 + parameter * 17) % 23 - 11) / 16


def gradient(parameter, i, step):
    return ((i * 7919 + parameter * 613 + step * 10007) % 2003 - 800) / 1001


def learning_rate(step):
    return 0.02 if step <= 60 else 0.02 / (1 + (step - 60) / 50)


def tensor(shape, values, dtype):
    return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(shape)


def run(name, options, dtype):
    parameters = []
    for index, shape in enumerate(SHAPES.values()):
        size = torch.Size(shape).numel()
        parameters.append(tensor(shape, [initial(index, i) for i in range(size)], dtype).requires_grad_())
    arguments = {RENAMED.get(key, key): value for key, value in options.items() if not key.startswith(("beta", "clip"))}
    if "beta1" in options:
        arguments["betas"] = (options["beta1"], options["beta2"])
    optimizer = CLASSES[name](parameters, lr=learning_rate(1), foreach=False, **arguments)
    recorded = []
    for step in range(1, STEPS + 1):
        for index, parameter in enumerate(parameters):
            values = [gradient(index, i, step) for i in range(parameter.numel())]
            # The second parameter now and then has no gradient: counts of steps are kept per parameter.
            without = index == 1 and step % 7 == 3
            parameter.grad = None if without else tensor(parameter.shape, values, dtype)
        if "clip_norm" in options:
            torch.nn.utils.clip_grad_norm_(parameters, options["clip_norm"], foreach=False)
        optimizer.param_groups[0]["lr"] = learning_rate(step)
        optimizer.step()
        if step % EVERY == 0:
            recorded.append([value for parameter in parameters for value in parameter.detach().flatten().tolist()])
    return recorded


def short(values):
    """float32 values need 9 digits."""
    return [[float(f"{value:.9g}") for value in row] for row in values]


def main(path):
    cases = [
        {
            "name": name,
            "options": options,
            "float64": run(name, options, torch.float64),
            "float32": short(run(name, options, torch.float32)),
        }
        for name, options in CASES
    ]
    with open(path, "w") as file:
        file.write('{"torch": "%s", "steps": %d, "every": %d, "cases": [\n' % (torch.__version__, STEPS, EVERY))
        file.write(",\n".join(json.dumps(case) for case in cases))
        file.write("\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
