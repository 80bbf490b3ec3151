"""What measuring costs, and how far its results can be relied on."""

import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

from tests.benchmarks import table


def timing_overhead():
    """Time a call of some 50 µs with our timer and with PyTorch's own."""
    import torch
    from torch.utils import benchmark

    from convrnn_lab import measure

    torch.set_num_threads(1)
    one = torch.randn(96, 96)

    def call():
        return one @ one @ one @ one @ one

    ours, theirs = [], []
    for _ in range(15):
        timer = benchmark.Timer("call()", globals={"call": call}, num_threads=1)
        theirs.append(1e6 * timer.blocked_autorange(min_run_time=0.2).median)
        ours.append(1e6 * measure.timing(call, budget_s=0.2).median_s)
    what = "measure.timing of a short call"
    yield table.ratio(what, ours, theirs, 1.02, unit="µs", against="PyTorch's timer")
    yield table.ratio(f"{what}, the other way", theirs, ours, 1.02, unit="µs", against="ours")


def repeatability():
    """Sweep the same settings twice, and see whose medians differ by more than a tenth."""
    from convrnn_lab import measure

    settings = [
        measure.Setting(layer, length=length)
        for layer in measure.LAYERS
        for length in (16, 64, 256, 1024)
    ]
    first, second = measure.Store(), measure.Store()
    for store in (first, second):
        for _ in measure.sweep(settings, store, budget_s=0.2):
            pass
    close = unmarked = 0
    for setting in settings:
        key = measure.key(measure.canonical_setting(setting))
        one, two = (store.get(key).timing for store in (first, second))
        within = abs(one.median_s / two.median_s - 1) <= 0.1
        close += within
        unmarked += not within and one.steady and two.steady
    share = 100 * close / len(settings)
    words = f"{len(settings) - close} differ, {unmarked} of them not marked unsteady"
    what = "medians of two sweeps within 10 %"
    yield table.bound(what, share, 90, unit="%", at_least=True, other=words)


def counting():
    """Count a model of 200 layers with ours and with torchinfo."""
    import torchinfo

    from convrnn_lab import measure, models

    model, shape = models.plain_stack(64, 100), (3, 224, 224)
    ours = partial(measure.cost, model, shape)
    theirs = partial(torchinfo.summary, model, (1, *shape), verbose=0)
    ours(), theirs()
    times = [(_ms(ours), _ms(theirs)) for _ in range(5)]
    mine, other = zip(*times, strict=True)
    yield table.ratio("measure.cost of 200 layers", mine, other, 0.5, against="torchinfo")


def timing_notebook():
    """Run notebook 07 with nothing stored, and again with what that left."""
    from convrnn_lab import reports

    with tempfile.TemporaryDirectory() as folder:
        store = {"store": str(Path(folder) / "timings.jsonl")}
        sweep = _s(partial(reports.run, "07_timing", store, folder))
        yield table.bound("report of notebook 07, all measured", sweep, 90, unit="s")
        again = [_s(partial(reports.run, "07_timing", store, folder)) for _ in range(3)]
        yield table.bound("the same from its stored results", median(again), 15, unit="s")


def _ms(call):
    return 1000 * _s(call)


def _s(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
