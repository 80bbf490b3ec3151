"""A convolution drawn: input with its window, output, and the arithmetic of one value."""

from __future__ import annotations

from typing import Any

import numpy as np

from convrnn_lab.figures import theme
from convrnn_lab.figures.panels import Figure, Panel, figure, pixels
from convrnn_lab.trace import ConvolutionTrace, Window, geometry

_UNHOVERED = {"hoverinfo": "skip", "showlegend": False}


def convolution(trace: ConvolutionTrace, row: int, column: int) -> Figure:
    """Draw a 2-D convolution of one channel, and how the value at (`row`, `column`) came about.

    Parameters
    ----------
    trace : ConvolutionTrace
        With one image, one input and one output channel.
    row, column : int
        Position of the value in the output.

    Returns
    -------
    dict
        See `panels`.
    """
    image = trace.input.reshape(trace.input.shape[-2:]).numpy()
    output = trace.output.reshape(trace.output.shape[-2:]).numpy()
    window = trace.window(*[0] * (trace.output.ndim - 2), row, column)
    sizes = f"{_by(image.shape)} in, {_by(output.shape)} out"
    panels = [
        _input_panel(trace, image, window),
        _output_panel(output, row, column),
        _matrix("Under the window", "patch", window.patch[0].numpy(), trace, signed=False),
        _matrix("× kernel", "weight", trace.weight[0, 0].numpy(), trace),
        _matrix(f"= products, {_sum(window)}", "product", window.products[0].numpy(), trace),
    ]
    taps = trace.weight[0].numel()
    return figure(
        panels,
        title=sizes,
        description=(
            f"A {_by(trace.kernel_size)} kernel slides over a {_by(image.shape)} image and gives "
            f"{_by(output.shape)} values from {theme.number(float(output.min()))} to "
            f"{theme.number(float(output.max()))}; the value at row {row}, column {column} is the "
            f"sum of {taps} products, {_sum(window)}."
        ),
        facts=_facts(trace, ("Output height", "Output width"), ("row", "column")),
        code=trace.code,
    )


def convolution1d(trace: ConvolutionTrace, position: int) -> Figure:
    """Draw a 1-D convolution of one channel, and how the value at `position` came about.

    Parameters
    ----------
    trace : ConvolutionTrace
        With one signal, one input and one output channel.
    position : int
        Index of the value in the output.

    Returns
    -------
    dict
        See `panels`.
    """
    signal = trace.input.reshape(-1).numpy()
    output = trace.output.reshape(-1).numpy()
    window = trace.window(*[0] * (trace.output.ndim - 1), position)
    taps = trace.weight[0].numel()
    panels = [
        _signal_panel(trace, signal, window),
        _output_line(output, position),
        _bars("Under the window", "patch", window.patch[0].numpy(), theme.INPUT),
        _bars("× kernel", "weight", trace.weight[0, 0].numpy(), theme.WEIGHT),
        _bars(f"= products, {_sum(window)}", "product", window.products[0].numpy(), theme.PRODUCT),
    ]
    return figure(
        panels,
        title=f"{len(signal)} samples in, {len(output)} out",
        description=(
            f"A kernel of {taps} slides over a signal of {len(signal)} samples and gives "
            f"{len(output)} values from {theme.number(float(output.min()))} to "
            f"{theme.number(float(output.max()))}; the value at position {position} is the sum of "
            f"{taps} products, {_sum(window)}."
        ),
        facts=_facts(trace, ("Output length",), ("sample",)),
        code=trace.code,
    )


