"""Where a window lies, in Python and in the browser; and what the two refuse, word by word."""

import random

import pytest

from convrnn_lab.drawing import looks, window_looks
from convrnn_lab.drawing.looks import Look
from tests.explorer.looks import done, in_browser, same
from tests.sampling import LEVEL, SEED

COUNT = {"check": 100, "test": 400, "all": 4000}[LEVEL]


def windows(count):
    """Yield a length, and how a window slides along it, by chance; a few do not fit."""
    chance = random.Random(SEED)
    for _ in range(count):
        size = chance.randint(1, 6)
        padding = chance.choice([*range(4), "valid", "same", "causal"])
        stride, dilation = chance.randint(1, 4), chance.choice([1, 1, 2, 3])
        yield chance.randint(1, 12), (size, stride, padding, dilation), chance.randint(0, 1)


def agree(made, tmp_path):
    """See that the browser makes of looks what Python makes of them."""
    content = dict(enumerate(made))
    (found,) = in_browser(content, [{}], tmp_path)
    for wanted, got in zip(done(content, {}), found["looks"], strict=True):
        same(got, wanted)


def test_the_browser_refuses_a_window_in_the_words_of_python(tmp_path):
    made = [
        Look("no_window", [length], *sliding, ceil_mode)
        for length, sliding, ceil_mode in windows(COUNT)
    ]

    agree(made, tmp_path)

    refusals = {looks.seen(each, {}) for each in made}
    assert sum("must fit" in each for each in refusals) > 2
    assert any('got "same" with stride=' in each for each in refusals)
    assert "" in refusals


def test_the_browser_finds_a_window_where_python_does(tmp_path):
    made = []
    for length, (size, stride, padding, dilation), ceil_mode in windows(COUNT):
        if window_looks.no_window([length], size, stride, padding, dilation, ceil_mode):
            continue
        pair = window_looks.pads(padding, size, stride, dilation)
        along = (length, size, stride, pair, dilation, ceil_mode)
        outputs = window_looks.output_length(*along)
        axis = (length, outputs, size, stride, pair[0], dilation)
        made += [
            Look("pads", padding, size, stride, dilation),
            Look("output_length", *along),
            Look("never_read", [axis, axis], ["row", "column"]),
            Look("path", Look("taps", size, dilation, stride, dilation)),
            Look("beside", length, *pair),
            Look("grouped", length * 10 ** (size + 1)),
        ]

    agree(made, tmp_path)


def transposed(count):
    """Yield a length, and the settings of a transposed convolution, by chance."""
    chance = random.Random(SEED)
    for _ in range(count):
        size, stride, dilation = chance.randint(1, 6), chance.randint(1, 6), chance.randint(1, 6)
        more = chance.randrange(max(stride, dilation))
        yield chance.randint(1, 9), (size, stride, chance.randint(0, 6), more, dilation)


def test_the_browser_refuses_a_transposed_convolution_in_the_words_of_python(tmp_path):
    made = [Look("nothing_left", [9, length], *settings) for length, settings in transposed(COUNT)]

    agree(made, tmp_path)

    refusals = {looks.seen(each, {}) for each in made}
    assert sum("must leave at least one of" in each for each in refusals) > 2
    assert "" in refusals


def test_the_browser_finds_what_a_transposed_convolution_gathers_where_python_does(tmp_path):
    made = []
    for length, settings in transposed(COUNT):
        if window_looks.nothing_left([length], *settings):
            continue
        size, stride, padding, _, dilation = settings
        outputs = window_looks.transposed_length(length, *settings)
        along = (length, size, stride, padding, dilation)
        counts = Look("reached_by", length, outputs, *along[1:])
        made += [
            Look("transposed_length", length, *settings),
            counts,
            Look("room", counts),
            Look("distinct", Look("outer", counts, counts)),
            Look("outer", counts, counts),
            *(Look("reaching", index, *along) for index in range(outputs)),
        ]

    agree(made, tmp_path)


def test_the_inputs_that_reach_an_output_value_by_hand():
    # Every second output value is written by taps 0 and 2 of two neighbours, the others by tap 1.
    assert window_looks.reaching(4, 7, 3, 2, 0, 1) == [2, 1, 1, 2, -2]
    assert window_looks.reaching(5, 7, 3, 2, 0, 1) == [1, 2, 1, 1, -2]
    assert window_looks.reaching(1, 2, 1, 3, 0, 1) == [0, -1, 1, 0, -3]
    assert window_looks.reached_by(2, 4, 1, 3, 0, 1).tolist() == [1, 0, 0, 1]


def test_the_first_of_several_refusals_is_told():
    first = Look("first_text", ["", looks.words("{}", looks.at("a")), "b"])

    assert looks.seen(first, {"a": 3}) == "3"
    assert window_looks.first_text(["", ""]) == ""


@pytest.mark.parametrize(("padding", "pair"), [("same", [2, 3]), ("causal", [5, 0]), (4, [4, 4])])
def test_a_word_says_where_the_zeros_stand(padding, pair):
    assert window_looks.pads(padding, 6, 1, 1) == pair
