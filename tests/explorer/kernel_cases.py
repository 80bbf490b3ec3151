"""Random shapes and settings for the browser's kernels, and what PyTorch makes of them.

Most are good; about one in four has something that PyTorch may refuse.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from convrnn_lab import trace

TORCH_NAMES = {
    "outputPadding": "output_padding",
    "ceilMode": "ceil_mode",
    "countIncludePad": "count_include_pad",
    "convTranspose1d": "conv_transpose1d",
    "convTranspose2d": "conv_transpose2d",
    "maxPool1d": "max_pool1d",
    "maxPool2d": "max_pool2d",
    "avgPool1d": "avg_pool1d",
    "avgPool2d": "avg_pool2d",
}


@dataclass
class Case:
    """A call of one kernel.

    Attributes
    ----------
    kernel : str
    given : list
        The arguments: tensors, numbers, and a dictionary of settings at the end.
    reference : callable
        Gives the tensors of PyTorch, in double precision, by the kernel's names for them.
    """

    kernel: str
    given: list
    reference: Callable[[], dict[str, torch.Tensor]]


class Draw(random.Random):
    """Chance, with few strange values among many usual ones."""

    def some(self, usual, strange=(), chance=0.03):
        return self.choice(strange if strange and self.random() < chance else usual)

    def often(self, chance=0.5):
        return self.random() < chance

    def finite(self, *shape):
        """Return values that single precision holds, in single or double precision."""
        generator = torch.Generator().manual_seed(self.getrandbits(32))
        values = torch.randn(shape, generator=generator) * self.choice([1, 1, 1e-3, 1e3])
        return values if self.often() else values.double()

    def tensor(self, *shape):
        """Return values as `finite` does; few are huge, or have NaN or infinity among them."""
        values = self.finite(*shape) * self.some([1], [1e30])
        if values.numel() and not self.often(0.97):
            place = self.randrange(values.numel())
            values.view(-1)[place] = self.choice([math.nan, math.inf, -math.inf])
        return values

    def per_axis(self, axes, usual, strange):
        """Return one number, or one for each axis."""
        if self.often():
            return self.some(usual, strange)
        count = self.some([axes], [1, axes + 1])
        return [self.some(usual, strange) for _ in range(count)]


def wide(value):
    """Return arguments in double precision, in which PyTorch computes what is compared."""
    if isinstance(value, torch.Tensor):
        return value if value.dtype == torch.bool else value.double()
    return value


def torch_settings(settings):
    return {TORCH_NAMES.get(name, name): wide(value) for name, value in settings.items()}


def convolution(draw, kernel):
    axes = int(kernel[-2])
    transposed = kernel.startswith("convT")
    groups = draw.some([1, 1, 2, 3], [0])
    inputs, outputs = (draw.choice([1, 2, 3]) * max(groups, 1) for _ in range(2))
    shape = (
        [inputs, outputs // max(groups, 1)] if transposed else [outputs, inputs // max(groups, 1)]
    )
    weight = draw.tensor(
        *shape, *(draw.some([1, 2, 3, 4, 5], [0]) for _ in range(draw.some([axes], [axes - 1])))
    )
    channels = draw.some([inputs], [inputs + 1])
    # PyTorch does not check the settings of a transposed convolution without a batch.
    image = images(draw, axes, channels, [[1, 1]] if transposed else [[0], [1, 1]])
    bias = draw.tensor(draw.some([outputs], [outputs + 1])) if draw.often() else None
    settings = {}
    if draw.often():
        settings["stride"] = draw.per_axis(axes, [1, 2, 3], [0, -1, 1.5])
    if draw.often():
        settings["dilation"] = draw.per_axis(axes, [1, 1, 2, 3], [0])
    if draw.often(0.7):
        settings["padding"] = draw.per_axis(axes, [0, 1, 2], [-1, 4])
    if draw.often(0.3) and not transposed:
        settings["padding"] = draw.some(["same", "valid"], ["full"])
        if draw.often(0.9):
            settings.pop("stride", None)
    if draw.often(0.2) and not transposed:
        settings["padding"] = [
            [draw.choice([0, 1, 2]), draw.choice([0, 1, 3])] for _ in range(axes)
        ]
    if transposed and draw.often(0.3):
        settings["outputPadding"] = draw.per_axis(axes, [0, 0, 1], [-1, 2])
    if groups != 1 or draw.often():
        settings["groups"] = draw.some([groups], [groups + 1])
    if not draw.often(0.99):
        settings["step"] = 1
    return Case(
        kernel,
        [image, weight, bias, settings],
        lambda: convolved(kernel, image, weight, bias, settings),
    )


def images(draw, axes, channels, strange=([0], [1, 1])):
    """Return an input with a batch or without, some too small for their kernel."""
    batch = draw.some([[], [1], [2], [3]], strange)
    sizes = [
        draw.some(range(4, 12), [0, 1, 2, 3], 0.1) for _ in range(draw.some([axes], [axes - 1]))
    ]
    return draw.tensor(*batch, channels, *sizes)


def convolved(kernel, image, weight, bias, settings):
    settings = torch_settings(settings)
    padding = settings.get("padding")
    if isinstance(padding, list) and isinstance(padding[0], list):
        settings["padding"] = 0
        if 0 not in image.shape[-len(padding) :]:  # an empty one is refused, with padding too
            image = F.pad(image, [end for pair in reversed(padding) for end in pair])
    function = getattr(F, TORCH_NAMES.get(kernel, kernel))
    return {"": function(wide(image), wide(weight), wide(bias), **settings)}


def pooling(draw, kernel):
    axes = int(kernel[-2])
    image = images(draw, axes, draw.some([1, 2, 3], [0]))
    size = draw.per_axis(axes, [1, 2, 3, 4], [0, 13])
    settings = {}
    if draw.often():
        settings["stride"] = draw.per_axis(axes, [1, 2, 3], [0, -1])
    if draw.often():
        settings["padding"] = draw.per_axis(axes, [0, 0, 1], [2, -1])
    if draw.often():
        settings["ceilMode"] = draw.often()
    if kernel.startswith("max") and draw.often():
        settings["dilation"] = draw.per_axis(axes, [1, 2, 3], [0])
    if kernel.startswith("avg") and draw.often():
        settings["countIncludePad"] = draw.often()
    if not draw.often(0.99):
        settings["dilations"] = 1
    function = getattr(F, TORCH_NAMES[kernel])
    return Case(
        kernel,
        [image, size, settings],
        lambda: {"": function(wide(image), size, **torch_settings(settings))},
    )


def linear(draw, kernel):
    inputs, outputs = draw.choice([1, 3, 8]), draw.choice([2, 5])
    lead = [draw.choice([1, 2, 3]) for _ in range(draw.choice([0, 1, 2]))]
    image = draw.tensor(*lead, draw.some([inputs], [inputs + 1], 0.1))
    weight = draw.tensor(outputs, inputs)
    bias = draw.tensor(draw.some([outputs], [outputs + 1], 0.1)) if draw.often() else None
    return Case(
        kernel, [image, weight, bias], lambda: {"": F.linear(wide(image), wide(weight), wide(bias))}
    )


def elementwise(draw, kernel):
    image = draw.tensor(*(draw.choice([1, 2, 5, 0]) for _ in range(draw.choice([0, 1, 2, 3, 4]))))
    if kernel != "softmax":
        return Case(
            kernel, [image], lambda: {"": getattr(torch.nn.functional, kernel)(wide(image))}
        )
    axis = draw.choice(range(-image.dim() - 1, image.dim() + 1))
    return Case(kernel, [image, axis], lambda: {"": wide(image).softmax(axis)})


def attention(draw, kernel):
    lead = draw.choice([[], [2], [2, 3]])
    rows, steps, features, width = (draw.choice([1, 2, 4, 5]) for _ in range(4))
    shared = [draw.some([size], [1, size + 1]) for size in lead]
    query = draw.finite(*draw.some([lead], [[]]), rows, features)
    key = draw.finite(*shared, steps, draw.some([features], [features + 1]))
    # Where all have as many features, PyTorch does not look whether the values fit the keys.
    value = draw.finite(*shared, draw.some([steps], [steps + (width != features)]), width)
    settings = {}
    if draw.often(0.3):
        settings["causal"] = True
    elif draw.often():
        settings["mask"] = mask(draw, [draw.some([size], [1]) for size in lead], rows, steps)
    # With a mask and `causal` PyTorch documents an error, and raises where it takes its plain way.
    if "causal" in settings and width != features and not draw.often(0.95):
        settings["mask"] = mask(draw, lead, rows, steps)
    if draw.often(0.3):
        settings["scale"] = draw.choice([0.5, 2.0])
    return Case(
        kernel, [query, key, value, settings], lambda: attended(query, key, value, settings)
    )


def mask(draw, lead, rows, steps):
    shape = [
        *draw.choice([lead, []]),
        draw.some([rows], [1, rows + 1]),
        draw.some([steps], [1, steps + 1]),
    ]
    generator = torch.Generator().manual_seed(draw.getrandbits(32))
    if draw.often():
        return torch.rand(shape, generator=generator) < 0.6
    added = torch.randn(shape, generator=generator)
    return torch.where(added > 1, -torch.inf, added)


def attended(query, key, value, settings):
    options = torch_settings(settings)
    options = {
        "is_causal": options.get("causal", False),
        "attn_mask": options.get("mask"),
        "scale": options.get("scale"),
    }
    query, key, value = wide(query), wide(key), wide(value)
    output = F.scaled_dot_product_attention(query, key, value, **options)
    each = torch.eye(
        key.shape[-2], dtype=torch.float64
    )  # mixing these gives the weights themselves
    return {
        "output": output,
        "weights": F.scaled_dot_product_attention(query, key, each, **options),
    }


def recurrence(draw, kernel):
    make = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kernel]
    features, units, layers = (
        draw.choice([1, 3, 4]),
        draw.choice([1, 2, 5]),
        draw.choice([1, 1, 2, 3]),
    )
    options = {
        "num_layers": layers,
        "bias": draw.often(0.7),
        "bidirectional": draw.often(0.4),
        "batch_first": True,
    }
    module = make(features, units, **options, dtype=torch.float64)
    weights = {name: draw.finite(*value.shape) for name, value in module.state_dict().items()}
    if not draw.often(0.95):
        weights.pop(draw.choice(list(weights)[1:]))
    if not draw.often(0.97):
        weights[draw.choice(list(weights))] = draw.finite(units + 1, 1)
    lead = draw.some([[], [1], [3]], [[0], [1, 1]])
    image = draw.tensor(*lead, draw.some([1, 2, 6], [0]), draw.some([features], [features + 1]))
    settings = {}
    rows = layers * (2 if options["bidirectional"] else 1)
    if draw.often(0.4):
        for name in ["state", "cell"][: 2 if kernel == "lstm" else 1]:
            settings[name] = draw.finite(
                draw.some([rows], [rows + 1]), *lead, draw.some([units], [units + 1])
            )
    if kernel == "rnn" and draw.often():
        options["nonlinearity"] = settings["nonlinearity"] = draw.some(["tanh", "relu"], ["sin"])
    return Case(
        kernel,
        [image, weights, settings],
        lambda: recurred(
            make(features, units, **options, dtype=torch.float64), image, weights, settings
        ),
    )


def recurred(module, image, weights, settings):
    module.load_state_dict({name: wide(value) for name, value in weights.items()})
    state = tuple(wide(settings[name]) for name in ("state", "cell") if name in settings)
    state = (state if len(state) > 1 else state[0]) if state else None
    with torch.no_grad():
        output, _ = module(wide(image), state)
    if 0 in image.shape:
        return {"output": output}
    run = trace.recurrence(module, wide(image), state)
    found = {
        "output": output,
        "hidden": run.hidden,
        **{f"gates.{name}": gate for name, gate in run.gates.items()},
    }
    return found if run.cell is None else {**found, "cell": run.cell}


DRAWS = {
    "conv1d": convolution,
    "conv2d": convolution,
    "convTranspose1d": convolution,
    "convTranspose2d": convolution,
    "maxPool1d": pooling,
    "maxPool2d": pooling,
    "avgPool1d": pooling,
    "avgPool2d": pooling,
    "linear": linear,
    "relu": elementwise,
    "sigmoid": elementwise,
    "tanh": elementwise,
    "gelu": elementwise,
    "softmax": elementwise,
    "attention": attention,
    "rnn": recurrence,
    "lstm": recurrence,
    "gru": recurrence,
}
"""How the arguments of each kernel are drawn."""


def draw_case(kernel, seed, place):
    """Draw one case, the same one for the same seed and place."""
    return DRAWS[kernel](Draw(f"{kernel} {seed} {place}"), kernel)
