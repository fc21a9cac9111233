"""Records what scikit-learn fits to logits: Platt scaling and isotonic regression.

Usage: python record_recalibration.py OUTPUT.json    (needs numpy and scikit-learn)

No rows are stored: they are generated as record_metrics.py says. Weights are scaled to a mean of 1 first.

Platt scaling is a logistic regression without penalty on rows that stand there twice, once with each label, weighted by
Platt's targets; scikit-learn's own _SigmoidCalibration stops its search earlier, and must agree to 1e-3.
Isotonic regression is IsotonicRegression with Platt's targets as bounds, and told at points within and beyond the rows.
"""

import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from record_metrics import DEFAULTS, generate

LOGITS = {**DEFAULTS, "scale": "LOGIT", "low": -4.0, "high": 4.0}

CASES = {
    "plain": {},
    "ten_rows": {"rows": 10, "seed": 2, "base": 0.0, "slope": 1.0},
    "weighted": {"weighted": True, "seed": 3},
    "ties": {"levels": 9, "seed": 4},
    "ties_weighted": {"levels": 9, "weighted": True, "seed": 5},
    "two_scores": {"levels": 2, "seed": 6},
    "worse_than_chance": {"base": 0.9, "slope": -0.8, "seed": 7},
    "rare": {"rows": 50000, "low": -12.0, "high": -2.0, "base": 0.0, "slope": 0.004, "seed": 8},
    "rare_weighted": {
        "rows": 50000, "low": -12.0, "high": -2.0, "base": 0.0, "slope": 0.004, "weighted": True, "seed": 9,
    },
    "separable": {"low": -30.0, "high": 30.0, "base": -1000.0, "slope": 2000.0, "seed": 10},
    "separable_few": {"rows": 6, "base": -1000.0, "slope": 2000.0, "seed": 11},
    "far_from_zero": {"low": 90.0, "high": 110.0, "seed": 12},
    "narrow": {"low": 0.5, "high": 0.501, "seed": 13},
}


def expected(case):
    score, label, weight, _ = generate(case)
    used = weight > 0
    score, label, weight = score[used], label[used], weight[used]
    weight = weight * len(weight) / weight.sum()
    ones, zeros = (weight * label).sum(), (weight * (1 - label)).sum()
    least, most = 1 / (zeros + 2), (ones + 1) / (ones + 2)
    target = np.where(label == 1, most, least)

    # The rows are moved and scaled, which the line undoes: a search converges better there.
    mean = np.average(score, weights=weight)
    deviation = np.sqrt(np.average((score - mean) ** 2, weights=weight))
    x = ((score - mean) / deviation).reshape(-1, 1)
    regression = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # told when the last steps change nothing any more; the slopes are checked below
        regression.fit(
            np.concatenate([x, x]),
            np.concatenate([np.ones(len(x)), np.zeros(len(x))]),
            np.concatenate([weight * target, weight * (1 - target)]),
        )
    error = weight * (regression.predict_proba(x)[:, 1] - target)
    assert abs(error.sum()) < 1e-9 * weight.sum() and abs((error * x[:, 0]).sum()) < 1e-9 * weight.sum()
    slope = regression.coef_[0, 0] / deviation
    intercept = regression.intercept_[0] - slope * mean

    if not case["name"].startswith(("separable", "far", "narrow")):
        own = _SigmoidCalibration().fit(score, label, weight)
        assert abs(-own.a_ - slope) < 1e-3 and abs(-own.b_ - intercept) < 1e-3, (own.a_, own.b_, slope, intercept)

    isotonic = IsotonicRegression(y_min=least, y_max=most, out_of_bounds="clip").fit(score, label, weight)
    width = case["high"] - case["low"]
    points = np.linspace(case["low"] - 0.1 * width, case["high"] + 0.1 * width, 61)
    return {
        "slope": slope,
        "intercept": intercept,
        "corners": len(isotonic.X_thresholds_),
        "points": [[x, y] for x, y in zip(points, isotonic.predict(points))],
    }


def main(path):
    with open(path, "w") as file:
        file.write('{"sklearn": "%s", "cases": [\n' % sklearn.__version__)
        lines = []
        for name, changes in CASES.items():
            case = {**LOGITS, **changes}
            lines.append(json.dumps({"name": name, "rows": case, "expected": expected({**case, "name": name})}))
        file.write(",\n".join(lines))
        file.write("\n]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
