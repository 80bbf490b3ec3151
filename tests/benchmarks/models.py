"""What the model doctor costs, beside torchinfo on a stack that both can run."""

import subprocess
import sys
import time
from functools import partial

from tests.benchmarks import table

STACK = "models.plain_stack(64, 70)"
SHAPE = (3, 224, 224)
_PEAK = """
import sys, threading, time
import psutil, torch, torchinfo
from convrnn_lab import measure, models
model = {stack}
shape = {shape}
small = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3), torch.nn.ReLU())
call = {call}
call(small)  # what is imported and set up once
me, peak, done = psutil.Process(), 0, False
before = me.memory_info().rss
def watch():
    global peak
    while not done:
        peak = max(peak, me.memory_info().rss)
        time.sleep(0.0002)
thread = threading.Thread(target=watch)
thread.start()
call(model)
peak = max(peak, me.memory_info().rss)
done = True
thread.join()
print((peak - before) / 1e6)
"""
OURS = "lambda model: measure.inspect(model, shape)"
THEIRS = "lambda model: torchinfo.summary(model, (1, *shape), verbose=0)"


def doctor():
    """Time the doctor on the copied network's 145 layers, and on a stack of 140."""
    from convrnn_lab import measure, models

    inspect = partial(measure.inspect, models.copied_network(), (3, 224, 224))
    inspect()  # the first time PyTorch imports what it runs on shapes with
    times = sorted(_ms(inspect) for _ in range(15))
    yield table.bound("doctor on the copied network", times[7], 500, unit="ms")
    yield from _against_torchinfo()


def _against_torchinfo():
    import torchinfo

    from convrnn_lab import measure, models

    model = models.plain_stack(64, 70)
    ours, theirs = [], []
    for _ in range(5):
        ours.append(_ms(partial(measure.inspect, model, SHAPE)))
        theirs.append(_ms(partial(torchinfo.summary, model, (1, *SHAPE), verbose=0)))
    yield table.ratio("doctor on a stack of 140 layers", ours, theirs, 0.2, against="torchinfo")
    peaks = [[_peak(call) for _ in range(5)] for call in (OURS, THEIRS)]
    yield table.ratio(
        "memory it takes more, at its peak", *peaks, 0.1, unit="MB", against="torchinfo"
    )


def _ms(call):
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def _peak(call):
    script = _PEAK.format(stack=STACK, shape=SHAPE, call=call)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return float(done.stdout)
