"""A line that a reader types, read by the model of characters: in Python, and in the browser."""

import random

import numpy as np
import pytest
import torch

from convrnn_lab import data, explorers, models
from convrnn_lab.drawing import looks, typed_looks
from convrnn_lab.explorer import computed
from tests import copied
from tests.explorer.test_computed import confirm, in_browser
from tests.explorer.wire import Wire
from tests.sampling import SEED


@pytest.fixture(scope="module")
def view():
    return explorers.writing("def half(x):", length=150).view


def given(text):
    return {"text": data.encode(text).numpy().astype(np.float32)}


def after(text):
    """Return the states after each character of a text, and the logits of the next."""
    model, _ = models.trained_sequence("characters")
    with torch.no_grad():
        hidden = model.recurrent(data.one_hot(data.encode(text))[None])[0][0]
        return hidden.numpy(), model.head(hidden[-1])


def shown(view, text, **values):
    """Return what is seen once a line was typed."""
    content = view.state(view.start | values).content
    places = computed.completed(content, given(text)) | view.places(view.start | values)
    parts = ("title", "description", "facts", "code", "panels")
    return looks.seen({key: content[key] for key in parts}, places)


def lines(count):
    chance = random.Random(SEED)
    known = data.ALPHABET[:-1]
    return ["x", *("".join(chance.choices(known, k=chance.randint(2, 60))) for _ in range(count))]


def test_browser_and_pytorch_read_a_typed_line_alike(view, tmp_path):
    content = view.base
    texts = lines(8)

    found = in_browser([(content, given(text)) for text in texts], tmp_path)

    for text, seen in zip(texts, found, strict=True):
        wanted = computed.completed(content, given(text))
        hidden, logits = after(text)
        assert wanted.keys() == {"text", "read", "states", "last", "logits"}
        assert pytest.approx(hidden, abs=1e-5) == wanted["states"][0].T
        assert wanted["logits"] == pytest.approx(logits.numpy(), abs=1e-5)
        assert computed.difference(seen, wanted) < computed.TOLERANCE, text


def test_all_of_the_figure_follows_a_typed_line(view):
    text = 'for name in "<b>":'

    seen = shown(view, text, unit=7, temperature=0.5)

    hidden, logits = after(text)
    state, following = (panel["data"][0] for panel in seen["panels"])
    assert np.ravel(state["z"])[: len(text)] == pytest.approx(hidden[:, 7], abs=1e-5)
    assert np.isnan(np.ravel(state["z"])[len(text) :]).all()
    assert "".join(map("".join, state["text"])) == 'for·name·in·"‹b›":'
    chances, order = (logits / 0.5).softmax(0).sort(descending=True)
    assert following["y"] == pytest.approx(chances[:8].numpy(), abs=1e-5)
    assert following["x"][0] == "↵" == data.ALPHABET[order[0]].replace("\n", "↵")
    assert seen["title"] == "Unit 7 over 18 characters that you typed"
    assert [panel["title"] for panel in seen["panels"]] == [
        "Unit 7; the line that you typed",
        f"Next after what was read: “↵” with {100 * chances[0]:.0f} %",
    ]
    assert [what for what, _ in seen["facts"]] == ["Average of unit 7", "Then follows"]
    assert seen["panels"][0]["layout"]["shapes"][0]["path"] == ""


@pytest.mark.parametrize("text", ['say("a\\n")  # {}', "x"])
def test_copied_code_reads_the_typed_line(view, text):
    seen = shown(view, text, unit=3)

    made = copied.run(seen["code"])

    state, following = (panel["data"][0] for panel in seen["panels"])
    assert made["text"] == text
    assert np.ravel(state["z"])[: len(text)] == pytest.approx(made["state"].numpy(), abs=1e-5)
    found = made["chances"].detach().sort(descending=True).values[:8]
    assert following["y"] == pytest.approx(found.numpy(), abs=1e-5)


def test_what_is_expected_next_is_drawn_without_a_typed_line_too():
    sheet = explorers.writing("impor", length=5, temperature=1.0).sheet()

    _, logits = after("impor")
    chances = logits.softmax(0)
    assert sheet.traces[1]["x"][0] == "t"
    assert sheet.traces[1]["y"][0] == pytest.approx(chances.max().item(), abs=1e-5)
    made = copied.run(sheet.code, text="impor")
    assert made["chances"].detach().numpy() == pytest.approx(chances.numpy(), abs=1e-5)


@pytest.mark.parametrize("length", [1, 500])
def test_a_typed_line_has_room_in_the_cells_of_the_figure(length):
    content = explorers.writing("x", length=length).view.base

    assert content["panels"][0]["gives"]["most"] == (32 if length == 1 else 128)
    assert "�" not in content["panels"][0]["gives"]["alphabet"]


def test_weights_are_the_same_for_every_setting_and_travel_once(view):
    one, other = (view.state(view.start | {"temperature": each}).content for each in (0.2, 1.0))

    assert looks.same(one["computed"], other["computed"])


def test_operations_on_characters():
    assert typed_looks.cut(["a", "b", "c"], 2) == [["a", "b"], ["c", ""]]
    assert typed_looks.named(np.array([2, 0]), ["x", "y", "z"]) == ["z", "x"]
    assert typed_looks.average(np.array([1.0, 2.0, 6.0])) == 3.0
    assert typed_looks.length(np.zeros(3)) == 3
    assert typed_looks.quoted(["\\", '"', "<", "\n", "\ufffd"]) == '"\\\\\\"<\\n\ufffd"'


def test_the_call_of_what_is_shown_has_the_typed_line_as_its_text():
    explorer = explorers.writing("x", length=40)
    codes = data.encode('a "b"').tolist()
    typed = {"name": "text", "by": "line", "shape": [len(codes)], "numbers": codes}

    answer, _ = Wire(explorer).ask(
        "call", values=explorer.view.tokens(explorer.values), looked={"unit": 2}, given=[typed]
    )

    assert answer["code"] == r'explorers.writing(text="a \"b\"", unit=2, length=40)'
    assert copied.run(answer["code"])["_"].values["unit"] == 2


def test_live_pytorch_confirms_what_the_browser_read(view, tmp_path):
    explorer = explorers.writing("x", length=40)
    wire = Wire(explorer)
    (seen,) = in_browser([(explorer.view.base, given("return x"))], tmp_path)

    answer, _ = confirm(wire, seen, **given("return x"))
    assert (answer["problem"], answer["difference"] < computed.TOLERANCE) == ("", True)

    seen["logits"][3] += 1
    with pytest.raises(ArithmeticError, match="the browser computed"):
        confirm(wire, seen, **given("return x"))
