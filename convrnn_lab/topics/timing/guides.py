"""Guides through the explorers of time and counts: true on the reference machine, and by counts."""

from __future__ import annotations

from convrnn_lab.explorer.guide import Step

_FORWARD = {"work": "forward", "length": 256}
_IMAGE = {"input": "2-D, 64 × 64 pixels", "work": "forward", "stride": 1}
_CNN = {"model": "CNN for digits", "batch": 16}
_SIZES = {"length": 256, "channels": 16}

LENGTH = (
    Step(
        "Two layers read the same sequence; their multiply-adds follow from the shapes alone.",
        _FORWARD | {"layer": "LSTM", "other": "GRU"},
        watch="the panel Multiply-adds: ● and ■ rise alike, by as much for each further step.",
    ),
    Step(
        "At every step an LSTM computes its state and three gates, a GRU its state and two.",
        _FORWARD | {"layer": "LSTM", "other": "GRU"},
        question="Which share of the LSTM's multiply-adds has the GRU?",
        choices=("one half", "three quarters", "four thirds"),
        answer="three quarters",
        reason="It has three sums of weights at each step, where the LSTM has four.",
    ),
    Step(
        "A convolution and an LSTM read a sequence that is four times as long.",
        _FORWARD | {"layer": "Conv1d", "other": "LSTM", "length": 1024},
        question="How many times as many multiply-adds has each of them now?",
        choices=("2 times", "4 times", "16 times"),
        answer="4 times",
        reason="Both do the same products at every step, however long the sequence is.",
    ),
    Step(
        "In a stream, one sample comes at a time; the count is what one more of them costs.",
        {"work": "one more step", "layer": "causal stack", "other": "LSTM", "length": 256},
        question="Which of the two needs more multiply-adds for one more sample?",
        choices=("causal stack", "LSTM"),
        answer="causal stack",
        reason="The LSTM carries its state on; the convolutions read their window again.",
    ),
    Step(
        "Times are those of one machine: a reference, until the button Measure takes yours.",
        _FORWARD | {"layer": "LSTM", "other": "GRU"},
        question="Does the layer with fewer multiply-adds always take less time?",
        choices=("always", "not always"),
        answer="not always",
        reason="Starting an operation takes time, too. Compare ● and ■ in both panels.",
    ),
)

KERNEL = (
    Step(
        "One output value of the direct convolution ● takes a product for each tap of the kernel.",
        _IMAGE | {"kernel_size": 5},
        watch="the panel Multiply-adds: ● is far steeper than ■, the way by Fourier transform.",
    ),
    Step(
        "The kernel over the image grows from 5 × 5 to 15 × 15 taps.",
        _IMAGE | {"kernel_size": 15},
        question="How many times as many multiply-adds has the direct convolution now?",
        choices=("3 times", "9 times", "10 times"),
        answer="9 times",
        reason="Three times as many taps along each of two axes.",
    ),
    Step(
        "A signal has one axis; here the kernel grows from 3 to 15 taps.",
        {"input": "1-D, 4,096 samples", "work": "forward", "kernel_size": 15, "stride": 1},
        question="How many times as many multiply-adds has the direct convolution now?",
        choices=("5 times", "12 times", "25 times"),
        answer="5 times",
        reason="The taps lie along one axis, so nothing is squared.",
    ),
    Step(
        "A stride of 2 leaves out every second output; its panels are under the name Stride.",
        _IMAGE | {"kernel_size": 15, "stride": 2},
        question="Which share of the multiply-adds is left over an image?",
        choices=("1/2", "1/4", "1/8"),
        answer="1/4",
        reason="Every second place is left out on both axes. See under Stride what the time says.",
    ),
    Step(
        "From some kernel size on, which depends on the machine, the Fourier transform is faster.",
        _IMAGE | {"kernel_size": 15},
        watch="where the lines of seconds cross, and where those of the counts do.",
    ),
)

SWITCH = (
    Step(
        "One thing is changed, and the same work is timed before and after it.",
        _SIZES | {"switch": "fused kernel"},
        watch="the bars: one to the right of 1 is faster, one to the left is slower.",
    ),
    Step(
        "A fused LSTM goes through all steps in one operation; a loop starts several at each step.",
        _SIZES | {"switch": "fused kernel"},
        question="Which of the two needs more multiply-adds?",
        choices=("the loop", "the fused one", "neither"),
        answer="neither",
        reason="The equations are the same. The time between is that of starting operations.",
    ),
    Step(
        "With a larger batch, 16 sequences go through a GRU in one call.",
        _SIZES | {"switch": "larger batch"},
        question="How many times as many multiply-adds has that call?",
        choices=("1 time", "4 times", "16 times"),
        answer="16 times",
        reason="Each sequence has its own products. What is shared is the starting of operations.",
    ),
    Step(
        "A packed batch leaves out the padding of short sequences, near half of all products.",
        _SIZES | {"switch": "packed batch"},
        question="Must it therefore be faster?",
        choices=("yes", "no"),
        answer="no",
        reason="PyTorch's fused LSTM does not take packed sequences. The bar says what it costs.",
    ),
)

LAYERS = (
    Step(
        "The bar ▒ of a layer is its share of all multiply-adds, counted from the shapes.",
        _CNN | {"layer": "conv2"},
        watch="the names behind the bars: the two convolutions have nearly all of them.",
    ),
    Step(
        "A pool keeps the largest of the values in its window.",
        _CNN | {"layer": "pool1"},
        question="How many multiply-adds has it?",
        choices=("none", "one for each value", "one for each output"),
        answer="none",
        reason="It compares values, and multiplies nothing. Reading and comparing takes time, too.",
    ),
    Step(
        "The network is given one picture instead of 16.",
        {"model": "CNN for digits", "batch": 1, "layer": "conv2"},
        question="Whose share of the multiply-adds changes?",
        choices=("that of conv2", "that of every layer", "no layer's"),
        answer="no layer's",
        reason="Every layer has a sixteenth of its products. Shares of the time may change.",
    ),
    Step(
        "Its shares of the time forward ■ and backward ▨ stand beside its multiply-adds.",
        _CNN | {"layer": "conv2"},
        question="Must conv2, with most multiply-adds, have the longest bar of time, too?",
        choices=("yes", "no"),
        answer="no",
        reason="Time goes into reading values and starting operations as well.",
    ),
    Step(
        "Both LSTM layers of this network are one module, which PyTorch runs as one.",
        {"model": "two LSTM layers", "batch": 16, "layer": "recurrent"},
        watch="one bar has nearly all multiply-adds; the head reads only what comes out of it.",
    ),
)
