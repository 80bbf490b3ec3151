"""What the trace of a recurrent layer costs, beside the layer itself and a loop over time."""

import subprocess
import sys
import time
from functools import partial

from tests.benchmarks import table

HIDDEN, INPUTS = 64, 1
_PEAK = """
import psutil, torch
from convrnn_lab import trace
torch.set_num_threads(1)
layer = torch.nn.{kind}(1, 64, {layers})
trace.recurrence(layer, torch.zeros(8, 1, 1))  # what is imported and set up once
steps = torch.zeros({time}, 16, 1)
before = psutil.Process().memory_info().rss
run = trace.recurrence(layer, steps)
# Not ru_maxrss, which begins at what the process that started this one had taken.
(line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
peak = 1024 * int(line.split()[1]) - before
kept = [run.hidden, *run.gates.values(), *run.sums.values()]
kept += [] if run.cell is None else [run.cell]
print(peak, sum(each.numel() * each.element_size() for each in kept))
"""


def recurrence():
    """Time traces beside the module's own forward and a loop that keeps its gates."""
    import torch
    from torch import nn

    from convrnn_lab import trace

    torch.set_num_threads(1)
    torch.manual_seed(0)
    for kind, length, target in (
        (nn.LSTM, 2048, 1.85),
        (nn.LSTM, 512, 2.0),
        (nn.GRU, 2048, 1.5),
        (nn.GRU, 512, 1.5),
        (nn.RNN, 2048, 1.5),
        (nn.RNN, 512, 1.5),
    ):
        layer, steps = kind(INPUTS, HIDDEN), torch.randn(length, 1, INPUTS)
        ours, theirs = _interleaved(
            partial(trace.recurrence, layer, steps), partial(_forward, layer, steps), 60
        )
        what = f"trace of {kind.__name__}, {length} steps"
        yield table.ratio(what, ours, theirs, target, against=f"nn.{kind.__name__}")
        if kind is nn.LSTM:
            ours, theirs = _interleaved(
                partial(trace.recurrence, layer, steps), partial(_loop, layer, steps), 10
            )
            yield table.ratio(what, ours, theirs, 0.35, against="loop that keeps gates")


def recurrence_memory():
    """Compare what a trace takes at its peak with what it returns."""
    for kind, layers, length in (("LSTM", 1, 2048), ("LSTM", 3, 1024), ("GRU", 1, 2048)):
        script = _PEAK.format(kind=kind, layers=layers, time=length)
        runs = [_printed(script) for _ in range(3)]
        peaks, kept = ([each[i] / 1e6 for each in runs] for i in (0, 1))
        what = f"peak of a trace of {kind}, {layers} layers, {length} steps, batch 16"
        yield table.ratio(what, peaks, kept, 3, unit="MB", against="returned")


def _forward(layer, steps):
    import torch

    with torch.no_grad():
        layer(steps)


def _loop(layer, steps):
    """Step through an LSTM and keep its gates, as one would without the trace."""
    import torch

    from convrnn_lab import models

    with torch.no_grad():
        written = models.WrittenLSTM.from_torch(layer)
        state, kept = (torch.zeros(1, HIDDEN), torch.zeros(1, HIDDEN)), []
        for x in steps.unbind(0):
            state, gates = written.step(x, state)
            kept.append((*state, *gates.values()))
        return [torch.stack(each) for each in zip(*kept, strict=True)]


def _interleaved(ours, theirs, repeats):
    """Return the times of both in ms, taken in turn so that the machine's moods hit both."""
    ours(), theirs()
    times = [(_ms(ours), _ms(theirs)) for _ in range(repeats)]
    return tuple(zip(*times, strict=True))


def _ms(call):
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _printed(script):
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return [int(each) for each in done.stdout.split()]
