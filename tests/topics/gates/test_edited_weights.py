"""All that is seen of gates follows the weights that a reader gives."""

import numpy as np
import pytest

from convrnn_lab import explorers
from convrnn_lab.drawing import looks
from convrnn_lab.explorer import computed, own_panels
from tests.copied import run
from tests.explorer.looks import browser_agrees
from tests.explorer.test_computed import in_browser
from tests.sampling import SEED

SETTING = {"length": 16, "hidden_size": 4, "unit": 1, "time": 5, "seed": 2}


def edited(cell):
    """Return a state, weights by chance in it, and where it is looked at."""
    view = explorers.gates("noise", cell=cell, **SETTING).view
    content = view.state(view.start).content
    chance = np.random.default_rng(SEED)
    arrays = {}
    for name, look in content["given"].items():
        arrays[name] = look.arguments[1].copy()
        arrays[name].reshape(-1)[chance.integers(arrays[name].size, size=3)] += 2.5
    return content, arrays, computed.completed(content, arrays) | view.places(view.start)


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_gates_shares_and_copied_code_follow_edited_weights(cell):
    content, _, places = edited(cell)
    shown = {key: content[key] for key in ("panels", "facts", "code", "title")}

    seen = looks.seen(shown, places)

    copied = run(seen["code"])
    traces = {each.get("name"): each for panel in seen["panels"] for each in panel["data"]}
    for name, gates in copied["run"].gates.items():
        wanted = gates[0, 0, :, 0].T
        # The copied code computes in single precision, the figure in double.
        np.testing.assert_allclose(traces[name]["z"], wanted, rtol=1e-5, atol=computed.TOLERANCE)
    shares = copied["shares"]
    keep = "forget" if cell == "LSTM" else "update"
    opened = [float(each.open.mean()) for each in shares.values() if each.open is not None]
    np.testing.assert_allclose(traces["open"]["y"], opened, rtol=1e-5, atol=1e-4)
    lives = copied["half_life"].flatten().numpy()
    finite = np.where(np.isinf(lives), np.nan, lives)
    np.testing.assert_array_equal(traces["half_life"]["y"], finite)
    value = float(copied["run"].gates[keep][0, 0, 5, 0, 1])
    assert f"its {keep} gate is {looks.number(value)} at step 5" in seen["title"]


@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_the_browser_sees_edited_weights_as_python_does(cell, tmp_path):
    content, arrays, places = edited(cell)
    shown = {key: content[key] for key in ("panels", "facts", "title", "description")}

    (found,) = in_browser([(content, arrays)], tmp_path)

    wanted = computed.completed(content, arrays)
    assert computed.difference(found, wanted) < computed.TOLERANCE
    browser_agrees(shown, [places], tmp_path)


@pytest.mark.parametrize("make", [explorers.gates, explorers.hidden_state])
def test_a_unit_of_many_weights_is_drawn_without_plotly(make):
    content = make(hidden_size=64).view.base

    assert not own_panels.needs_plotly(content)
