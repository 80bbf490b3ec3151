"""What the layers of a model make of an input that a reader gives."""

import numpy as np
import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models, trace
from convrnn_lab.drawing import given
from convrnn_lab.explorer import computed
from convrnn_lab.topics.network.followed import WEIGHT_BYTES, followed, output_name
from tests.explorer.test_computed import in_browser

PICTURES = nn.Sequential(
    nn.Conv2d(2, 4, (3, 2), stride=(1, 2), padding=(2, 0), dilation=(2, 1), groups=2),
    nn.GELU(),
    nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False, ceil_mode=True),
    nn.Conv2d(4, 3, 3, padding="same", bias=False),
    nn.Tanh(),
    nn.MaxPool2d((2, 1), dilation=(2, 1)),
    nn.Dropout(0.5),
    nn.Flatten(),
    nn.LazyLinear(5),
    nn.Sigmoid(),
    nn.Identity(),
    nn.Softmax(dim=1),
)
SIGNALS = nn.Sequential(
    nn.Conv1d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool1d(2), nn.AvgPool1d(2), nn.Conv1d(4, 2, 2)
)


def content_of(run):
    """Return what the browser knows of a run."""
    return given.declared([*followed(run).values()])


@pytest.mark.parametrize(
    ("model", "shape"), [(PICTURES, (1, 2, 13, 11)), (SIGNALS, (1, 3, 24))], ids=["2-D", "1-D"]
)
def test_every_layer_follows_another_input_as_the_model_does(model, shape, tmp_path):
    torch.manual_seed(1)
    before, after = torch.randn(shape), torch.randn(shape)
    content = content_of(trace.layers(model, before))
    run = trace.layers(model, after)
    arrays = {"input": after[0].numpy()}

    found = computed.completed(content, arrays)
    (seen,) = in_browser([(content, arrays)], tmp_path)

    wanted = {output_name(label): layer.output[0].numpy() for label, layer in run.items()}
    assert found.keys() == wanted.keys() | {"input"}
    assert computed.difference(found, wanted) < 1e-6
    assert computed.difference(seen, wanted) < computed.TOLERANCE


def test_the_trained_network_says_of_a_drawn_digit_what_pytorch_says(tmp_path):
    model = models.trained_cnn()
    content = content_of(trace.layers(model, data.image("digit 3")[None, None]))
    digits = [data.image(f"digit {digit}")[None] for digit in range(10)]

    found = in_browser([(content, {"input": digit.numpy()}) for digit in digits], tmp_path)

    with torch.no_grad():
        logits = model.eval()(torch.stack(digits))
    for seen, wanted in zip(found, logits, strict=True):
        answer = seen["output of dense2"]
        np.testing.assert_allclose(answer, wanted, atol=1e-5 * float(wanted.abs().max()))
        assert answer.argmax() == wanted.argmax()


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, values):
        return values + self.conv(values)


@pytest.mark.parametrize(
    "model",
    [
        Residual(),
        nn.Sequential(nn.Conv2d(1, 1, 3), nn.BatchNorm2d(1)),
        nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular")),
        nn.Sequential(nn.GELU(approximate="tanh")),
        nn.Sequential(nn.AvgPool2d(2, divisor_override=3)),
        nn.Sequential(nn.Conv2d(1, 1, 3).double()),
        nn.Sequential(nn.Flatten(), nn.Linear(64, WEIGHT_BYTES // 256 + 1)),
        nn.Sequential(nn.Softmax(dim=0)),
        nn.Sequential(nn.Flatten(), nn.Linear(63, 2)),
    ],
    ids=lambda model: str(model)[:60],
)
def test_a_model_that_the_browser_cannot_compute_follows_nothing(model):
    values = torch.randn(1, 1, 8, 8).to(next(iter(model.parameters()), torch.zeros(1)).dtype)

    assert followed(trace.layers(model, values)) == {}


def test_an_axis_that_is_drawn_elsewhere_is_not_followed():
    """Features of a sequence are drawn downwards, time to the right."""
    assert followed(trace.layers(nn.Sequential(nn.Linear(5, 5)), torch.randn(1, 5, 5))) == {}


def test_only_an_explorer_to_draw_in_offers_a_digit_and_sends_the_weights():
    examples = {"digit 3": data.image("digit 3")[None, None]}
    drawn, plain = (
        explorers.layers(models.trained_cnn(), examples, draw=draw).view.base
        for draw in (True, False)
    )

    assert drawn["panels"][0]["gives"] == {"name": "input", "by": "digit"}
    assert [name for name, _ in drawn["computed"]][-1] == "output of dense2"
    assert "computed" not in plain
    assert "gives" not in plain["panels"][0]
