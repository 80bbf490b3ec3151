"""What a screen must show: the numbers that the view gives for what the controls say."""

import numpy as np

from convrnn_lab import data, explorers, models


def pooling():
    """Return the explorers of notebook 02 with its own parameters, and the traces to compare."""
    return [
        (explorers.pooling(), None),
        (explorers.pooling1d(), None),
        (explorers.shift(), None),
        (explorers.stack(dilations="doubling"), None),
    ]


def cnn():
    """Return those of notebook 03, but for the model of one's own, which has random weights."""
    digits, model = data.digits(), models.trained_cnn()
    classes = [str(each) for each in range(10)]
    options = {"example": "digit 3", "draw": True}
    return [
        # Its curves are those of a training in the kernel.
        (explorers.training(digits, epochs=2), ("multiply_adds", "parameters", "field")),
        (explorers.layers(model, digits.examples(), classes=classes, **options), None),
        (explorers.attributions(model, digits.examples(), **options), None),
        (explorers.errors(model, digits.test_images, digits.test_labels), None),
    ]


EXPLORERS = {"02_pooling": pooling, "03_cnn": cnn}


def same_as_view(screen, explorer, shown, names=None):
    """Compare the numbers on a screen with those of the view.

    `shown` is what each control says, by its label; `names` are the traces to compare.
    """
    tokens = []
    for control in explorer.declared.values():
        text = shown[control.label]
        tokens.append(int(text) if isinstance(control, explorers.Slider) else text)
    figure = explorer.view(**explorer.from_tokens(tokens))
    drawn = {name: trace for panel in screen.panels for name, trace in panel["traces"].items()}
    for trace in figure["data"]:
        if names is not None and trace["name"] not in names:
            continue
        for key in ("y", "z"):
            if trace.get(key) is not None:
                found = np.array(drawn[trace["name"]][key], dtype=float)
                wanted = np.array(trace[key], dtype=float)
                np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
