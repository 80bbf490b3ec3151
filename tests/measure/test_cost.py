import pytest
import torch
from torch import nn

from convrnn_lab import measure
from tests import networks
from tests.helpers import refused


def on_meta(make):
    with torch.device("meta"):
        return make()


@pytest.mark.parametrize(
    ("make", "shape", "parameters", "giga"),
    [
        (networks.alexnet, (3, 224, 224), 61_100_840, "0.714"),
        (networks.vgg16, (3, 224, 224), 138_357_544, "15.470"),
        (networks.resnet18, (3, 224, 224), 11_689_512, "1.814"),
        (networks.resnet50, (3, 224, 224), 25_557_032, "4.089"),
        (networks.mobilenet_v2, (3, 224, 224), 3_504_872, "0.301"),
    ],
)
def test_published_counts(make, shape, parameters, giga):
    found = measure.cost(on_meta(make), shape)

    assert found.parameters == parameters
    assert f"{found.multiply_adds / 1e9:.3f}" == giga
    assert found.unknown == ()


def test_resnet18_to_the_integer():
    assert measure.cost(on_meta(networks.resnet18), (3, 224, 224)).multiply_adds == 1_814_073_344


def test_lenet5_as_published():
    """60,000 parameters; of its 340,908 connections, those of weights in C1, C3, C5 and F6."""
    found = measure.cost(networks.lenet5(), (1, 32, 32))

    own = {row.layer: row.parameters for row in found.rows if "." not in row.layer}
    assert found.parameters == 60_000
    assert (own["0"], own["1"], own["3"], own["4"], own["6"]) == (156, 12, 32, 48_120, 10_164)
    assert found.multiply_adds == (122_304 - 4704) + (151_600 - 1600) + (48_120 - 120) + 10_080


def test_the_modern_lenet():
    assert measure.cost(networks.lenet(), (1, 32, 32)).parameters == 61_706


def test_rows_worked_by_hand():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))

    found = measure.cost(model, (1, 4, 4))

    first, _, _, last = found.rows
    assert (first.layer, first.kind, first.output_shape) == ("0", "Conv2d", (2, 2, 2))
    assert (first.parameters, first.multiply_adds) == (20, 72)
    assert (first.parameter_bytes, first.output_bytes, first.bytes) == (80, 32, 112)
    assert (last.output_shape, last.parameters, last.multiply_adds) == ((3,), 27, 24)
    assert (found.parameters, found.multiply_adds) == (47, 96)
    assert found.bytes == 47 * 4 + (8 + 8 + 8 + 3) * 4


def test_bytes_follow_the_type_of_the_weights():
    model = nn.Linear(4, 2).to(torch.float16)

    assert measure.cost(model, (4,)).bytes == (10 + 2) * 2


class Transformed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        return torch.fft.rfft(self.layer(x)).real


def test_an_unknown_operation_is_named_and_its_row_is_not_zero():
    found = measure.cost(nn.Sequential(Transformed()), (8,))

    assert found.unknown == ("0: fft_r2c",)
    assert [row.multiply_adds for row in found.rows] == [64, None]
    assert found.multiply_adds == 64


def test_a_failing_model_is_refused_with_its_layer():
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Linear(9, 1))

    with pytest.raises(
        ValueError,
        match=r"^model must run on an input of \(1, 9\); got a failure in layer '1' \(Linear\): ",
    ):
        measure.cost(model, (1, 9))


def test_layers_that_are_never_called_stand_last_with_their_parameters():
    model = nn.Sequential(nn.Linear(4, 4))
    model[0].spare = nn.Linear(2, 2)

    found = measure.cost(model, (4,))

    assert (found.rows[-1].layer, found.rows[-1].parameters) == ("0.spare", 6)
    assert found.rows[-1].state == "not reached"
    assert found.parameters == 26


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv1d(2, 2, 3, padding=1), nn.Linear(8, 3)

    def forward(self, x):
        return self.head(torch.relu(self.conv(self.conv(x))).flatten(1))


def test_a_cost_is_a_mapping_of_its_layers():
    found = measure.cost(Twice(), (2, 4))

    assert list(found) == ["conv", "conv (2)", "(model)", "head"]
    assert len(found) == len(found.rows) == 4
    assert list(found.values()) == list(found.rows)
    assert ("conv (2)" in found, "relu" in found) == (True, False)
    assert found["conv (2)"].multiply_adds == 2 * 2 * 3 * 4
    assert found.get("relu") is None
    with refused("layer must be one of conv, conv (2), (model), head; got 'relu'"):
        found["relu"]
    with pytest.raises(KeyError):
        found["relu"]


def test_a_cost_prints_as_the_table_of_an_inspection():
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())

    found = measure.cost(model, (1, 10))

    assert repr(found) == str(found) == repr(measure.inspect(model, (1, 10)))
    assert repr(found) == (
        "layer  kind    input  output  parameters  multiply-adds  memory  field  stride\n"
        "0      Conv1d  1×10   2×8              8             48    96 B      3       1\n"
        "1      ReLU    2×8    2×8              0              0    64 B      3       1\n"
        "8 parameters, 48 multiply-adds, 160 B, for one input of 1×10."
    )
    assert found._repr_html_() == measure.inspect(model, (1, 10))._repr_html_()


def test_a_cost_of_several_inputs_names_them_all():
    found = measure.cost(nn.Bilinear(2, 3, 4), [(2,), (3,)])

    assert found.summary.split(", ")[-1].startswith("for one input of 2 and 3")


class ByTwoNames(nn.Module):
    """One layer by two names, and a weight that two layers share."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3, bias=False)
        self.again = self.first
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(self.again(self.first(x)))


def test_a_layer_by_two_names_keeps_its_weights():
    model = ByTwoNames()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    counted = measure.cost(model, (3,))

    assert (counted.multiply_adds, counted.parameters) == (27, 12)
    assert model.second.weight is model.first.weight
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
