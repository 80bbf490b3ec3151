import re
from functools import partial

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from convrnn_lab import measure, models
from tests.helpers import refused

SHAPE = (3, 9, 9)


@pytest.mark.parametrize(
    ("layers", "shape", "reason", "remedy"),
    [
        (
            [nn.Conv2d(3, 8, 3), nn.Conv2d(4, 8, 3)],
            SHAPE,
            "Conv2d needs 4 channels; it gets 8",
            "in_channels=8",
        ),
        (
            [nn.Conv2d(8, 8, 3, groups=8)],
            SHAPE,
            "Conv2d needs 8 channels; it gets 3",
            None,
        ),
        (
            [nn.Conv2d(8, 6, 3, groups=2)],
            SHAPE,
            "Conv2d needs 8 channels; it gets 3",
            "in_channels=3, groups=1",
        ),
        (
            [nn.Conv2d(3, 8, 3), nn.Linear(392, 3)],
            SHAPE,
            "Linear needs 392 features; it gets 7",
            "nn.Flatten() before it or in_features=7",
        ),
        (
            [nn.Flatten(), nn.Linear(392, 3)],
            SHAPE,
            "Linear needs 392 features; it gets 243",
            "in_features=243",
        ),
        (
            [nn.BatchNorm2d(4)],
            SHAPE,
            "BatchNorm2d needs 4 channels; it gets 3",
            "num_features=3",
        ),
        (
            [nn.MaxPool2d(2), nn.MaxPool2d(5)],
            SHAPE,
            "MaxPool2d(5) needs an input of at least 5 × 5; it gets 4 × 4",
            "kernel_size=4 or padding=1",
        ),
        (
            [nn.MaxPool1d(20)],
            (3, 4),
            "MaxPool1d(20) needs an input of at least 20; it gets 4",
            "kernel_size=4 or padding=8",
        ),
        (
            [nn.AvgPool2d((3, 20))],
            SHAPE,
            "AvgPool2d((3, 20)) needs an input of at least 3 × 20; it gets 9 × 9",
            "kernel_size=(3, 9) or padding=(0, 6)",
        ),
        (
            [nn.Conv2d(3, 8, 5, padding=1, dilation=4)],
            SHAPE,
            "Conv2d(5, padding=1) needs an input of at least 15 × 15; it gets 9 × 9",
            "kernel_size=3 or padding=4",
        ),
    ],
)
def test_the_first_failing_layer_is_named_with_sizes_and_what_mends_it(
    layers, shape, reason, remedy
):
    found = measure.inspect(layers, shape)

    assert (found.failure.reason, found.failure.remedy) == (reason, remedy)
    assert found.failure.layer == str(len(layers) - 1)
    assert found.failure.index == len(layers) - 1
    assert [row.state for row in found.rows] == ["done"] * (len(layers) - 1) + ["fails"]


def test_every_remedy_of_a_pool_that_is_too_long_is_one_that_torch_allows():
    """All kernels and lengths up to 12: the layer mended by hand runs, and a smaller step fails."""
    for length in range(1, 12):
        for kernel in range(length + 1, 13):
            remedy = measure.inspect([nn.MaxPool1d(kernel)], (1, length)).failure.remedy
            given = dict(re.findall(r"(\w+)=(\d+)", remedy))

            assert int(given["kernel_size"]) == length
            nn.MaxPool1d(length)(torch.zeros(1, 1, length))
            if "padding" in given:
                padding = int(given["padding"])
                nn.MaxPool1d(kernel, padding=padding)(torch.zeros(1, 1, length))
                with pytest.raises(RuntimeError):
                    nn.MaxPool1d(kernel, padding=padding - 1)(torch.zeros(1, 1, length))
            else:
                half = kernel // 2
                with pytest.raises(RuntimeError):
                    nn.MaxPool1d(kernel, padding=half)(torch.zeros(1, 1, length))


def test_a_model_without_a_fault_has_no_failure():
    found = measure.inspect(models.cnn(), (1, 28, 28))

    assert found.failure is None
    assert found.parameters == 121_930
    assert found.rows[0].input_shape == (1, 28, 28)
    assert (found.rows[5].field_size, found.rows[5].field_stride) == ((10, 10), (4, 4))


def test_layers_that_were_not_reached_are_listed_with_their_parameters():
    layers = [nn.Conv1d(1, 2, 3), nn.MaxPool1d(9), nn.ReLU(), nn.Conv1d(2, 2, 3)]

    found = measure.inspect(layers, (1, 6))

    assert [(row.layer, row.state, row.parameters) for row in found.rows] == [
        ("0", "done", 8),
        ("1", "fails", 0),
        ("2", "not reached", 0),
        ("3", "not reached", 14),
    ]
    assert found.rows[3].multiply_adds is None


def test_a_layer_that_cannot_be_made_is_diagnosed():
    layers = [nn.Conv2d(3, 8, 5), partial(nn.Conv2d, 8, 4), partial(nn.Conv2d, 4), nn.ReLU()]

    found = measure.inspect(layers, SHAPE)

    assert str(found.failure) == (
        "Layer 1 (Conv2d) fails: kernel_size is missing. What mends it: kernel_size=5."
    )
    assert [row.state for row in found.rows] == ["done", "fails", "not reached", "not reached"]
    assert found.unknown == ("1: cannot be made", "2: cannot be made")
    assert found.failure.input_shape == (8, 5, 5)


