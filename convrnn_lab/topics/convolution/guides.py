"""Guides through the explorers of convolutions."""

from __future__ import annotations

from convrnn_lab.explorer.controls import Value
from convrnn_lab.explorer.guide import Step

_IMAGE: dict[str, Value] = {
    "image": "photograph",
    "kernel": "Sobel x",
    "kernel_size": 3,
    "stride": 1,
    "padding": 0,
    "dilation": 1,
}

IMAGE = (
    Step(
        "A kernel of 3 × 3 weights lies on the image; each pixel under it meets one weight.",
        _IMAGE,
        watch="the three small squares below: pixels, weights, and their products with the sum.",
    ),
    Step(
        "The same nine weights are used at every place; this kernel finds vertical edges.",
        {**_IMAGE, "row": 30, "column": 20},
        watch="drag over the input: where the picture is even, the sum is near zero.",
    ),
    Step(
        "The stride is how far the window moves from one output value to the next.",
        {**_IMAGE, "stride": 2},
        question="The output has 62 × 62 values. How many has it with a stride of 2?",
        choices=("62 × 62", "31 × 31", "124 × 124"),
        answer="31 × 31",
        reason="Every second place is left out, on both axes.",
    ),
    Step(
        "Zeros around the image give the window room to stand at the border.",
        {**_IMAGE, "kernel": "Gaussian", "padding": "same"},
        question="How many zeros does each side need so that the output is 64 × 64?",
        choices=("0", "1", "3"),
        answer="1",
        reason="The window reaches one pixel past its middle, on every side.",
    ),
    Step(
        "Dilation spreads the nine weights over a larger field, with holes between them.",
        {**_IMAGE, "dilation": 2},
        question="How many pixels wide is the window now?",
        choices=("3", "5", "6"),
        answer="5",
        reason="Three pixels that it reads, with two holes between. It still costs nine products.",
    ),
)

_SIGNAL: dict[str, Value] = {
    "signal": "ECG",
    "kernel": "difference",
    "kernel_size": 5,
    "stride": 1,
    "padding": 0,
    "dilation": 1,
}

SIGNAL = (
    Step(
        "Five weights slide along a heartbeat, and each place gives one number.",
        {**_SIGNAL, "kernel": "Gaussian", "position": 38},
        watch="the beat: it comes out lower, as each value is a weighted mean of five samples.",
    ),
    Step(
        "The kernel 'difference' sets later samples against earlier ones.",
        {**_SIGNAL, "position": 35},
        question="Where is its output far from zero?",
        choices=("on the top of the beat", "on its steep sides", "between two beats"),
        answer="on its steep sides",
        reason="There, samples close together differ most; on the top they hardly do.",
    ),
    Step(
        "Zeros at both ends keep the length: the padding is called 'same'.",
        {**_SIGNAL, "padding": "same", "position": 37},
        question="How many zeros does each end need, so that 96 samples give 96 values?",
        choices=("1", "2", "4"),
        answer="2",
        reason="Five weights reach two samples past their middle, at either end.",
    ),
    Step(
        "'Causal' puts all four zeros before the signal: no value reads a later sample.",
        {**_SIGNAL, "padding": "causal", "position": 39},
        question="The peak of the output was at 37. Where is it now?",
        choices=("at 35", "at 37", "at 39"),
        answer="at 39",
        reason="Each value now stands at the last sample that it reads, not at the middle one.",
    ),
)

_TRANSPOSED: dict[str, Value] = {
    "image": "digit 3",
    "kernel": "box",
    "kernel_size": 3,
    "stride": 2,
    "padding": 0,
    "dilation": 1,
    "output_padding": 0,
    "row": 3,
    "column": 3,
}

