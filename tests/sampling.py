"""How much of a parameter space a run of the tests looks at, and where.

``make check`` looks at little, ``make test`` at a sample, ``make test-all`` at everything. The
sample is another one in each run; its seed is printed, and CONVRNN_SEED=N brings it back.
"""

import os
import random

import hypothesis

LEVEL = os.environ.setdefault("CONVRNN_TESTS", "test")
"""How much: "check", "test" or "all"."""

# Set here and not only read: the processes of pytest-xdist are given the environment.
SEED = int(os.environ.setdefault("CONVRNN_SEED", str(random.randrange(10**6))))

_SHARE = {"check": 30, "test": 10, "all": 1}[LEVEL]
_LEAST = {"check": 10, "test": 30, "all": 100}[LEVEL]

hypothesis.settings.register_profile(
    "lab", deadline=None, database=None, print_blob=True, max_examples=max(300 // _SHARE, _LEAST)
)
hypothesis.settings.load_profile("lab")
hypothesis.core.global_force_seed = SEED


def examples(count):
    """Give hypothesis `count` examples in ``make test-all``, and a share of them elsewhere."""
    return hypothesis.settings(max_examples=min(count, max(count // _SHARE, _LEAST)))


def sampled(items, count):
    """Return `count` items at most, by chance; in ``make check`` a third of them.

    The first one is always among them: it is mostly the start. ``make test-all`` takes a grid whole
    where `count` is 100 and more; of smaller samples, whose items are slow (trainings, figures,
    copied code), it takes three times as many.
    """
    items = list(items)
    wanted = {
        "check": -(-count // 3),
        "test": count,
        "all": len(items) if count >= 100 else 3 * count,
    }[LEVEL]
    if len(items) <= wanted:
        return items
    return [items[0], *random.Random(SEED).sample(items[1:], wanted - 1)]
