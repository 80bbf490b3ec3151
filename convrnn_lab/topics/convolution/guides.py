"""Guides through the explorers of convolutions."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

IMAGE = (
    Step(
        "A kernel of 3 × 3 weights lies on the image; each pixel under it meets one weight.",
        {"kernel": "Sobel x", "kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1},
        watch="the three small squares below: pixels, weights, and their products with the sum.",
    ),
    Step(
        "The same nine weights are used at every place; this kernel finds vertical edges.",
        {"kernel": "Sobel x", "row": 30, "column": 20},
        watch="drag over the input: where the picture is even, the sum is near zero.",
    ),
    Step(
        "The stride is how far the window moves from one output value to the next.",
        {"kernel": "Sobel x", "stride": 2},
        question="The output has 62 × 62 values. How many has it with a stride of 2?",
        choices=("62 × 62", "31 × 31", "124 × 124"),
        answer="31 × 31",
        reason="Every second place is left out, on both axes.",
    ),
    Step(
        "Zeros around the image give the window room to stand at the border.",
        {"kernel": "Gaussian", "padding": "same"},
        question="How many zeros does each side need so that the output is 64 × 64?",
        choices=("0", "1", "3"),
        answer="1",
        reason="The window reaches one pixel past its middle, on every side.",
    ),
    Step(
        "Dilation spreads the nine weights over a larger field, with holes between them.",
        {"kernel": "Sobel x", "dilation": 2},
        watch="the window in the input: it spans 5 × 5 pixels and still costs nine products.",
    ),
)