def _facts(
    trace: ConvolutionTrace, lengths: tuple[str, ...], lines: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Say what stands beside both figures; `lengths` and `lines` name the axes and their parts."""
    outputs = " · ".join(map(str, trace.output.shape[-len(lengths) :]))
    taps = trace.weight[0].numel()
    return [
        *_length_facts(trace, lengths),
        ("Window", _spans(trace)),
        ("Parameters", _parameters(trace)),
        ("Multiply-adds", f"{outputs} outputs · {taps} = {trace.multiply_adds:,}"),
        ("Never read", _dropped(trace, lines)),
    ]


def _by(sizes: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in sizes)


def _sum(window: Window) -> str:
    total = float(window.sum + window.bias)
    return (
        f"sum {theme.number(float(window.sum))} + bias {theme.number(float(window.bias))} "
        f"= {theme.number(total)}"
    )


def _spans(trace: ConvolutionTrace) -> str:
    spans = tuple(map(geometry.extent, trace.kernel_size, trace.dilation))
    if spans == trace.kernel_size:
        return f"{_by(spans)}, no holes"
    return f"{_by(trace.kernel_size)} taps over {_by(spans)} samples"


def _parameters(trace: ConvolutionTrace) -> str:
    weights = trace.weight.numel()
    biases = trace.parameters - weights
    return f"{weights} weights + {biases} bias{'' if biases == 1 else 'es'} = {trace.parameters}"


def _length_facts(trace: ConvolutionTrace, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Write the formula of `geometry.output_length` with this setting's numbers."""
    axes = len(names)
    facts = []
    for name, length, size, pad, hole, step, result in zip(
        names,
        trace.input.shape[-axes:],
        trace.kernel_size,
        trace.padding,
        trace.dilation,
        trace.stride,
        trace.output.shape[-axes:],
        strict=True,
    ):
        zeros = f"2·{pad[0]}" if pad[0] == pad[1] else f"{pad[0]} + {pad[1]}"
        facts.append(
            (
                name,
                f"⌊({length} + {zeros} − {hole}·({size} − 1) − 1) / {step}⌋ + 1 = {result}",
            )
        )
    return facts


def _dropped(trace: ConvolutionTrace, names: tuple[str, ...]) -> str:
    """Say what PyTorch leaves out where the stride does not divide."""
    counts = [
        f"the last {'' if count == 1 else f'{count} '}{name}{'' if count == 1 else 's'}"
        for name, count in zip(names, trace.dropped, strict=True)
        if count
    ]
    return " and ".join(counts) if counts else "nothing"


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


def _outline(name: str, boxes: list[Box], *, fill: str = "rgba(0,0,0,0)", **line: Any) -> Any:
    """Return one shape of all boxes."""
    sides = [f"M{left},{top}H{right}V{bottom}H{left}Z" for left, top, right, bottom in boxes]
    style = {"color": theme.WINDOW, "width": 2.5} | line
    return {"type": "path", "name": name, "path": "".join(sides), "line": style, "fillcolor": fill}


def _guide(name: str, path: str) -> Any:
    return _outline(name, [], width=1, dash="dot") | {"path": path}


def _boxes(taps: tuple[tuple[int, ...], ...]) -> list[Box]:
    """Return the pixels under the taps; one box where they touch."""
    rows, columns = taps
    whole = [(axis[0] - 0.5, axis[-1] + 0.5, len(axis) == axis[-1] - axis[0] + 1) for axis in taps]
    if all(touching for _, _, touching in whole):
        (top, bottom, _), (left, right, _) = whole
        return [(left, top, right, bottom)]
    return [(c - 0.5, r - 0.5, c + 0.5, r + 0.5) for r in rows for c in columns]


def _input_panel(trace: ConvolutionTrace, image: Any, window: Window) -> Panel:
    height, width = image.shape
    (above, below), (before, after) = trace.padding
    rows, columns = window.taps
    low, high = _grey_range(image)
    # The ring's inner border runs the other way round, which leaves the image out of the filling.
    ring_x = [-before - 0.5, width + after - 0.5, width + after - 0.5, -before - 0.5, -before - 0.5]
    ring_y = [-above - 0.5, -above - 0.5, height + below - 0.5, height + below - 0.5, -above - 0.5]
    hole_x = [-0.5, -0.5, width - 0.5, width - 0.5, -0.5]
    hole_y = [-0.5, height - 0.5, height - 0.5, -0.5, -0.5]
    edge = (columns[0] - 0.5, rows[0] - 0.5, columns[-1] + 0.5, rows[-1] + 0.5)
    axes = pixels((-above, height + below - 1), (-before, width + after - 1))
    return Panel(
        f"Input {_by(image.shape)}" + (f", padded to {_padded(trace)}" if _pads(trace) else ""),
        [
            _heatmap("input", image, theme.GREY, low, high),
            {
                "type": "scatter",
                "mode": "lines",
                "name": "padding",
                "x": [*ring_x, None, *hole_x],
                "y": [*ring_y, None, *hole_y],
                "fill": "toself",
                "fillcolor": "rgba(86, 180, 233, 0.15)",
                "fillpattern": {"shape": "/", "fgcolor": theme.PADDING, "size": 5, "solidity": 0.3},
                "line": {"color": theme.PADDING, "width": 1 if _pads(trace) else 0},
            }
            | _UNHOVERED,
        ],
        **axes,
        shapes=[
            _outline("taps", _boxes(window.taps), fill=theme.WINDOW_FILL, width=0.5),
            _outline("window", [edge]),
        ],
        scale=(theme.GREY, low, high),
        size="large",
    )


def _grey_range(image: Any) -> tuple[float, float]:
    """Return the ends of the grey scale: 0 and 1, which most images have, or wider."""
    return min(float(image.min()), 0.0), max(float(image.max()), 1.0)


def _pads(trace: ConvolutionTrace) -> bool:
    return any(map(any, trace.padding))


def _padded(trace: ConvolutionTrace) -> str:
    lengths = trace.input.shape[-len(trace.padding) :]
    return _by(tuple(n + sum(pad) for n, pad in zip(lengths, trace.padding, strict=True)))


def _output_panel(output: Any, row: int, column: int) -> Panel:
    height, width = output.shape
    edge = _limit(output)
    return Panel(
        f"Output {_by(output.shape)}",
        [_heatmap("output", output, theme.TWO_SIDED, -edge, edge)],
        **pixels((0, height - 1), (0, width - 1)),
        shapes=[
            # Lines to both axes, since one value of a large output is small on a screen.
            _guide("row", f"M-0.5,{row}H{width - 0.5}"),
            _guide("column", f"M{column},-0.5V{height - 0.5}"),
            _outline("value", [(column - 0.5, row - 0.5, column + 0.5, row + 0.5)]),
        ],
        scale=(theme.TWO_SIDED, -edge, edge),
        click={"x": "column", "y": "row"},
        size="large",
    )


def _limit(values: Any) -> float:
    """Return the end of a scale around zero; that of zeros is 1, so that zero stays white."""
    return float(np.abs(values).max()) or 1.0


def _heatmap(name: str, z: Any, scale: list[list[Any]], low: float, high: float) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "name": name,
        "z": np.ascontiguousarray(z),
        "zmin": low,
        "zmax": high,
        "colorscale": scale,
        "showscale": False,
        "hovertemplate": "row %{y}, column %{x}: %{z:.4g}<extra></extra>",
    }


