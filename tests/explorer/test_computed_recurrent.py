"""What follows from the weights of a recurrent layer: in Python, and in the browser."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from convrnn_lab.drawing import given, looks
from convrnn_lab.explorer import computed
from tests.explorer.test_computed import COUNT, in_browser
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
