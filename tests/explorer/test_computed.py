"""What follows from an array that a reader gave: in Python, and in the browser."""

import json
import random
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import explorers
from convrnn_lab.drawing import given, looks
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer import computed, states
from convrnn_lab.explorer.controls import Choice, Slider
from convrnn_lab.explorer.view import View
from tests.explorer.looks import settings_by_chance
from tests.explorer.wire import Wire
from tests.helpers import refused
from tests.sampling import LEVEL, SEED
from tests.web.test_web import node

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

RUNNER = Path(__file__).parents[1] / "web" / "completed.mjs"
COUNT = {"check": 10, "test": 40, "all": 400}[LEVEL]


def in_browser(cases, folder):
    """Return what the browser computes for pairs of a state's content and given arrays."""
    arrays = states.Arrays()
    packed = [
        {
            "computed": arrays.pack(content["computed"]),
            "given": arrays.pack({name: looks.given(name, each) for name, each in given.items()}),
        }
        for content, given in cases
    ]
    (folder / "arrays.bin").write_bytes(b"".join(arrays.buffers))
    (folder / "cases.json").write_text(json.dumps({"cases": packed, "sizes": arrays.sizes()}))
    ended = node(str(RUNNER), str(folder))
    assert ended.returncode == 0, ended.stderr[-3000:]
    return [
        {
            name: np.array(each["data"], dtype=np.float32).reshape(each["shape"])
            for name, each in case.items()
            if isinstance(each, dict) and "shape" in each
        }
        for case in json.loads(ended.stdout)
    ]


def edited(view, chance, count):
    """Yield settings by chance with their content, what a reader may have given, and all arrays."""
    numbers = np.random.default_rng(SEED)
    for settings in settings_by_chance(view, count):
        if view.refusal(view.start | settings) is not None:
            continue
        content, places = view.state(settings).content, view.computed_places(settings)
        there = {name: looks.seen(each, places) for name, each in content["given"].items()}
        names = chance.choice([["weight"], [*there]])
        drawn = {name: numbers.normal(size=there[name].shape) for name in names}
        arrays = {name: each.astype(np.float32) for name, each in drawn.items()}
        yield settings, content, places | arrays, there | arrays


@pytest.mark.parametrize("name", ["convolution", "convolution1d"])
def test_an_edited_kernel_and_a_picture_give_what_pytorch_gives(name, tmp_path):
    view = getattr(explorers, name)().view
    cases = list(edited(view, random.Random(SEED), COUNT))
    assert len(cases) > COUNT / 2

    found = in_browser([case[1:3] for case in cases], tmp_path)

    for (settings, content, taken, arrays), seen in zip(cases, found, strict=True):
        wanted = computed.compared(content, taken)
        by_hand = convolved(settings, arrays)
        # A few products may cancel: rounding goes by their size, not by that of their sum.
        size = convolved(settings, {key: np.abs(each) for key, each in arrays.items()}).max()
        assert np.abs(by_hand - wanted["output"]).max() <= 1e-6 * size
        assert seen.keys() >= wanted.keys()
        for key, each in wanted.items():
            assert seen[key].shape == each.shape
            assert np.abs(seen[key] - each).max() <= computed.TOLERANCE * size, settings


def convolved(settings, arrays):
    """Convolve with torch what was given, or was there; as the reader set it."""
    source, weight = (torch.tensor(each)[None, None] for each in arrays.values())
    convolve = F.conv2d if weight.ndim == 4 else F.conv1d
    padding = settings["padding"]
    if padding == "causal":
        source = F.pad(source, (settings["dilation"] * (settings["kernel_size"] - 1), 0))
        padding = 0
    options = {name: settings[name] for name in ("stride", "dilation")}
    return convolve(source, weight, padding=padding, **options)[0, 0].numpy()


def test_all_of_the_figure_follows_an_edited_kernel():
    view = explorers.convolution("checkerboard", row=3, column=4).view
    content = view.state(view.start).content
    weight = np.zeros((3, 3), dtype=np.float32)
    weight[0, 0], weight[1, 1] = 2.0, 0.5

    places = computed.completed(content, {"weight": weight} | view.places(view.start))
    seen = looks.seen({key: content[key] for key in ("panels", "code", "description")}, places)

    traces = {trace["name"]: trace for panel in seen["panels"] for trace in panel["data"]}
    # Row 3, column 4 has the window from there to (5, 6); pixels of odd sums are light.
    assert traces["product"]["z"].tolist() == [[2.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]]
    assert traces["output"]["z"][3, 4] == 2.5
    assert (traces["output"]["zmin"], traces["output"]["zmax"]) == (-2.5, 2.5)
    assert seen["panels"][4]["title"] == "= products, sum 2.5 + bias 0 = 2.5"
    assert seen["description"].endswith("is the sum of 9 products, sum 2.5 + bias 0 = 2.5.")
    assert "torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.0]])" in seen["code"]
    assert "data.kernel" not in seen["code"]


