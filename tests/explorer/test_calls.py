"""The call that makes an explorer, executed as somebody who copied it does."""

import inspect
import random

import pytest
import torch

from convrnn_lab import data, explorers
from tests import copied
from tests.explorer.looks import positions, settings_by_chance
from tests.explorer.wire import Wire
from tests.helpers import refused
from tests.sampling import SEED, sampled

OWN = torch.linspace(0, 1, 100).reshape(10, 10)
LSTM = torch.nn.LSTM(1, 3)
SERIES = torch.randn(12, 1, generator=torch.Generator().manual_seed(0))
MADE = {
    "convolution": ((), {}),
    "convolution1d": (("sunspots",), {"padding": "causal"}),
    "an array of one's own": ((OWN,), {"kernel_size": 5}),
    "transposed_convolution": ((), {}),
    "pooling": ((), {"include_padding": False}),
    "pooling1d": ((), {}),
    "shift": ((), {}),
    "stack": ((), {}),
    "hidden_state": ((), {}),
    "side_by_side": ((), {}),
    "cell": ((), {"length": 16, "seed": 3}),
    "gates": ((), {}),
    "gradient_through_time": ((), {}),
    "recurrence": ((LSTM, SERIES), {}),
}
"""Arguments of explorers, by what makes them."""


def made(name):
    arguments, named = MADE[name]
    return getattr(explorers, "convolution" if "own" in name else name)(*arguments, **named)


@pytest.mark.parametrize("name", sampled(list(MADE), 5))
def test_the_call_makes_an_explorer_with_the_same_values(name):
    explorer = made(name)
    own = {"image": OWN, "module": LSTM, "input": SERIES}

    for settings in settings_by_chance(explorer.view, 3):
        values = settings | random.Random(SEED).choice(positions(explorer.view, settings, 5))
        if explorer.view.refusal(values):
            continue
        again = copied.run(explorer.call(**values), **own)["_"]

        assert again.values == values


@pytest.mark.parametrize("name", ["convolution", "an array of one's own", "recurrence"])
def test_the_call_of_an_explorer_as_it_was_made_makes_the_same_again(name):
    explorer = made(name)

    own = {"image": OWN, "module": LSTM, "input": SERIES}
    again = copied.run(explorer.call(), **own)["_"]

    assert again.values == explorer.values


def test_the_call_is_short_and_has_what_was_given_as_it_was_given(tmp_path):
    from PIL import Image

    picture = tmp_path / "mine.png"
    Image.linear_gradient("L").save(picture)

    assert explorers.stack().call() == "explorers.stack()"
    assert explorers.stack().call(layers=2, pooling="after each") == (
        'explorers.stack(layers=2, pooling="after each")'
    )
    written = explorers.convolution(picture, row=1, column=2).call(stride=2)
    assert written == f'explorers.convolution(image="{picture}", stride=2, row=1, column=2)'


def test_what_no_argument_sets_is_set_after_the_call():
    written = explorers.gates().call(series="noise", time=5)

    assert written.splitlines() == [
        "explorer = explorers.gates(time=5)",
        'explorer.controls["series"].value = "noise"',
        "explorer",
    ]


def test_a_call_is_refused_for_what_is_not_offered_or_was_made_otherwise():
    explorer = explorers.stack()
    names = ", ".join(explorer.declared)
    with refused(f"control must be one of {names}; got 'size'"):
        explorer.call(size=3)
    with refused("layers must be an integer from 1 to 8; got 99"):
        explorer.call(layers=99)
    own = explorers.Explorer(explorer.view, explorer.declared, name="mine")
    with refused(f"call must be of an explorer that `explorers` made; got {own!r}"):
        own.call()


def test_a_function_that_notes_its_call_is_still_that_function():
    assert explorers.convolution is explorers.convolution
    assert inspect.signature(explorers.convolution).parameters["kernel"].default == "Sobel x"
    assert explorers.convolution.__doc__.startswith("Slide a kernel over an image")
    assert isinstance(explorers.Slider, type)
    assert "photograph" in data.IMAGES


BOX = {"kernel": "box", "kernel_size": 3, "stride": 2, "padding": "0", "dilation": 1}
"""Settings that the browser computes, as it knows them."""


def test_the_browser_is_told_the_call_of_what_it_shows():
    explorer = explorers.convolution("digit 3", row=5, column=7)
    wire = Wire(explorer)
    looked = BOX | {"row": 1, "column": 2}

    answer, _ = wire.ask("call", values=["digit 3"], looked=looked, given=[])

    assert wire.ask("start")[0]["made"]
    assert answer["code"] == (
        'explorers.convolution(image="digit 3", kernel="box", stride=2, row=1, column=2)'
    )


def given(name, by, *numbers):
    return {"name": name, "by": by, "shape": [len(numbers)], "numbers": list(numbers)}


@pytest.mark.parametrize("largest", [1.0, 1.25])
def test_a_drawn_signal_stands_in_the_call_as_an_array(largest):
    explorer = explorers.convolution1d(length=8, kernel_size=3)
    drawn = torch.tensor([0.1, largest, 1 / 3, 0, -0.5, 2e-7, 0.25, 1])
    smooth = BOX | {"kernel": "Gaussian", "stride": 1}
    call = {"values": ["ECG"], "looked": smooth | {"position": 2}}

    answer, _ = Wire(explorer).ask("call", **call, given=[given("signal", "pen", *drawn.tolist())])

    *comments, code = answer["code"].splitlines()
    assert code.startswith("explorers.convolution1d(signal=torch.tensor([0.1, 1")
    assert ("position=2, length=8)" in code, "ECG" in code) == (True, False)
    divided = "# The explorer divides a signal by its largest absolute value, here 1.25."
    assert comments == ([] if largest == 1 else [divided])
    again = copied.run(answer["code"])["_"]
    drawn_again = torch.tensor(again.data().query("trace == 'input'")["y"].to_numpy())
    torch.testing.assert_close(drawn_again, drawn.double() / largest, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("by", "what"),
    [
        ("numbers", "The weights that were edited are"),
        ("picture", "The picture that was drawn or opened is"),
        ("digit", "The digit that was drawn or opened is"),
    ],
)
def test_a_comment_says_what_a_call_cannot_bring(by, what):
    explorer = explorers.convolution("digit 3", row=5, column=7)
    call = {"values": ["digit 3"], "looked": BOX | {"row": 1, "column": 2}}

    answer, _ = Wire(explorer).ask("call", **call, given=[given("image", by)])

    assert answer["code"].splitlines() == [
        f"# {what} not part of this call.",
        'explorers.convolution(image="digit 3", kernel="box", stride=2, row=1, column=2)',
    ]
    assert copied.run(answer["code"])["_"].values["row"] == 1
