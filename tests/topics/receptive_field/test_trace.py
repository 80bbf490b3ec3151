import copy
import math
import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, strategies as st
from torch import nn

from convrnn_lab import trace
from tests import networks
from tests.helpers import refused
from tests.sampling import examples

CONVS, MAXES, MEANS = (
    (nn.Conv1d, nn.Conv2d, nn.Conv3d),
    (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
    (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
)


class Branches(nn.Module):
    def __init__(self, *branches, join=torch.add):
        super().__init__()
        self.branches, self.join = nn.ModuleList(branches), join

    def forward(self, x):
        return self.join(*(branch(x) for branch in self.branches))


class Does(nn.Module):
    """Calls functions, so that no layer is seen."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def side_by_side(*tensors):
    return torch.cat(tensors, 1).mean(1, keepdim=True)


@st.composite
def layer(draw, axes):
    def sizes(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(axes))

    kind = draw(st.sampled_from(["conv", "max", "mean", "lp", "residual", "strided", "joined"]))
    kernel, stride = sizes(1, 4), sizes(1, 2)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    conv = CONVS[axes - 1]
    if kind == "conv":
        return conv(1, 1, kernel, stride, padding, dilation=sizes(1, 3))
    if kind == "max":
        options = {"dilation": sizes(1, 2), "ceil_mode": draw(st.booleans())}
        return MAXES[axes - 1](kernel, stride, padding, **options)
    if kind == "mean":
        return MEANS[axes - 1](kernel, stride, padding)
    if kind == "lp":
        return (nn.LPPool1d, nn.LPPool2d)[axes - 1](2, kernel[0], stride[0])
    odd = tuple(2 * (k // 2) + 1 for k in kernel)
    same = tuple(k // 2 for k in odd)
    if kind == "residual":
        return Branches(nn.Identity(), conv(1, 1, odd, 1, same))
    join = torch.add if kind == "strided" else side_by_side
    return Branches(conv(1, 1, 1, stride), conv(1, 1, odd, stride, same), join=join)


@st.composite
def stacks(draw):
    axes = draw(st.integers(1, 2))
    return axes, nn.Sequential(*draw(st.lists(layer(axes), min_size=1, max_size=4)))


def measured_without_border(model, axes):
    """Measure on the smallest of some inputs that holds the fields of the middle positions."""
    for length in (33, 65, 129, 257, 513):
        shape = (1, *[length] * axes)
        try:
            field = trace.receptive_field(model, shape)
        except ValueError:  # a kernel that is longer than what is left
            continue
        places = model(torch.zeros(1, *shape)).shape[2:]
        middle = [(count - 1) // 2 for count in places]
        ends = [
            (taps[0] + (place - 1) * step, taps[-1] + (place + 1) * step)
            for taps, place, step in zip(field.taps, middle, field.stride, strict=True)
        ]
        if all(low > 0 and high < length - 1 for low, high in ends):
            return field, trace.measured_receptive_field(model, shape, samples=1)
    raise AssertionError(f"the field of {model} does not fit")


def along(support, axis):
    others = [each for each in range(support.ndim) if each != axis]
    return (support.any(others[0]) if others else support).nonzero().flatten().tolist()


@examples(500)
@given(stacks())
def test_formula_and_gradient_agree_on_random_stacks(drawn):
    axes, model = drawn

    field, found = measured_without_border(model, axes)

    assert found.size == field.size
    assert found.stride == field.stride
    for axis in range(axes):
        shift = found.position[axis] * field.stride[axis]
        assert found.centre[axis] == field.centre[axis] + shift
        assert along(found.support, axis) == [tap + shift for tap in field.taps[axis]]


def test_taps_of_a_dilated_stack_worked_by_hand():
    model = nn.Sequential(nn.Conv1d(1, 1, 2, dilation=4), nn.Conv1d(1, 1, 2, stride=2, padding=1))

    field = trace.receptive_field(model, (1, 40))

    assert field.taps == ((-1, 0, 3, 4),)
    assert (field.size, field.stride, field.centre) == ((6,), (2,), (1.5,))
    assert [(each.layer, each.kind, each.size) for each in field.layers] == [
        ("0", "Conv1d", (5,)),
        ("1", "Conv1d", (6,)),
    ]


def test_three_axes_and_unequal_kernels():
    model = nn.Sequential(
        nn.Conv3d(1, 2, (1, 2, 3)), nn.MaxPool3d((1, 2, 2)), nn.Conv3d(2, 1, (3, 1, 1))
    )

    field = trace.receptive_field(model, (1, 9, 9, 9))
    found = trace.measured_receptive_field(model, (1, 9, 9, 9), samples=1)

    assert field.size == found.size == (3, 3, 4)
    assert field.stride == found.stride == (1, 2, 2)


def after(field, kind):
    return [each.size[0] for each in field.layers if each.kind == kind]


def test_published_fields_of_vgg16_layer_by_layer():
    with torch.device("meta"):
        model = networks.vgg16()

    field = trace.receptive_field(model, (3, 224, 224))

    convs = [3, 5, 10, 14, 24, 32, 40, 60, 76, 92, 132, 164, 196]
    assert after(field, "Conv2d") == convs
    assert after(field, "MaxPool2d") == [6, 16, 44, 100, 212]
    assert after(field, "Linear")[0] == 404
    assert [each.stride for each in field.layers if each.kind == "MaxPool2d"][-1] == (32, 32)


@pytest.mark.parametrize(
    ("make", "cut", "size"),
    [
        (networks.alexnet, 13, 195),
        (networks.mobilenet_v1, None, 315),
        (networks.resnet50, -3, 427),
        (lambda: networks.resnet50(early=True), -3, 483),
        (networks.resnet18, -3, 435),
    ],
)
def test_published_fields(make, cut, size):
    with torch.device("meta"):
        model = make()[:cut]

    field = trace.receptive_field(model, (3, 224, 224))

    assert field.size == (size, size)
    assert field.stride == (32, 32)


def test_lenet_reads_its_whole_input():
    assert trace.receptive_field(networks.lenet(), (1, 32, 32)).size == (32, 32)


def test_gradient_finds_vgg16_s_field_too():
    model = networks.vgg16(narrow=64)[:31]

    found = trace.measured_receptive_field(model, (3, 288, 288), samples=1, position=(4, 4))

    assert found.size == (212, 212)
    assert not any(found.clipped)


@pytest.mark.parametrize("layers", [5, 10, 20])
def test_spread_of_uniform_stacks_is_that_of_the_theory(layers):
    """Luo et al. 2016: the standard deviation of n uniform 3x3 kernels is sqrt(2n/3)."""
    model = nn.Sequential(*(nn.Conv2d(1, 1, 3, bias=False) for _ in range(layers))).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.fill_(1 / 9)
    size = 2 * layers + 1

    found = trace.measured_receptive_field(model, (1, size, size), samples=1)

    assert found.size == trace.receptive_field(model, (1, size, size)).size == (size, size)
    assert found.spread == pytest.approx([math.sqrt(2 * layers / 3)] * 2, abs=1e-9)


class Squeezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.gate = nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 1)

    def forward(self, x):
        x = self.conv(x)
        return x * torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True)))


WHOLE = {
    "squeeze and excitation": Squeezed(),
    "group norm": nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4)),
    "instance norm": nn.Sequential(nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4)),
    "layer norm": nn.Sequential(nn.Conv2d(2, 4, 3), nn.LayerNorm([9, 7])),
    "global mean": nn.Sequential(nn.Conv2d(2, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    "global maximum": Does(lambda x: F.max_pool2d(x, 3, 1).amax((2, 3))),
    "flatten": nn.Sequential(nn.Flatten(), nn.Linear(2 * 11 * 9, 3)),
    "softmax over a line": nn.Sequential(nn.Conv2d(2, 4, (1, 7)), nn.Softmax(2)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_layers_that_read_the_whole_input(name):
    field = trace.receptive_field(WHOLE[name], (2, 11, 9))
    found = trace.measured_receptive_field(WHOLE[name], (2, 11, 9), samples=1)

    expected = (11, 7) if name == "softmax over a line" else (11, 9)
    assert field.size == found.size == expected


ALIKE = {
    "normed": nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 1, 3)),
    "functional": Does(lambda x: F.relu(F.avg_pool2d(F.max_pool2d(x, 3, 2), 2, 1))),
    "cropped": Does(lambda x: x[:, :, 2:, ::2]),
    "padded": nn.Sequential(nn.ReplicationPad2d((1, 2, 3, 0)), nn.MaxPool2d(3)),
    "reflected": nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"),
    "turned": Does(lambda x: F.avg_pool2d(x.transpose(2, 3), (1, 3)).permute(0, 1, 3, 2)),
    "transposed convolution": nn.ConvTranspose2d(1, 1, 3, padding=1, dilation=2),
    "adaptive": Does(lambda x: F.adaptive_max_pool2d(x, (10, 5))),
    "channels normed": nn.Sequential(nn.Conv2d(1, 4, 3), nn.LocalResponseNorm(3)),
    "channels attended": nn.Sequential(nn.Conv2d(1, 4, 3), nn.Softmax(1)),
    "pieces": Does(lambda x: sum(F.avg_pool2d(x, 3).chunk(1, 2))),
    "in place": nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
}


@pytest.mark.parametrize("name", ALIKE)
def test_operations_by_formula_are_what_the_gradient_says(name):
    field = trace.receptive_field(ALIKE[name], (1, 30, 30))
    found = trace.measured_receptive_field(ALIKE[name], (1, 30, 30), samples=1)

    assert found.size == field.size
    for axis in range(2):
        shift = found.position[axis] * field.stride[axis]
        assert along(found.support, axis) == [tap + shift for tap in field.taps[axis]]


REFUSED = [
    (
        Branches(nn.Conv1d(1, 1, 3), Does(lambda x: x[:, :, 2:])),
        "the model: misaligned branches are joined, centred on 1 and 2",
    ),
    (
        nn.Sequential(Branches(nn.Conv1d(1, 1, 3, 2, 1), Does(lambda x: x[:, :, :20]))),
        "layer '0': branches of strides 2 and 1 are joined",
    ),
    (
        nn.Sequential(Branches(nn.Conv1d(1, 1, 4, padding="same"), nn.Identity()), nn.ReLU()),
        "layer '0': misaligned branches are joined, centred on 0.5 and 0",
    ),
    (
        nn.ConvTranspose1d(1, 1, 3, stride=2),
        "the model: a transposed convolution with a stride reads differently at each phase",
    ),
    (nn.Sequential(nn.Upsample(scale_factor=2)), "layer '0': upsample_nearest1d has no rule"),
    (Does(torch.fft.rfft), "the model: fft_r2c has no rule"),
    (Does(lambda x: x.flip(2)), "the model: flip has no rule"),
    (
        Does(lambda x: x.view(1, 1, 8, 5)),
        "the model: a new shape takes the positions of an axis apart",
    ),
    (
        Does(lambda x: torch.cat([x, x], 2)),
        "the model: tensors are joined end to end along an axis",
    ),
    (
        Does(lambda x: x @ x.transpose(1, 2)),
        "the model: two activations are multiplied as matrices",
    ),
    (nn.AdaptiveAvgPool1d(7), "the model: pooling 40 to 7 positions has windows of many sizes"),
    (nn.Conv1d(1, 1, 3, padding=1, padding_mode="circular"), "the model: copy has no rule"),
    (
        nn.Sequential(*(nn.AvgPool1d(3, 2, 1) for _ in range(70))),
        "layer '23': a field of more than 16,777,216 samples is not listed",
    ),
    (Does(lambda x: torch.zeros(1, 1, 4)), "its output reads nothing of the input"),
]


@pytest.mark.parametrize(("model", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_the_formula_does_not_cover_is_refused_by_name(model, reason):
    with refused(f"model must have a receptive field by formula; got {reason}"):
        trace.receptive_field(model, (1, 40))


def test_a_part_written_in_place_is_not_guessed():
    def write(x):
        y = F.avg_pool1d(x, 3, 1, 1)
        y[:, :, ::2].add_(F.avg_pool1d(x, 5, 2, 2))
        return y

    with pytest.raises(ValueError, match=r"got the model: a part of another tensor is written"):
        trace.receptive_field(Does(write), (1, 40))


def test_a_failing_model_is_refused_with_its_layer():
    model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Conv1d(3, 2, 3))

    with pytest.raises(
        ValueError,
        match=re.escape(
            "model must run on an input of (1, 40); got a failure in layer '1' (Conv1d): "
        ),
    ):
        trace.receptive_field(model, (1, 40))


def test_bad_arguments_are_refused():
    model = nn.Conv1d(1, 1, 3)

    with refused("position must be an integer from 0 to 37; got 38"):
        trace.measured_receptive_field(model, (1, 40), position=(38,))
    with refused("position must have one index for each of 1 axes; got (1, 2)"):
        trace.measured_receptive_field(model, (1, 40), position=(1, 2))
    with refused("samples must be an integer of at least 1; got 0"):
        trace.measured_receptive_field(model, (1, 40), samples=0)
    with refused("input_shape must be a channel and one to three axes; got (40,)"):
        trace.receptive_field(nn.Linear(40, 2), (40,))
    with refused("model must be a torch.nn.Module; got 3"):
        trace.receptive_field(3, (1, 40))


def test_a_field_that_reaches_the_border_is_said_to_be_clipped():
    model = nn.Conv2d(1, 1, (3, 5), padding=(1, 2))

    found = trace.measured_receptive_field(model, (1, 9, 9), position=(4, 0), samples=1)

    assert found.clipped == (False, True)
    assert found.size == (3, 3)


def test_measuring_leaves_model_and_chance_alone():
    model = nn.Sequential(nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4), nn.Dropout(), nn.Conv1d(4, 1, 3))
    model.append(Does(lambda x: F.dropout(x, 0.01)))  # draws in eval mode too
    model.train()
    model[1].eval()
    before = copy.deepcopy(model.state_dict())
    state = torch.get_rng_state()

    first = trace.measured_receptive_field(model, (1, 30), seed=3)
    again = trace.measured_receptive_field(model, (1, 30), seed=3)

    assert torch.equal(first.effective, again.effective)
    assert torch.equal(torch.get_rng_state(), state)
    assert [module.training for module in model] == [True, False, True, True, True]
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])


def test_weights_that_are_not_numbers_show_in_the_effective_field_only():
    model = nn.Conv1d(1, 1, 3)
    with torch.no_grad():
        model.weight[0, 0, 1] = math.nan

    found = trace.measured_receptive_field(model, (1, 9), samples=1)

    assert found.size == (3,)
    assert found.effective.isnan().any()
