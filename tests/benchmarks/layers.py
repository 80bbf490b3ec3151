"""Time by layer beside PyTorch's profiler, and what the clocks between layers cost."""

import itertools
import time
from collections import Counter
from functools import partial
from statistics import median

from tests.benchmarks import table

_RUNS = 10
_ROUNDS = 7


def layers():
    """Compare each layer's share of the time with the profiler's, for a CNN, an LSTM and a GRU."""
    import torch

    from convrnn_lab import measure, models

    torch.set_num_threads(1)
    cases = {
        "the shipped CNN": (models.cnn(), (1, 28, 28), 64),
        "a model of two LSTMs": (models.sequence_model("labels"), (50, 97), 16),
        "a model of two GRUs": (
            models.SequenceModel(
                models.recurrent("GRU", input_size=97, hidden_size=128, layers=2), 3
            ),
            (50, 97),
            16,
        ),
    }
    for name, (model, shape, batch) in cases.items():
        x = torch.randn(batch, *shape, requires_grad=True)
        ours, theirs, added = [], [], []
        for _ in range(_ROUNDS):  # in turns: what disturbs the machine disturbs both
            ours.append(measure.layer_times(model, shape, batch=batch, budget_s=0.3))
            # By the time of the processor alone, which others do not take.
            by_processor = partial(measure.layer_times, clock=time.thread_time)
            added.append(by_processor(model, shape, batch=batch, budget_s=0.3).overhead)
            theirs += [_profiled(model.eval(), x) for _ in range(_RUNS + 2)][2:]
        for way in ("forward", "backward"):
            one = {
                row: [t for found in ours for t in getattr(found[row], way).seconds]
                for row in ours[0]
            }
            two = {row: [found[way][row] for found in theirs] for row in one}
            yield _apart(f"{way} of {name}", _shares(one), _shares(two))
        what = f"{name}: what clocks between layers add"
        yield table.bound(what, 100 * abs(median(added)), 5, unit="%")


def _shares(seconds):
    """Return the shares of the fastest runs: what others take of the machine is in neither."""
    whole = sum(min(each) for each in seconds.values())
    return {row: 100 * min(each) / whole for row, each in seconds.items()}


def _apart(what, ours, theirs):
    """Return the row of the layer whose shares lie furthest apart."""
    most = max(ours, key=lambda row: abs(ours[row] - theirs[row]))
    words = f"{most}: {ours[most]:.1f} %, its {theirs[most]:.1f} %"
    what = f"{what}: shares apart from torch.profiler's"
    return table.bound(what, abs(ours[most] - theirs[most]), 5, unit="points", other=words)


def _profiled(model, x):
    """Return the profiler's seconds of one run by layer, forward and backward."""
    import torch
    from torch.profiler import ProfilerActivity, profile, record_function

    hooks = _recorded(model)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        with record_function("forward"):
            output = model(x)
        wanted, given = [x, *model.parameters()], torch.ones_like(output)
        with record_function("backward"):
            torch.autograd.grad(output, wanted, given)
    for hook in hooks:
        hook.remove()
    events = sorted(found.events(), key=lambda each: each.time_range.start)
    whole = {e.name: e.time_range for e in events if e.name in ("forward", "backward")}
    layers = [e for e in events if e.name.startswith("layer ")]
    forward, backward, owners = Counter(), Counter(), {}
    for layer in layers:
        forward[layer.name[6:]] += layer.time_range.elapsed_us()
    place = 0
    operations = []
    for event in events:
        if event.time_range.end <= whole["forward"].end and event.sequence_nr >= 0:
            at = event.time_range.start
            while place < len(layers) and layers[place].time_range.end < at:
                place += 1
            inside = place < len(layers) and layers[place].time_range.start <= at
            owners[event.sequence_nr] = layers[place].name[6:] if inside else "outside layers"
        elif event.name.startswith("autograd::engine::evaluate_function"):
            name = owners.get(event.sequence_nr, "outside layers")
            operations.append((name, event.time_range))
    for (name, one), (_, other) in itertools.pairwise([*operations, ("", None)]):
        # What comes between two operations adds up gradients, and is the first one's: of a GRU
        # with its thousands of small operations, that is half of the profiler's time.
        backward[name] += (one.end if other is None else other.start) - one.start
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
