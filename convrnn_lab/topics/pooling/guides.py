"""Guides through the explorers of pools."""

from __future__ import annotations

from convrnn_lab.explorer.controls import Value
from convrnn_lab.explorer.guide import Step

_POOL: dict[str, Value] = {
    "kind": "max",
    "window": 2,
    "stride": "window",
    "padding": 0,
    "dilation": 1,
    "ceil_mode": "no",
}
_IMAGE: dict[str, Value] = {"image": "photograph", **_POOL}

IMAGE = (
    Step(
        "A pool has no weights: this one hands on the largest of the four pixels under its window.",
        _IMAGE,
        watch="the orange pixels: each is the largest of one window. Drag the green window.",
    ),
    Step(
        "The average hands on the mean of the window instead.",
        {**_IMAGE, "kind": "average"},
        question="A dark line, one pixel wide, crosses a bright field. Which pool still shows it?",
        choices=("the maximum", "the average", "neither"),
        answer="the average",
        reason="The line makes a mean darker; the largest value under the window never sees it.",
    ),
    Step(
        "With a stride of 1 the windows overlap, and the output hardly gets smaller.",
        {**_IMAGE, "stride": 1},
        question="How many windows of 2 × 2 can one pixel win?",
        choices=("1", "2", "4"),
        answer="4",
        reason="So many windows hold it, unless it lies at the border.",
    ),
    Step(
        "A window of 3 does not fit a whole number of times into 64 pixels.",
        {**_IMAGE, "window": 3, "row": 20, "column": 20},
        question="How many rows has the output?",
        choices=("21", "21 and a third", "22"),
        answer="21",
        reason="They read 63 rows. The last row and the last column are dropped.",
    ),
    Step(
        "Ceil mode rounds up: a last window may reach past the edge.",
        {**_IMAGE, "window": 3, "ceil_mode": "yes", "row": 21, "column": 21},
        watch="the window in the corner: one of its pixels is on the image. The output is 22 × 22.",
    ),
    Step(
        "An adaptive pool is told the size of its output, here 5 × 5, and finds the windows.",
        {
            "image": "photograph",
            "kind": "adaptive average",
            "output_size": 5,
            "row": 2,
            "column": 2,
        },
        question="5 does not divide 64. What makes up for it?",
        choices=("dropped pixels", "windows that overlap", "zeros at the edge"),
        answer="windows that overlap",
        reason="Windows of 13 or 14 pixels read every pixel, and some pixels twice.",
    ),
)

_SIGNAL: dict[str, Value] = {"signal": "ECG", **_POOL, "window": 4}

SIGNAL = (
    Step(
        "The window hands on the largest of four samples; the next one begins where it ends.",
        {**_SIGNAL, "position": 10},
        watch="the diamonds, which mark the largest: the peak is kept, though not its exact place.",
    ),
    Step(
        "The average takes the mean of the four samples instead.",
        {**_SIGNAL, "kind": "average", "position": 10},
        question="The peak is 1 high. How high is it in the output?",
        choices=("1", "0.78", "0"),
        answer="0.78",
        reason="The samples beside it are lower, and count as much.",
    ),
    Step(
        "Lp with power 2 squares the samples, adds them up, and takes the root.",
        {**_SIGNAL, "kind": "Lp", "p": 2, "position": 10},
        question="Between two beats the signal lies below zero. Where does the output lie there?",
        choices=("below zero", "at zero", "above zero"),
        answer="above zero",
        reason="A square has no sign.",
    ),
    Step(
        "With power 3 the sum of a window can be negative.",
        {**_SIGNAL, "kind": "Lp", "p": 3, "position": 10},
        question="What does PyTorch answer there?",
        choices=("zero", "NaN, which is no number", "the root with a minus"),
        answer="NaN, which is no number",
        reason="It takes no root of a negative number, and the line has a gap.",
    ),
)

_SHIFT: dict[str, Value] = {"image": "stripes", "kind": "max pool", "stride": 2, "shift": 1}

SHIFT = (
    Step(
        "The stripes move right by 2 pixels; the windows of the pool lie 2 apart.",
        {**_SHIFT, "shift": 2},
        watch="the last picture: nothing in it, as the output has just moved along, by one value.",
    ),
    Step(
        "Now they move by 1 pixel, half the distance between two windows.",
        _SHIFT,
        question="What comes out?",
        choices=("the same output", "the output moved by half a value", "another output"),
        answer="another output",
        reason="There is no place between two values. Fine stripes change most.",
        watch="the consistency, 0.402: an output that just moves has 1.",
    ),
    Step(
        "The strided convolution has one weight here: it only keeps every second pixel.",
        {**_SHIFT, "kind": "strided convolution"},
        question="What does it make of the finest stripes, on the right?",
        choices=("fine stripes", "coarse stripes", "an even grey"),
        answer="coarse stripes",
        reason="The pixels kept make a pattern that the image does not have. This is aliasing.",
        watch="the consistency, −0.185: now other pixels are kept, and make other stripes.",
    ),
    Step(
        "With a stride of 1 no place is left out.",
        {**_SHIFT, "stride": 1},
        question="What is the consistency of the max pool now?",
        choices=("0.402, as before", "0.701", "1"),
        answer="1",
        reason="The output can follow every pixel. It is the stride that loses the place.",
    ),
    Step(
        "The blur pool takes the maximum at every place, blurs, and only then drops values.",
        {**_SHIFT, "kind": "blur pool"},
        watch="the consistency: 0.915, where the max pool with the same stride has 0.402.",
    ),
    Step(
        "Last, a checkerboard, of which every second pixel is kept.",
        {**_SHIFT, "image": "checkerboard", "kind": "strided convolution"},
        question="What is seen of it?",
        choices=("a smaller checkerboard", "an even field", "stripes"),
        answer="an even field",
        reason="All pixels kept are black, and all are white when the image has moved by one.",
        watch="the max pool's consistency, 1: it makes an even field too, and loses the picture.",
    ),
)