def test_nothing_is_computed_where_nothing_is_given():
    content = explorers.transposed_convolution().view.base

    assert computed.completed(content, {}) == {}
    assert computed.completed({}, {"weight": np.zeros(1)}).keys() == {"weight"}


def test_rules_stand_after_those_that_they_are_made_of():
    one = looks.given("one", np.zeros(2))
    first = given.recomputed("first", np.zeros(2), "relu", one)
    second = given.recomputed("second", np.zeros(2), "tanh", first)

    found = given.declared({"panels": [{"z": second}, {"z": first}]})

    assert [*found["given"]] == ["one"]
    assert [name for name, _ in found["computed"]] == ["first", "second"]
    assert given.declared({"panels": [np.zeros(2)]}) == {}
    plain = np.zeros(2)
    assert given.recomputed("first", plain, "relu", plain) is plain


def test_a_difference_is_relative_and_infinite_where_arrays_do_not_go_together():
    wanted = {"a": np.array([1.0, -200.0], dtype=np.float32)}

    assert computed.difference({"a": np.array([2.0, -200.0])}, wanted) == 1 / 200
    assert computed.difference({}, wanted) == float("inf")
    assert computed.difference({"a": np.zeros(3)}, wanted) == float("inf")
    assert computed.difference({"a": np.array([1.0, np.inf])}, wanted) == float("inf")
    infinite = {"a": np.array([1.0, np.inf], dtype=np.float32)}
    assert computed.difference(infinite, infinite) == 0.0


def computed_there(explorer, **given):
    """Return what follows from given arrays for the values of the controls."""
    places = explorer.view.computed_places(explorer.values)
    return computed.completed(explorer.view.base, given | places)


def confirm(wire, arrays, **given):
    """Ask a live explorer whether what the browser has computed is right."""
    explorer = wire.front._explorer
    message = {
        "age": 4,
        "values": explorer.view.tokens(explorer.values),
        "given": [*given],
        "places": explorer.view.computed_places(explorer.values),
        "shapes": [[name, list(each.shape)] for name, each in (given | arrays).items()],
    }
    return wire.ask("confirm", *[each.tobytes() for each in (given | arrays).values()], **message)


def test_the_kernel_says_how_far_the_browsers_numbers_lie_from_its_own():
    explorer = explorers.convolution()
    weight = np.ones((3, 3), dtype=np.float32)
    output = computed_there(explorer, weight=weight)["output"].copy()
    output[0, 0] *= 1 + 1e-6

    answer, _ = confirm(Wire(explorer), {"output": output}, weight=weight)

    assert answer["difference"] == pytest.approx(1e-6 * output[0, 0] / output.max(), rel=0.2)
    assert (answer["type"], answer["age"], answer["problem"]) == ("confirmed", 4, "")
    assert explorer.error is None


def test_the_kernel_computes_settings_that_the_browser_moved():
    explorer = explorers.convolution1d()
    wire = Wire(explorer)
    explorer.controls["stride"].value, explorer.controls["kernel_size"].value = 3, 9
    output = computed_there(explorer)["output"]
    assert output.shape == (30,)

    assert confirm(wire, {"output": output})[0]["difference"] == 0.0
    explorer.controls["stride"].value = 2
    with pytest.raises(ArithmeticError, match=r"difference is inf of the largest value$"):
        confirm(wire, {"output": output})


def test_a_browser_that_computes_otherwise_is_a_fault_that_is_recorded_sent_and_raised():
    explorer = explorers.convolution()
    weight = np.ones((3, 3), dtype=np.float32)
    output = computed_there(explorer, weight=weight)["output"] + np.float32(0.1)

    wire = Wire(explorer)

    with pytest.raises(ArithmeticError, match=r"^the browser computed output otherwise than PyTor"):
        confirm(wire, {"output": output}, weight=weight)

    assert isinstance(explorer.error, ArithmeticError)
    (answer,) = wire.answers("confirmed")
    assert answer["problem"] == (
        f"ArithmeticError: {explorer.error} (a fault of the program; see explorer.error)"
    )


def test_one_name_is_that_of_one_value():
    size = looks.at("size")
    once = given.kept("twice", size + size)

    assert given.kept("twice", 4) == 4
    assert [name for name, _ in given.declared({"a": once, "b": once})["computed"]] == ["twice"]
    with refused("name must be that of one value; got 'twice' for two"):
        given.declared({"a": once, "b": given.kept("twice", size + 1)})


def test_an_array_has_another_name_than_the_looks():
    def view(size):
        return Sheet([], given.kept("size", looks.words("{}", size)), "")

    with pytest.raises(
        TypeError, match=r"^arrays must have other names than the looks; got 'size' for both$"
    ):
        View(view, {"size": Slider("size", 1, 3, 2, look=True, computed=True)})


def test_a_computed_setting_is_moved_in_the_browser():
    for make in (partial(Slider, "size", 1, 3, 2), partial(Choice, "size", (1, 2), 2)):
        with refused("look must be True where computed is; got False"):
            make(computed=True)