@pytest.mark.parametrize(
    ("layer", "failure"),
    [
        (
            partial(nn.Linear, out_features=2),
            "in_features is missing. What mends it: in_features=9",
        ),
        (partial(nn.Conv2d, 3), "out_channels and kernel_size are missing"),
        (partial(nn.Conv2d, 3, 5), "kernel_size is missing. What mends it: kernel_size=1"),
        (lambda: 3, "it makes 3, which is no layer"),
        (partial(nn.Conv2d, 3, 4, 3, groups=2), "in_channels must be divisible by groups"),
    ],
)
def test_what_mends_a_layer_that_cannot_be_made(layer, failure):
    found = measure.inspect([layer], SHAPE)

    assert str(found.failure).endswith(f" fails: {failure}.")


def test_a_failure_before_one_that_cannot_be_made_comes_first():
    found = measure.inspect([nn.Linear(5, 5), partial(nn.Conv2d, 8, 4)], SHAPE)

    assert found.failure.layer == "0"
    assert [row.state for row in found.rows] == ["fails", "not reached"]


class Decides(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        x = self.first(x)
        return self.second(x) if x.sum() > 0 else x


def test_data_dependent_control_flow_is_said_with_the_layers_up_to_there():
    found = measure.inspect(Decides(), (4,))

    assert (
        "it decides by values, which a run on shapes alone cannot follow; run, it may well work"
        in str(found.failure)
    )
    assert [(row.layer, row.state) for row in found.rows] == [
        ("first", "done"),
        ("", "fails"),
        ("second", "not reached"),
    ]


def test_a_layer_without_a_rule_has_no_field_and_the_rest_of_its_row_stands():
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Upsample(scale_factor=2), nn.Conv1d(2, 1, 3))

    found = measure.inspect(model, (1, 9))

    assert found.rows[0].field_size == (3,)
    assert found.rows[1].field_size is None
    assert found.rows[2].no_field == "layer '1': upsample_nearest1d has no rule"
    assert found.rows[2].multiply_adds == 12 * 6
    assert "Receptive field: layer '1': upsample_nearest1d has no rule." in str(found)


def test_weights_that_are_not_numbers_do_not_matter():
    model = nn.Linear(2, 2)
    nn.init.constant_(model.weight, float("nan"))

    assert measure.inspect(model, (2,)).failure is None


def test_the_table_is_aligned_and_its_numbers_are_those_of_the_rows():
    text = str(measure.inspect([nn.Conv1d(1, 16, 3), nn.ReLU(), nn.Flatten()], (1, 1026)))

    assert text.splitlines() == [
        "layer  kind     input    output   parameters  multiply-adds    memory  field  stride",
        "0      Conv1d   1×1026   16×1024          64         49,152  64.2 KiB      3       1",
        "1      ReLU     16×1024  16×1024           0              0  64.0 KiB      3       1",
        "2      Flatten  16×1024  16384             0              0  64.0 KiB      3       1",
        "64 parameters, 49,152 multiply-adds, 192.2 KiB, for one input of 1×1026.",
    ]


def test_the_html_table_is_escaped_and_has_no_script():
    class Tag(nn.Module):
        def forward(self, x):
            return x

    Tag.__name__ = "<script>alert(1)</script>"

    page = measure.inspect(nn.Sequential(Tag(), nn.Linear(3, 1)), (4,))._repr_html_()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count("<tr>") == 3
    assert "What mends it: in_features=4" in page


class Seen(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.elsewhere = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        self.elsewhere += isinstance(out, torch.Tensor) and not out.is_meta
        return out


def test_the_copied_network_is_inspected_without_allocating():
    with Seen() as seen:
        found = measure.inspect(models.copied_network(), (3, 224, 224))

    assert seen.elsewhere == 0
    assert len(found.rows) == 145
    assert str(found.failure) == (
        "Layer 5 (Conv2d) fails: kernel_size is missing. What mends it: kernel_size=32."
    )
    assert found.rows[1].multiply_adds == 224 * 224 * 64 * 64 * 64 * 64


def test_with_its_kernel_the_copied_network_fails_at_the_second_pool():
    found = measure.inspect(models.copied_network(last_kernel=32), (3, 224, 224))

    assert found.rows[6].output_shape == (10, 112, 112)
    assert str(found.failure) == (
        "Layer 8 (MaxPool2d) fails: MaxPool2d(224) needs an input of at least 224 × 224; it gets "
        "112 × 112. What mends it: kernel_size=112 or padding=56."
    )


def test_smaller_windows_only_put_the_failure_off():
    """224 is halved to 1 by 7 pools, of which the first stands before the pairs; the 8th fails."""
    found = measure.inspect(models.copied_network(last_kernel=1, window=2), (3, 224, 224))

    assert found.failure.layer == str(6 + 2 * 7)
    assert found.failure.input_shape == (64, 1, 1)


@pytest.mark.parametrize("given", [3, [], "cnn", None])
def test_what_is_no_model_is_refused(given):
    with pytest.raises(ValueError, match=r"^model must be a torch.nn.Module, or a list of layers"):
        measure.inspect(given, (3,))


def test_what_is_no_layer_is_refused():
    with refused("layer 1 must be a torch.nn.Module or a function that makes one; got 3"):
        measure.inspect([nn.ReLU(), 3], (3,))
