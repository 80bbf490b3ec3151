"""Multiply-adds and parameters on random settings, against products counted one by one."""

import itertools
import warnings

import pytest
import torch
from hypothesis import given, strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convrnn_lab import measure
from tests.sampling import examples

few = st.integers(1, 3)
LAYERS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


def flops(model, *inputs):
    """PyTorch's own count, halved; with the kernels off that it does not see into."""
    counter = FlopCounterMode(display=False)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.filterwarnings("ignore", "TF32 acceleration")  # of putting the flag back
        with torch.backends.mkldnn.flags(enabled=False), counter:
            model(*inputs)
    return counter.get_total_flops() // 2


def numbers(model):
    return sum(len(each.detach().flatten().tolist()) for each in model.parameters())


def agrees(model, shape, products):
    found = measure.cost(model, shape)
    shapes = shape if isinstance(shape, list) else [shape]

    assert found.multiply_adds == products
    assert found.parameters == numbers(model)
    assert found.unknown == ()
    assert flops(model.eval(), *(torch.zeros(1, *each) for each in shapes)) == products


@examples(500)
@given(st.data(), st.integers(1, 3), few, few, few)
def test_a_convolution_multiplies_each_weight_at_each_place(data, axes, groups, ins, outs):
    kernel, stride, dilation, size = (
        [data.draw(st.integers(low, high)) for _ in range(axes)]
        for low, high in ((1, 3), (1, 3), (1, 2), (5, 8))
    )
    padding = [data.draw(st.integers(0, 2)) for _ in range(axes)]
    bias = data.draw(st.booleans())
    options = {"stride": stride, "padding": padding, "dilation": dilation, "bias": bias}
    model = LAYERS[axes](groups * ins, groups * outs, kernel, groups=groups, **options)

    # The window is put down wherever its last tap still lies on the padded input.
    places = 1
    for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        places *= sum(1 for at in range(0, n + 2 * p, s) if at + d * (k - 1) < n + 2 * p)
    taps = sum(1 for _ in itertools.product(*map(range, kernel)))
    products = sum(taps * ins for _ in range(places) for _ in range(groups * outs))
    agrees(model, (groups * ins, *size), products)


@examples(300)
@given(st.data(), st.integers(1, 3), few, few, few)
def test_a_transposed_convolution_writes_each_input_with_each_weight(data, axes, groups, ins, outs):
    kernel, stride, size = (
        [data.draw(st.integers(1, high)) for _ in range(axes)] for high in (3, 3, 4)
    )
    bias = data.draw(st.booleans())
    options = {"groups": groups, "bias": bias}
    model = TRANSPOSED[axes](groups * ins, groups * outs, kernel, stride, **options)

    pixels = itertools.product(range(groups * ins), *map(range, size))
    taps = sum(1 for _ in itertools.product(range(outs), *map(range, kernel)))
    agrees(model, (groups * ins, *size), sum(taps for _ in pixels))


@examples(600)
@given(st.data(), st.sampled_from([nn.RNN, nn.LSTM, nn.GRU]), few, st.integers(2, 4), few)
def test_a_recurrent_layer_multiplies_its_matrices_at_each_step(data, kind, inputs, units, layers):
    time, both, bias, first = (
        data.draw(st.integers(1, 6)),
        *data.draw(st.tuples(*[st.booleans()] * 3)),
    )
    projected = data.draw(st.integers(0, units - 1)) if kind is nn.LSTM else 0
    options = {"bidirectional": both, "bias": bias, "batch_first": first}
    options |= {"proj_size": projected} if projected else {}
    model = kind(inputs, units, layers, **options)

    gates = {nn.RNN: 1, nn.LSTM: 4, nn.GRU: 3}[kind]
    products = 0
    for layer in range(layers):
        for _direction in range(2 if both else 1):
            read = inputs if layer == 0 else (projected or units) * (2 if both else 1)
            for _step in range(time):  # of one example, or one step of `time` examples
                products += gates * units * (read + (projected or units)) + units * projected
    found = measure.cost(model, (time, inputs))
    assert found.multiply_adds == products
    assert found.parameters == numbers(model)
    assert found.unknown == ()
    if not projected:  # PyTorch's kernel with a projection is another, and counted otherwise
        assert flops(model, torch.zeros(1, time, inputs)) == products


