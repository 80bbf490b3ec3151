"""All that is seen of a layer follows the weights that a reader gives."""

import numpy as np
import pytest
import torch

from convrnn_lab import explorers
from convrnn_lab.drawing import look_texts, looks
from convrnn_lab.explorer import computed
from tests.copied import run
from tests.explorer.looks import browser_agrees
from tests.sampling import SEED

CELLS = ("RNN tanh", "RNN ReLU", "LSTM", "GRU")
SETTING = {"length": 12, "hidden_size": 3, "unit": 1, "time": 5, "seed": 2}


def edited(cell, **setting):
    """Return a sheet with weights by chance, where it is looked at, and those weights."""
    view = explorers.hidden_state("noise", cell=cell, **SETTING | setting).view
    content = view.state(view.start).content
    chance = np.random.default_rng(SEED)
    arrays = {}
    for name, look in content["given"].items():
        arrays[name] = look.arguments[1].copy()
        arrays[name].reshape(-1)[chance.integers(arrays[name].size)] += 1.5
    places = computed.completed(content, arrays) | view.places(view.start)
    shown = {key: content[key] for key in ("panels", "facts", "code", "description")}
    return shown, places, arrays


def of_figure(seen, name):
    return next(
        each for panel in seen["panels"] for each in panel["data"] if each.get("name") == name
    )


@pytest.mark.parametrize("cell", CELLS)
def test_states_lens_and_copied_code_follow_edited_weights(cell):
    shown, places, arrays = edited(cell)

    seen = looks.seen(shown, places)

    copied = run(seen["code"])
    whole, layer = copied["run"], copied["layer"]
    for name, each in arrays.items():
        assert (getattr(layer, f"{name}_l0").detach().numpy() == each).all()
    hidden = whole.hidden[0, 0, :, 0].T.numpy()
    np.testing.assert_allclose(of_figure(seen, "hidden")["z"], hidden, rtol=1e-5, atol=1e-6)
    if whole.cell is not None:
        cells = whole.cell[0, 0, :, 0].T.numpy()
        np.testing.assert_allclose(of_figure(seen, "cell")["z"], cells, rtol=1e-5, atol=1e-6)
    step = whole.step(0, 0, 5, 0, 1)
    rows = of_figure(seen, "lens")["z"]
    values = [gate.value for gate in step.gates.values()]
    np.testing.assert_allclose(np.array(rows)[:, 5], values, rtol=1e-4, atol=1e-6)
    weights = np.array(of_figure(seen, "weights")["z"])
    first = [gate.input_weight for gate in step.gates.values()]
    np.testing.assert_array_equal(weights[:, :1], torch.stack(first).numpy())
    assert "Path of the state before the edit" in [each["title"] for each in seen["panels"]]
    assert not any("Memory" in fact for fact, _ in seen["facts"])
    assert f"unit 1 has the hidden state {look_texts.written(step.hidden)}" in seen["description"]


@pytest.mark.parametrize("cell", CELLS)
def test_the_browser_sees_edited_weights_as_python_does(cell, tmp_path):
    shown, places, _ = edited(cell)
    del shown["code"]  # where Python writes 1.0, the browser writes 1

    browser_agrees(shown, [places], tmp_path)


def test_states_without_end_are_said_where_an_edited_weight_makes_them():
    view = explorers.hidden_state(cell="RNN ReLU", length=200, hidden_size=2).view
    content = view.state(view.start).content
    facts = dict(looks.seen(content["facts"], view.places(view.start)))
    weight = np.full((2, 2), 9.0, dtype=np.float32)

    places = computed.completed(content, {"weight_hh": weight}) | view.places(view.start)

    after = dict(looks.seen(content["facts"], places))
    assert "State not finite" not in facts
    assert after["State not finite"].startswith("from step ")
