import pytest
import torch
from torch import nn

from convrnn_lab import measure, models
from tests.helpers import refused


def test_the_layers_are_those_that_the_article_prints():
    layers = models.copied_network(classes=7, last_kernel=16)

    with torch.device("meta"):
        made = [make() for make in layers]

    assert len(made) == 6 + 1 + 2 * 69
    assert [layer.out_channels for layer in made[:6]] == [64, 64, 64, 128, 128, 7]
    assert [layer.kernel_size[0] for layer in made[:6]] == [32, 64, 64, 32, 32, 16]
    assert {layer.padding for layer in made if isinstance(layer, nn.Conv2d)} == {"same"}
    assert (made[6].kernel_size, made[6].stride, made[6].padding) == (224, 2, 111)
    assert {(p.kernel_size, p.stride, p.padding) for p in made[8::2]} == {(224, 2, 0)}
    assert {(c.out_channels, c.kernel_size) for c in made[7::2]} == {(64, (32, 32))}


def test_the_last_of_the_six_cannot_be_made_as_printed():
    with pytest.raises(TypeError, match="kernel_size"):
        models.copied_network()[5]()


def test_a_plain_stack_keeps_the_size_and_costs_what_it_should():
    model = models.plain_stack(8, 5, inputs=3, device="meta")

    found = measure.inspect(model, (3, 20, 30))

    assert {row.output_shape for row in found.rows} == {(8, 20, 30)}
    assert found.parameters == (3 * 8 * 9 + 8) + 4 * (8 * 8 * 9 + 8)
    assert found.rows[-1].field_size == (11, 11)


def test_dilations_come_in_turn():
    model = models.plain_stack(4, 5, dilations=(1, 2), device="meta")

    assert [layer.dilation[0] for layer in model if isinstance(layer, nn.Conv2d)] == [1, 2, 1, 2, 1]


def test_bad_arguments_are_refused():
    with refused("classes must be an integer of at least 1; got 0"):
        models.copied_network(0)
    with refused("last_kernel must be an integer of at least 1; got 2.5"):
        models.copied_network(last_kernel=2.5)
    with refused("kernel_size must be odd; got 4"):
        models.plain_stack(4, 2, kernel_size=4)
    with refused("layers must be an integer of at least 1; got 0"):
        models.plain_stack(4, 0)
    with refused("dilations must be one integer or more; got none"):
        models.plain_stack(4, 1, dilations=())
