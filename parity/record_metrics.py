"""Records what scikit-learn computes for click metrics.

Usage: python record_metrics.py OUTPUT.json    (needs numpy and scikit-learn)

No rows are stored: a case is a few parameters, from which this script and the test generate the same rows. The numbers
come from SplitMix64 (Steele, Lea and Flood 2014), counted from 0: number k of a seed is the finaliser of
seed + (k + 1) * 0x9E3779B97F4A7C15, and its upper 53 bits make a uniform of [0, 1). Row i takes the numbers 4i to
4i + 3 and no function whose last bit depends on the platform:

    u       = uniform 4i;  floor(u * levels) / levels where levels > 0
    score   = low + (high - low) * u
    label   = 1 if uniform 4i+1 < base + slope * u
    weight  = 1, or where weighted: 0 if uniform 4i+2 < 0.1, else 4 * (uniform 4i+2)
    group   = floor(uniform 4i+3 ** 2 * groups)

What scikit-learn lacks is worked out here from its functions (grouped AUC, normalized entropy) or in numpy
(calibration), independently of the Java code.
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, average_precision_score, log_loss, roc_auc_score

DEFAULTS = {
    "scale": "PROBABILITY",
    "rows": 1000,
    "seed": 1,
    "levels": 0,
    "low": 0.0,
    "high": 1.0,
    "base": 0.1,
    "slope": 0.5,
    "weighted": False,
    "groups": 0,
}

CASES = {
    "plain": {},
    "two_rows": {"rows": 2, "seed": 9, "base": 0.0, "slope": 1.0},
    "weighted": {"weighted": True, "seed": 2},
    "ties": {"levels": 7, "seed": 3},
    "ties_weighted": {"levels": 7, "weighted": True, "seed": 4},
    "two_scores": {"levels": 2, "seed": 5},
    "constant": {"low": 0.3, "high": 0.3, "seed": 6},
    "constant_weighted": {"low": 0.3, "high": 0.3, "seed": 6, "weighted": True},
    "calibrated": {"base": 0.0, "slope": 1.0, "rows": 4000, "seed": 7},
    "too_high": {"low": 0.2, "high": 1.0, "base": 0.0, "slope": 0.6, "rows": 4000, "seed": 8},
    "worse_than_chance": {"base": 0.9, "slope": -0.8, "seed": 10},
    "rare": {"rows": 50000, "base": 0.0, "slope": 0.0004, "seed": 11},
    "rare_weighted": {"rows": 50000, "base": 0.0, "slope": 0.0004, "weighted": True, "seed": 12},
    "almost_all_clicks": {"rows": 20000, "base": 0.999, "slope": 0.0008, "seed": 13},
    "only_zeros": {"base": 0.0, "slope": 0.0, "seed": 14},
    "only_ones": {"base": 1.0, "slope": 0.0, "seed": 15},
    "probability_zero": {"levels": 1, "low": 0.0, "seed": 16, "base": 0.2},
    "probability_one": {"low": 1.0, "high": 1.0, "seed": 17},
    "logits": {"scale": "LOGIT", "low": -6.0, "high": 6.0, "seed": 18},
    "logits_weighted_ties": {"scale": "LOGIT", "low": -6.0, "high": 6.0, "levels": 13, "weighted": True, "seed": 19},
    "logits_wide": {"scale": "LOGIT", "low": -30.0, "high": 30.0, "rows": 3000, "seed": 20},
    "groups": {"groups": 50, "rows": 3000, "seed": 21},
    "groups_weighted_ties": {"groups": 300, "rows": 3000, "levels": 9, "weighted": True, "seed": 22},
    "groups_rare": {"groups": 400, "rows": 8000, "base": 0.0, "slope": 0.05, "seed": 23},
    "groups_one_class_each": {"groups": 100, "rows": 100, "base": 0.0, "slope": 0.02, "seed": 24},
    "million": {"rows": 1000000, "base": 0.0, "slope": 0.1, "high": 0.2, "groups": 1000, "seed": 25},
    "million_weighted_ties": {
        "rows": 1000000,
        "levels": 4096,
        "weighted": True,
        "scale": "LOGIT",
        "low": -8.0,
        "high": 2.0,
        "base": 0.0,
        "slope": 0.3,
        "groups": 1000,
        "seed": 26,
    },
}

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def uniforms(seed, count):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def generate(case):
    u, chance, weigh, pick = uniforms(case["seed"], 4 * case["rows"]).reshape(-1, 4).T
    if case["levels"] > 0:
        u = np.floor(u * case["levels"]) / case["levels"]
    score = case["low"] + (case["high"] - case["low"]) * u
    label = (chance < case["base"] + case["slope"] * u).astype(np.int64)
    weight = np.where(weigh < 0.1, 0.0, 4 * weigh) if case["weighted"] else np.ones(len(u))
    group = np.floor(pick * pick * case["groups"]).astype(np.int64)
    return score, label, weight, group


def table(probability, label, weight, bins):
    """From the highest score down, cut where another 1/bins of the weight is full; equal scores stay together."""
    used = weight > 0
    values, index = np.unique(-probability[used], return_inverse=True)
    mass = np.bincount(index, weight[used])
    ones = np.bincount(index, weight[used] * label[used])
    rows = np.bincount(index)
    full = np.floor(np.cumsum(mass) * bins / weight.sum()).astype(np.int64)
    full[-1] = bins
    bin_of = np.concatenate([[0], full[:-1]])
    found = []
    for number in np.unique(bin_of)[::-1]:
        here = bin_of == number
        total = mass[here].sum()
        found.append(
            [(-values[here] * mass[here]).sum() / total, ones[here].sum() / total, total, int(rows[here].sum())]
        )
    return found


def grouped(score, label, weight, group):
    used = weight > 0
    order = np.argsort(group[used], kind="stable")
    ids, starts = np.unique(group[used][order], return_index=True)
    area = mass = 0.0
    summary = {"groups": 0, "groups_left_out": 0, "rows": 0, "rows_left_out": 0}
    for rows in np.split(order, starts[1:]):
        y, s, w = label[used][rows], score[used][rows], weight[used][rows]
        if y.min() == y.max():
            summary["groups_left_out"] += 1
            summary["rows_left_out"] += len(rows)
            continue
        summary["groups"] += 1
        summary["rows"] += len(rows)
        area += w.sum() * roc_auc_score(y, s, sample_weight=w)
        mass += w.sum()
    return (area / mass if mass > 0 else None), summary


def expected(case):
    score, label, weight, group = generate(case)
    probability = 1 / (1 + np.exp(-score)) if case["scale"] == "LOGIT" else score
    ones, total = (weight * label).sum(), weight.sum()
    values = {}
    summary = None
    if 0 < ones < total:
        values["auc"] = roc_auc_score(label, score, sample_weight=weight)
    if case["groups"] > 0:
        value, summary = grouped(score, label, weight, group)
        if value is not None:
            values["gauc"] = value
    if ones > 0:
        values["pr_auc"] = average_precision_score(label, score, sample_weight=weight)
    # Where the logits are wide, 1 - p has lost digits that the loss needs: both columns are worked out by themselves.
    columns = np.column_stack([1 / (1 + np.exp(score)), probability]) if case["scale"] == "LOGIT" else probability
    values["log_loss"] = log_loss(label, columns, sample_weight=weight, labels=[0, 1])
    if 0 < ones < total:
        rate = np.full(len(label), ones / total)
        values["normalized_entropy"] = values["log_loss"] / log_loss(label, rate, sample_weight=weight)
    if ones > 0:
        values["calibration"] = (weight * probability).sum() / ones
    # Bins by score: distinct logits can share a probability.
    bins = table(probability, label, weight, 20)
    values["expected_calibration_error"] = sum(b[2] * abs(b[0] - b[1]) for b in bins) / total
    found = {"values": values, "accuracy": accuracy_score(label, probability >= 0.5, sample_weight=weight)}
    if case["rows"] <= 4000:
        found["bins"] = bins
    if summary is not None:
        found["groups"] = summary
    if not case["weighted"] and case["levels"] == 0 and case["rows"] % 20 == 0 and len(np.unique(score)) == len(score):
        observed, predicted = calibration_curve(label, probability, n_bins=20, strategy="quantile")
        found["calibration_curve"] = [list(pair) for pair in zip(predicted, observed)]
    return found


def main(path):
    warnings.simplefilter("error")
    with open(path, "w") as file:
        file.write('{"sklearn": "%s", "cases": [\n' % sklearn.__version__)
        lines = []
        for name, changes in CASES.items():
            case = {**DEFAULTS, **changes}
            lines.append(json.dumps({"name": name, "rows": case, "expected": expected(case)}))
        file.write(",\n".join(lines))
        file.write("\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
