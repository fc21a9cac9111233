"""Records learning rates that PyTorch's schedulers give, one before each step.

Usage: python record_schedules.py OUTPUT.json
Every run has 6 epochs of 10 steps and a base rate of 0.1.
"""

import json
import sys

import torch
from torch.optim import lr_scheduler as schedules

BASE = 0.1
STEPS_PER_EPOCH = 10
EPOCHS = 6
TOTAL = STEPS_PER_EPOCH * EPOCHS
LOSSES = [1.0, 0.9, 0.91, 0.92, 0.9, 0.89995, 0.9, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.5, 0.5, 0.5]


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)


def rates(make):
    sgd = optimizer()
    schedule = make(sgd)
    recorded = []
    for _ in range(TOTAL):
        recorded.append(sgd.param_groups[0]["lr"])
        sgd.step()
        schedule.step()
    return recorded


def warm_up(sgd, steps, factor):
    return schedules.LinearLR(sgd, start_factor=factor, total_iters=steps)


def plateau(**options):
    sgd = optimizer()
    schedule = schedules.ReduceLROnPlateau(sgd, **options)
    recorded = []
    for loss in LOSSES:
        schedule.step(loss)
        recorded.append(sgd.param_groups[0]["lr"])
    return recorded


def main(path):
    cases = [
        ({"name": "constant"}, rates(lambda sgd: schedules.ConstantLR(sgd, factor=1.0))),
        ({"name": "step", "step_epochs": 2}, rates(lambda sgd: schedules.StepLR(sgd, 20))),
        ({"name": "step", "step_epochs": 1, "gamma": 0.7}, rates(lambda sgd: schedules.StepLR(sgd, 10, gamma=0.7))),
        ({"name": "cosine"}, rates(lambda sgd: schedules.CosineAnnealingLR(sgd, TOTAL))),
        (
            {"name": "cosine", "min_learning_rate": 0.01},
            rates(lambda sgd: schedules.CosineAnnealingLR(sgd, TOTAL, eta_min=0.01)),
        ),
        ({"name": "linear_warmup", "warmup_steps": 25}, rates(lambda sgd: warm_up(sgd, 25, 0.1))),
        (
            {"name": "linear_warmup", "warmup_steps": 7, "warmup_factor": 0.25},
            rates(lambda sgd: warm_up(sgd, 7, 0.25)),
        ),
        (
            {"name": "cosine", "min_learning_rate": 0.001, "warmup_steps": 12},
            rates(
                lambda sgd: schedules.SequentialLR(
                    sgd,
                    [warm_up(sgd, 12, 0.1), schedules.CosineAnnealingLR(sgd, TOTAL - 12, eta_min=0.001)],
                    milestones=[12],
                )
            ),
        ),
        (
            {"name": "step", "step_epochs": 1, "gamma": 0.5, "warmup_steps": 15, "warmup_factor": 0.2},
            rates(
                lambda sgd: schedules.ChainedScheduler(
                    [warm_up(sgd, 15, 0.2), schedules.StepLR(sgd, 10, gamma=0.5)], optimizer=sgd
                )
            ),
        ),
    ]
    plateaus = [
        ({}, plateau()),
        ({"patience": 2}, plateau(patience=2)),
        ({"patience": 0, "factor": 0.5}, plateau(patience=0, factor=0.5)),
        ({"patience": 1, "threshold": 0.2}, plateau(patience=1, threshold=0.2)),
        ({"patience": 0, "min_learning_rate": 0.004}, plateau(patience=0, min_lr=0.004)),
    ]
    with open(path, "w") as file:
        file.write('{"torch": "%s", "cases": [\n' % torch.__version__)
        file.write(",\n".join(json.dumps({"options": options, "rates": values}) for options, values in cases))
        file.write('\n], "losses": %s, "plateaus": [\n' % json.dumps(LOSSES))
        file.write(",\n".join(json.dumps({"options": options, "rates": values}) for options, values in plateaus))
        file.write("\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