def _matrix(
    title: str, name: str, values: Any, trace: ConvolutionTrace, *, signed: bool = True
) -> Panel:
    """Draw a matrix of the kernel's size with its numbers."""
    size = max(trace.kernel_size)
    if signed:
        colours, low, high = theme.TWO_SIDED, -_limit(values), _limit(values)
    else:
        colours, (low, high) = theme.GREY, _grey_range(trace.input)
    heat = _heatmap(name, values, colours, low, high) | {
        "texttemplate": "%{z:.3~f}" if size <= 3 else "%{z:.2~f}",
        "textfont": {"size": 12 if size <= 5 else 10 if size <= 8 else 8},
        "xgap": 1,
        "ygap": 1,
    }
    rows, columns = values.shape
    axes = pixels((0, rows - 1), (0, columns - 1), ticks=False)
    return Panel(title, [heat], **axes, still=True)


def _line(name: str, values: Any, colour: str, start: int = 0) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x0": start,
        "dx": 1,
        "y": np.ascontiguousarray(values),
        "line": {"color": colour, "width": 1.5},
        "marker": {"size": 4},
        "hovertemplate": "position %{x}: %{y:.4g}<extra></extra>",
    }


def _marks(name: str, x: Any, y: Any, colour: str, *, symbol: str, size: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": colour, "symbol": symbol, "size": size, "line": {"width": 2}},
        "hovertemplate": "position %{x}: %{y:.4g}<extra></extra>",
    }


def _range(*values: Any) -> list[float]:
    """Return axis limits that hold all values and zero, with room at both ends."""
    low = min(0.0, *(float(each.min()) for each in values))
    high = max(0.0, *(float(each.max()) for each in values))
    room = 0.08 * (high - low or 1)
    return [low - room, high + room]


def _axes(x_title: str, x: list[float], y: list[float]) -> Any:
    fixed = {"fixedrange": True, "tickfont": {"size": 10}, "nticks": 8}
    return {
        "xaxis": fixed | {"title": {"text": x_title, "font": {"size": 11}}, "range": x},
        "yaxis": fixed | {"range": y, "nticks": 5, "zeroline": True},
    }


def _signal_panel(trace: ConvolutionTrace, signal: Any, window: Window) -> Panel:
    (before, after), (taps,) = trace.padding[0], window.taps
    last = len(signal) - 1
    zeros = [*range(-before, 0), *range(last + 1, last + 1 + after)]
    limits = _range(signal)
    edge = (taps[0] - 0.5, limits[0], taps[-1] + 0.5, limits[1])
    title = f"Input {len(signal)} samples"
    return Panel(
        title + (f", padded to {_padded(trace)}" if _pads(trace) else ""),
        [
            _line("input", signal, theme.INPUT),
            _marks("padding", zeros, [0] * len(zeros), theme.PADDING, symbol="square-open", size=7),
            _marks(
                "taps",
                list(taps),
                window.patch[0].tolist(),
                theme.WINDOW,
                symbol="circle-open",
                size=10,
            ),
        ],
        **_axes("position (samples)", [-before - 1, last + after + 1], limits),
        shapes=[_outline("window", [edge], fill=theme.WINDOW_FILL, width=1.5)],
        size="wide",
    )


def _output_line(output: Any, position: int) -> Panel:
    return Panel(
        f"Output {len(output)} values",
        [
            _line("output", output, theme.OUTPUT),
            _marks(
                "value",
                [position],
                [float(output[position])],
                theme.WINDOW,
                symbol="circle-open",
                size=12,
            ),
        ],
        **_axes("position", [-1, len(output)], _range(output)),
        click={"x": "position"},
        size="wide",
    )


def _bars(title: str, name: str, values: Any, colour: str) -> Panel:
    bars = {
        "type": "bar",
        "name": name,
        "x0": 0,
        "dx": 1,
        "y": np.ascontiguousarray(values),
        "marker": {"color": colour},
        "texttemplate": "%{y:.2~g}" if len(values) <= 11 else "",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "tap %{x}: %{y:.4g}<extra></extra>",
    }
    limits = _range(values)
    room = 0.12 * (limits[1] - limits[0])
    return Panel(
        title,
        [bars],
        **_axes("tap", [-0.7, len(values) - 0.3], [limits[0] - room, limits[1] + room]),
    )
