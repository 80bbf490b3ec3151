"""The guide through the receptive field of a stack."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

_FOUR = {
    "layers": 4,
    "kernel_size": 3,
    "stride": 1,
    "dilations": "1",
    "pooling": "none",
    "weights": "uniform",
}

STACK = (
    Step(
        "Each output value reads three values of the layer below, and each of those three more.",
        _FOUR,
        watch="the lines at the bottom: from one output value down to nine input samples.",
    ),
    Step(
        "Four layers of kernel size 3 read 9 samples; one more layer is put on top.",
        _FOUR | {"layers": 5},
        question="How many samples do five layers read?",
        choices=("10", "11", "12"),
        answer="11",
        reason="Each layer adds kernel size − 1, which is 2: the circles lie on a straight line.",
    ),
    Step(
        "Dilations of 1, 2, 4 and 8 spread the weights of four layers, and need no more of them.",
        _FOUR | {"dilations": "doubling"},
        question="Without dilation it was 9. How many samples do the four layers read now?",
        choices=("15", "17", "31"),
        answer="31",
        reason="The layers add 2, 4, 8 and 16 samples to the first one.",
    ),
    Step(
        "With a dilation of 2 in every layer, the field has holes.",
        _FOUR | {"dilations": "2"},
        watch="the empty circles in the lowest row: 8 of the 17 samples are never read.",
    ),
    Step(
        "After a pool in the middle, one step of the later layers is two samples wide.",
        _FOUR | {"pooling": "once in the middle"},
        watch="the squares, which rise from 1 to 2: the field grows faster, to 14 samples.",
    ),
    Step(
        "Not all pixels of the field matter as much; how much is measured here by gradient.",
        _FOUR,
        watch="the grey picture: the middle is brightest, because most paths lead from there.",
    ),
)
