"""Time by layer beside PyTorch's profiler, and what the clocks between layers cost."""

import time
from collections import Counter
from functools import partial
from statistics import median

from tests.benchmarks import table

_RUNS = 10
_ROUNDS = 7


def layers():
    """Compare each layer's share of the time with the profiler's, for a CNN and an LSTM."""
    import torch

    from convrnn_lab import measure, models

    torch.set_num_threads(1)
    cases = {
        "the shipped CNN": (models.cnn(), (1, 28, 28), 64),
        "a model of two LSTMs": (models.sequence_model("labels"), (50, 97), 16),
    }
    for name, (model, shape, batch) in cases.items():
        x = torch.randn(batch, *shape, requires_grad=True)
        ours, theirs, added = [], [], []
        for _ in range(_ROUNDS):  # in turns: what disturbs the machine disturbs both
            found = measure.layer_times(model, shape, batch=batch, budget_s=0.3)
            # By the time of the processor alone, which others do not take.
            by_processor = partial(measure.layer_times, clock=time.thread_time)
            added.append(by_processor(model, shape, batch=batch, budget_s=0.3).overhead)
            ours.append({way: _shares(found, way) for way in ("forward", "backward")})
            theirs.append(_by_profiler(model.eval(), x))
        for way in ("forward", "backward"):
            yield _apart(f"{way} of {name}", [e[way] for e in ours], [e[way] for e in theirs])
        what = f"{name}: what clocks between layers add"
        yield table.bound(what, 100 * abs(median(added)), 5, unit="%")


def _shares(found, way):
    return {each: getattr(found.shares(each), way) for each in found}


def _apart(what, ours, theirs):
    """Return the row of the layer whose shares lie furthest apart."""
    shares = {
        name: (median(each[name] for each in ours), median(e.get(name, 0.0) for e in theirs))
        for name in ours[0]
    }
    most = max(shares, key=lambda name: abs(shares[name][0] - shares[name][1]))
    one, two = (100 * each for each in shares[most])
    words = f"{most}: {one:.1f} %, its {two:.1f} %"
    what = f"{what}: shares apart from torch.profiler's"
    return table.bound(what, abs(one - two), 5, unit="points", other=words)


def _by_profiler(model, x):
    """Return the share of each layer by the profiler: the median of some runs, in two ways."""
    runs = [_profiled(model, x) for _ in range(_RUNS + 3)][3:]
    shares = {}
    for way in ("forward", "backward"):
        names = {name for run in runs for name in run[way]}
        middle = {name: median(run[way][name] for run in runs) for name in names}
        whole = sum(middle.values())
        shares[way] = {name: each / whole for name, each in middle.items()}
    return shares


def _profiled(model, x):
    """Return the profiler's seconds of one run by layer, forward and backward."""
    from torch.profiler import ProfilerActivity, profile, record_function

    hooks = _recorded(model)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        with record_function("forward"):
            output = model(x)
        with record_function("backward"):
            output.sum().backward()
    for hook in hooks:
        hook.remove()
    events = sorted(found.events(), key=lambda each: each.time_range.start)
    whole = {e.name: e.time_range for e in events if e.name in ("forward", "backward")}
    layers = [e for e in events if e.name.startswith("layer ")]
    forward, backward, owners = Counter(), Counter(), {}
    for layer in layers:
        forward[layer.name[6:]] += layer.time_range.elapsed_us()
    place = 0
    for event in events:
        if event.time_range.end <= whole["forward"].end and event.sequence_nr >= 0:
            at = event.time_range.start
            while place < len(layers) and layers[place].time_range.end < at:
                place += 1
            inside = place < len(layers) and layers[place].time_range.start <= at
            owners[event.sequence_nr] = layers[place].name[6:] if inside else "outside layers"
        elif event.name.startswith("autograd::engine::evaluate_function"):
            # A weight's gradient is kept by the operation that ends the layer's.
            name = owners.get(event.sequence_nr, "outside layers")
            backward[name] += event.time_range.elapsed_us()
    for way, seconds in (("forward", forward), ("backward", backward)):
        rest = whole[way].elapsed_us() - sum(seconds.values())
        seconds["outside layers"] += rest
    return {"forward": forward, "backward": backward}


def _recorded(model):
    """Let each layer of a model be seen by the profiler."""
    from torch.profiler import record_function

    from convrnn_lab.shapes.attention import layers_of

    running = []

    def enter(name):
        running.append(record_function(f"layer {name}"))
        running[-1].__enter__()

    hooks = []
    for name, layer in layers_of(model):
        hooks.append(layer.register_forward_pre_hook(lambda *_, name=name: enter(name)))
        hooks.append(
            layer.register_forward_hook(lambda *_: running.pop().__exit__(None, None, None))
        )
    return hooks