TRANSPOSED = (
    Step(
        "Every input value writes a copy of the kernel, times itself, into the output.",
        {**_TRANSPOSED, "stride": 3, "output_row": 9, "output_column": 9},
        watch="the green outline in the output: the copy of one pixel. Copies lie side by side.",
    ),
    Step(
        "With a stride of 2, copies of 3 × 3 overlap, and what overlaps is added.",
        {**_TRANSPOSED, "output_row": 6, "output_column": 6},
        question="How many products can land on one output value?",
        choices=("2", "3", "4"),
        answer="4",
        reason="Two copies meet on each axis, and 2 · 2 = 4.",
        watch="the last matrix: neighbours have different counts, which makes a checkerboard.",
    ),
    Step(
        "Now the stride of 2 divides the kernel size of 4.",
        {**_TRANSPOSED, "kernel_size": 4, "output_row": 6, "output_column": 6},
        question="Which counts are there away from the border?",
        choices=("2 and 4", "4 only", "1, 2 and 4"),
        answer="4 only",
        reason="On each axis every place is reached by two copies, so no checkerboard appears.",
    ),
    Step(
        "A stride of 4 lays the copies of 3 × 3 further apart than they are wide.",
        {**_TRANSPOSED, "stride": 4, "output_row": 12, "output_column": 12},
        question="What is between the copies?",
        choices=("a mean of the neighbours", "zeros", "the nearest pixel"),
        answer="zeros",
        reason="No copy reaches there, and nothing is added.",
    ),
    Step(
        "Padding cuts output off here, as much at each end.",
        {**_TRANSPOSED, "padding": 1, "output_row": 5, "output_column": 5},
        question="The output had 15 × 15 values. How many has it with a padding of 1?",
        choices=("13 × 13", "14 × 14", "17 × 17"),
        answer="13 × 13",
        reason="One row and one column go at each end.",
    ),
    Step(
        "A convolution makes 7 values of 15 samples and also of 16: 'add at end' chooses 16.",
        {**_TRANSPOSED, "output_padding": 1, "output_row": 15, "output_column": 15},
        watch="the last row and column of the output: no product lands there.",
    ),
)

_CHANNELS: dict[str, Value] = {
    "image": "china",
    "filters": "all channels",
    "kernel_size": 3,
    "stride": 1,
    "padding": 0,
    "filter": 0,
}

CHANNELS = (
    Step(
        "A colour picture is three tables of numbers: how red, green and blue each pixel is.",
        _CHANNELS,
        watch="the window: it lies at the same place in all three channels.",
    ),
    Step(
        "A filter has a kernel for each channel; the three sums and one bias make one value.",
        _CHANNELS,
        question="How many weights has one filter of 3 × 3 over three channels?",
        choices=("9", "12", "27"),
        answer="27",
        reason="Nine for each of the three channels. It still gives one value at a place.",
        watch="the bars: three sums and the bias, and the value that they add up to.",
    ),
    Step(
        "Each filter makes one map; here there are four. This one finds vertical edges.",
        {**_CHANNELS, "filter": 2},
        question="How many weights have all four filters together?",
        choices=("36", "108", "432"),
        answer="108",
        reason="Four filters of 27 weights. Their four biases come on top, which makes 112.",
    ),
    Step(
        "Pointwise filters have one weight for each channel: they mix, and see no neighbours.",
        {**_CHANNELS, "filters": "pointwise", "kernel_size": 1},
        watch="the map of filter 0, which is high where red is stronger than green and blue.",
    ),
    Step(
        "Depthwise filters do the opposite: each reads one channel, and nothing is mixed.",
        {**_CHANNELS, "filters": "depthwise", "filter": 1},
        question="How many weights have three depthwise filters of 3 × 3?",
        choices=("9", "27", "81"),
        answer="27",
        reason="Each has nine weights, for the one channel that it reads.",
    ),
    Step(
        "First depthwise, then pointwise: neighbours and channels are both read, one by one.",
        {**_CHANNELS, "filters": "depthwise", "filter": 0},
        question="All channels at once took 108 weights for four maps. How many do these two take?",
        choices=("39", "108", "324"),
        answer="39",
        reason="27 + 4 · 3 = 39. The saving grows with the number of maps.",
    ),
)
