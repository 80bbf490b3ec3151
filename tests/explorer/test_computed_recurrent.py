"""What follows from the weights of a recurrent layer: in Python, and in the browser."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from convrnn_lab import explorers
from convrnn_lab.drawing import given, looks
from convrnn_lab.explorer import computed
from tests.explorer.test_computed import COUNT, confirm, in_browser
from tests.explorer.wire import Wire
from tests.sampling import SEED

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}
PARTS = {
    "RNN_TANH": ["hidden"],
    "RNN_RELU": ["hidden"],
    "LSTM": ["hidden", "cell", "input", "forget", "candidate", "output"],
    "GRU": ["reset", "hidden", "update", "new"],
}


def a_layer(mode, features, units, steps):
    """Return a state of a layer by chance, and weights that a reader may have given."""
    numbers = np.random.default_rng([SEED, features, units, steps])

    def some(*shape):
        return numbers.normal(0, 0.5, size=shape).astype(np.float32)

    rows = GATES[mode] * units
    shapes = [(rows, features), (rows, units), (rows,), (rows,)]
    weights = [looks.given(name, some(*shape)) for name, shape in zip(NAMES, shapes, strict=True)]
    read, first = some(features, steps), some(1 + (mode == "LSTM"), units)
    operands = (mode, read, first, weights, PARTS[mode])
    whole = given.recomputed("run", np.zeros((1, units, steps)), "recurrence", *operands)
    arrays = {
        name: some(*shape)
        for name, shape in zip(NAMES, shapes, strict=True)
        if numbers.random() < 0.5 or name == "weight_hh"
    }
    return given.declared({"z": whole}), arrays, (mode, read, first, weights)


def by_hand(case, arrays):
    """Run the layer's own module step by step."""
    mode, read, first, weights = case
    kind = nn.RNN if mode.startswith("RNN") else getattr(nn, mode)
    more = {"nonlinearity": mode[4:].lower()} if mode.startswith("RNN") else {}
    layer = kind(len(read), first.shape[1], **more)
    for name, each in zip(NAMES, weights, strict=True):
        values = arrays.get(name, each.arguments[1])
        getattr(layer, f"{name}_l0").data[:] = torch.tensor(values)
    state = torch.tensor(first)[:, None]
    outputs = layer(torch.tensor(read.T), tuple(state) if mode == "LSTM" else state[0])[0]
    return outputs.detach().numpy().T


@pytest.mark.parametrize("mode", GATES)
def test_edited_weights_give_what_pytorch_gives(mode, tmp_path):
    chance = random.Random(SEED)
    cases = [
        a_layer(mode, chance.randint(1, 4), chance.randint(1, 9), chance.randint(1, 20))
        for _ in range(COUNT)
    ]

    found = in_browser([case[:2] for case in cases], tmp_path)

    for (content, arrays, case), seen in zip(cases, found, strict=True):
        wanted = computed.completed(content, arrays)
        hidden = wanted["run"][PARTS[mode].index("hidden")]
        np.testing.assert_allclose(hidden, by_hand(case, arrays), rtol=1e-5, atol=1e-5)
        assert computed.difference(seen, wanted) < computed.TOLERANCE


def answered(explorer, weight, factor):
    """Ask a live explorer whether states are right that are larger than PyTorch's by a factor."""
    made = computed.completed(explorer.view.base, {"weight_hh": weight})
    found = {name: made[name] * np.float32(factor) for name in ("run", "still")}
    return confirm(Wire(explorer), found, weight_hh=weight)[0]


def test_pytorch_confirms_the_states_of_edited_weights():
    explorer = explorers.hidden_state(hidden_size=3)
    weight = np.full((12, 3), 0.25, dtype=np.float32)

    answer = answered(explorer, weight, 1 + 1e-6)

    assert answer["problem"] == ""
    assert 0 < answer["difference"] < computed.TOLERANCE
    with pytest.raises(ArithmeticError, match=r"^the browser computed (run|still)"):
        answered(explorer, weight, 1.01)


def test_states_that_the_last_digit_of_a_weight_decides_are_no_fault():
    explorer = explorers.hidden_state("noise", cell="RNN tanh", length=300, hidden_size=32)
    weight = np.random.default_rng(0).normal(0, 0.5, (32, 32)).astype(np.float32)

    assert answered(explorer, weight, 1.01)["problem"] == ""


def test_states_beyond_the_range_may_be_infinite_or_not_a_number():
    explorer = explorers.hidden_state("noise", cell="RNN ReLU", length=100, hidden_size=2)
    weight = np.full((2, 2), 99.0, dtype=np.float32)
    made = computed.completed(explorer.view.base, {"weight_hh": weight})
    found = {name: np.where(np.isinf(made[name]), np.nan, made[name]) for name in made}
    del found["weight_hh"]
    found = {name: each.astype(np.float32) for name, each in found.items()}

    answer, _ = confirm(Wire(explorer), found, weight_hh=weight)

    assert (answer["problem"], answer["difference"]) == ("", 0.0)
