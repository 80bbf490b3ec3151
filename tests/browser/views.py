"""What a screen must show: the numbers that the view gives for what the controls say."""

import numpy as np
import torch

from convrnn_lab import data, explorers, models


def start():
    """Return the explorer of notebook 00 with its own parameters, and the traces to compare."""
    return [(explorers.convolution("digit 3"), None)]


def transposed_convolution():
    """Return that of notebook 01b with its own parameters."""
    return [(explorers.transposed_convolution(), None)]


def pooling():
    """Return those of notebook 02."""
    return [
        (explorers.pooling(), None),
        (explorers.pooling1d(), None),
        (explorers.shift(), None),
    ]


def receptive_fields():
    """Return that of notebook 03."""
    return [(explorers.stack(), None)]


def cnn():
    """Return those of notebook 04."""
    digits, model = data.digits(), models.trained_cnn()
    classes = [str(each) for each in range(10)]
    options = {"example": "digit 3", "draw": True}
    return [
        # Its curves are those of a training in the kernel.
        (explorers.training(digits, epochs=2), ("multiply_adds", "parameters", "field")),
        (explorers.network(model, digits.examples(), classes=classes, **options), None),
        (explorers.layers(model, digits.examples(), classes=classes, **options), None),
    ]


def which_pixels():
    """Return those of notebook 04b, but for the model of one's own, which has random weights."""
    digits, model = data.digits(), models.trained_cnn()
    options = {"example": "digit 3", "draw": True}
    return [
        (explorers.attributions(model, digits.examples(), **options), None),
        (explorers.errors(model, digits.test_images, digits.test_labels), None),
    ]


def hidden_state():
    """Return those of notebook 05."""
    gru = {"cell": "GRU", "length": 16, "hidden_size": 3, "unit": 1, "time": 4}
    return [
        (explorers.hidden_state(), None),
        (explorers.side_by_side(), None),
        (explorers.hidden_state("impulse", **gru), None),
    ]


def memory():
    """Return those of notebook 05b."""
    pair = torch.stack([data.series(name, length=48) for name in ("sine", "ECG")], dim=1)
    batch = torch.stack([pair, pair.flip(1)])
    batch[1, 30, 0] = torch.nan
    module = models.recurrent(
        "GRU", input_size=2, hidden_size=6, layers=2, bidirectional=True, seed=0
    )
    rnn = {"cell": "RNN tanh", "spectral_radius": 1.2, "hidden_size": 16}
    return [
        (explorers.hidden_state("impulse", **rnn), None),
        (explorers.recurrence(module, batch), None),
    ]


def gates():
    """Return those of notebook 06."""
    own = models.trained_sequence("adding")[0].recurrent
    return [
        (explorers.cell("sine", kind="LSTM"), None),
        (explorers.gates("sine", forget_bias=1), None),
        (explorers.gradient_through_time(radius=0.9, matrix="orthogonal", forget_bias=1), None),
        (explorers.gates(own, data.adding(50, 3, seed=0).inputs), None),
    ]


def learning():
    """Return those of notebook 06b, but for the training, whose curves are those in the kernel."""
    return [
        (explorers.sequence_training("adding", hidden_size=32, epochs=8), ()),
        (explorers.state_over_training("sunspots"), None),
    ]


def which_inputs():
    """Return those of notebook 06c."""
    gru, _ = models.trained_sequence("characters_gru")
    torch.manual_seed(0)
    untrained = models.SequenceModel(torch.nn.GRU(97, 32, batch_first=True), 97)
    line = "    if value is None"
    return [
        (explorers.writing(), None),
        (explorers.step_attributions(position=20), None),
        (
            explorers.step_attributions(
                {"untrained": untrained, "trained": gru}, text=line, position=19
            ),
            None,
        ),
    ]


def timings(store=None):
    """Return those of notebook 07; without a store, those of the reference machine."""
    return [(explorers.timing(store=store), None), (explorers.kernel_cost(store=store), None)]


def layers(store=None):
    """Return those of notebook 07b."""
    own = torch.nn.Conv1d(16, 16, 9, padding=4, groups=4)
    return [
        (explorers.layer_times(store=store), None),
        (explorers.speed_up(store=store), None),
        # What is one's own is measured as the report is made.
        (explorers.timing(own=own, layer="own", other="Conv1d", store=store), ("Conv1d",)),
    ]


EXPLORERS = {
    "00_start": start,
    "01b_transposed_convolution": transposed_convolution,
    "02_pooling": pooling,
    "03_receptive_fields": receptive_fields,
    "04_cnn": cnn,
    "04b_which_pixels": which_pixels,
    "05_hidden_state": hidden_state,
    "05b_memory": memory,
    "06_gates": gates,
    "06b_learning": learning,
    "06c_which_inputs": which_inputs,
    "07_timing": timings,
    "07b_layers": layers,
}


def shown_values(explorer, shown):
    """Return the values of an explorer from what each control says, by its label."""
    values = {}
    for name, control in explorer.declared.items():
        text = shown.get(control.label, str(explorer.start[name]))  # hidden: it has one value
        if isinstance(control, explorers.Slider):
            values[name] = int(text)
        else:
            offered = control.offered(values) or [explorer.start[name]]
            options = [*offered, *control.widest]
            values[name] = {str(option): option for option in options}[text]
    return values


def panels_of(figure, screen, tab):
    """Return the panels of a figure that its screen shows; those under the name `tab` must be."""
    if not hasattr(figure, "panels"):
        return [figure]
    drawn = {name for panel in screen.panels for name in panel["traces"]}
    held = {panel.tab for panel in figure.panels} - {""}
    shown = {each.tab for each in figure.panels for trace in each.traces if trace["name"] in drawn}
    assert tab is None or tab in shown or tab not in held
    open_ = (shown & held) if tab is None else {tab}
    return [panel for panel in figure.panels if not panel.tab or panel.tab in open_]


def same_as_view(screen, explorer, shown, names=None, tab=None):
    """Compare the numbers on a screen with those of the view.

    `shown` is what each control says, by its label; `names` are the traces to compare; `tab` is the
    name of what is unfolded, where that is known.
    """
    figure = explorer.view(**shown_values(explorer, shown))
    drawn = {name: trace for panel in screen.panels for name, trace in panel["traces"].items()}
    panels = panels_of(figure, screen, tab)
    for trace in (trace for panel in panels for trace in panel.traces):
        if names is not None and trace["name"] not in names:
            continue
        for key in ("y", "z"):
            if trace.get(key) is not None:
                found, wanted = drawn[trace["name"]][key], trace[key]
                if isinstance(wanted, list) and wanted and isinstance(wanted[0], str):
                    assert found == wanted
                    continue
                np.testing.assert_allclose(
                    np.array(found, dtype=float),
                    np.array(wanted, dtype=float),
                    rtol=1e-5,
                    atol=1e-6,
                )