@examples(200)
@given(st.sampled_from([nn.RNNCell, nn.LSTMCell, nn.GRUCell]), few, few)
def test_a_cell_costs_one_step_of_its_layer(kind, inputs, units):
    gates = {nn.RNNCell: 1, nn.LSTMCell: 4, nn.GRUCell: 3}[kind]
    agrees(kind(inputs, units), (inputs,), gates * units * (inputs + units))


@examples(200)
@given(few, st.integers(1, 5), st.integers(1, 5), few, st.booleans())
def test_an_attention_multiplies_queries_keys_and_values(heads, queries, keys, width, bias):
    size = heads * width
    model = nn.MultiheadAttention(size, heads, bias=bias, batch_first=True)

    products = size * size * (2 * queries + 2 * keys)  # query and output; key and value
    for _head, _query, _key in itertools.product(range(heads), range(queries), range(keys)):
        products += 2 * width  # the score, and the value it is multiplied with
    found = measure.cost(model, [(queries, size), (keys, size), (keys, size)])
    assert (found.multiply_adds, found.parameters) == (products, numbers(model))


@examples(200)
@given(st.lists(st.integers(1, 4), max_size=2), few, few, st.booleans())
def test_a_dense_layer_multiplies_its_matrix_at_each_position(before, inputs, outputs, bias):
    products = sum(inputs * outputs for _ in itertools.product(*map(range, before)))
    agrees(nn.Linear(inputs, outputs, bias=bias), (*before, inputs), products)


@pytest.mark.parametrize(
    ("layer", "shape", "parameters"),
    [
        (nn.Embedding(10, 4), (5,), 40),
        (nn.BatchNorm1d(3), (3, 7), 6),
        (nn.BatchNorm2d(3, affine=False), (3, 7, 7), 0),
        (nn.BatchNorm3d(3), (3, 4, 4, 4), 6),
        (nn.LayerNorm((3, 7)), (3, 7), 42),
        (nn.GroupNorm(3, 6), (6, 7), 12),
        (nn.InstanceNorm1d(3, affine=True), (3, 7), 6),
        (nn.MaxPool1d(2), (3, 8), 0),
        (nn.MaxPool3d(2), (3, 8, 8, 8), 0),
        (nn.AvgPool2d(2), (3, 8, 8), 0),
        (nn.LPPool1d(2, 2), (3, 8), 0),
        (nn.AdaptiveAvgPool3d(2), (3, 8, 8, 8), 0),
        (nn.AdaptiveMaxPool1d(2), (3, 8), 0),
        (nn.FractionalMaxPool2d(2, output_size=3), (3, 8, 8), 0),
        (nn.PReLU(3), (3, 8), 3),
        (nn.Softmax(-1), (3, 8), 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_what_multiplies_no_matrices_is_known_to_cost_nothing(layer, shape, parameters):
    found = measure.cost(layer, shape)

    assert (found.multiply_adds, found.parameters, found.unknown) == (0, parameters, ())


def test_steps_without_end_take_no_longer():
    """A layer is counted in one piece; taken apart, a million steps would take an hour."""
    model = nn.LSTM(4, 8, num_layers=2, batch_first=True)

    found = measure.cost(model, (1_000_000, 4))

    assert found.multiply_adds == 1_000_000 * 4 * 8 * ((4 + 8) + (8 + 8))


@pytest.mark.parametrize("index", [0, 1])
def test_a_recurrent_layers_states_are_of_the_right_shape_for_what_follows(index):
    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.LSTM(2, 5, num_layers=2, proj_size=3, batch_first=True)
            self.head = nn.Linear((3, 5)[index], 4)

        def forward(self, x):
            return self.head(self.layer(x.mT)[1][index][-1])

    rows = {row.layer: row for row in measure.cost(Last(), (2, 7)).rows}

    assert rows["head"].output_shape == (4,)
    assert rows["head"].field_size == (7,)  # of a last state: all steps
    assert "reads all steps so far" in rows["layer"].no_field
