import pytest
import torch
from torch import nn

from convrnn_lab import models, trace
from tests.helpers import refused


@pytest.fixture
def linear():
    """A model whose logits are known sums of the pixels: the gradient is its weights."""
    model = nn.Sequential(
        nn.Conv2d(1, 2, 1, bias=False), nn.Flatten(), nn.Linear(32, 2, bias=False)
    )
    with torch.no_grad():
        model[0].weight[:, 0, 0, 0] = torch.tensor([1.0, 2.0])
        model[2].weight.copy_(torch.arange(64.0).view(2, 32) / 10)
    return model


def weights_of(model, target):
    first, second = model[2].weight[target].detach().view(2, 4, 4)
    return first + 2 * second


def test_saliency_is_the_absolute_gradient(linear, rng):
    with torch.no_grad():
        linear[2].weight.neg_()
    image = torch.rand(1, 1, 4, 4, generator=rng)

    found = trace.saliency(linear, image, 1)

    torch.testing.assert_close(found, weights_of(linear, 1).abs())


def test_occlusion_of_a_pixel_is_its_share_of_a_linear_answer(linear, rng):
    image = torch.rand(1, 1, 4, 4, generator=rng)

    found = trace.occlusion(linear, image, 0, size=1)

    torch.testing.assert_close(found, weights_of(linear, 0) * image[0, 0])


def test_grad_cam_weighs_each_map_by_its_mean_gradient(linear, rng):
    image = torch.rand(1, 1, 4, 4, generator=rng)

    found = trace.grad_cam(linear, image, 1, layer="0")

    means = linear[2].weight[1].detach().view(2, 16).mean(dim=1)
    expected = (means[0] * 1 + means[1] * 2) * image[0, 0]
    torch.testing.assert_close(found, expected.clamp(min=0))


def test_grad_cam_lies_over_what_its_values_have_seen():
    """A single bright pixel, seen by a strided convolution: the map peaks at that pixel."""
    model = nn.Sequential(
        nn.Conv2d(1, 1, 3, stride=2, bias=False), nn.Flatten(), nn.Linear(49, 2, bias=False)
    )
    with torch.no_grad():
        model[0].weight.zero_()[0, 0, 1, 1] = 1  # each value is the pixel at its centre
        model[2].weight.fill_(1.0)
    image = torch.zeros(1, 1, 15, 15)
    image[0, 0, 5, 9] = 1

    found = trace.grad_cam(model, image, 0, layer="0")

    assert divmod(int(found.argmax()), 15) == (5, 9)
    # Linear to the neighbouring centres, two pixels away.
    assert found[4:7, 9].tolist() == [0.5, 1.0, 0.5]
    assert found[:3].abs().sum() == found[:, 12:].abs().sum() == 0


def test_a_layer_without_a_field_by_formula_is_stretched_over_the_image(rng):
    class Upsampling(nn.Sequential):
        def forward(self, x):
            return super().forward(nn.functional.interpolate(x, scale_factor=2))

    model = Upsampling(nn.Conv2d(1, 1, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    image = torch.rand(1, 1, 4, 4, generator=rng)

    found = trace.grad_cam(model, image, 0, layer="0")

    assert found.shape == (4, 4)


def test_the_model_and_the_image_are_left_as_they_were():
    model = models.cnn().train()
    image = torch.rand(1, 1, 28, 28)

    trace.saliency(model, image, 3)
    cam = trace.grad_cam(model, image, 3, layer="conv2")
    covered = trace.occlusion(model, image, 3)

    assert cam.shape == covered.shape == (28, 28)
    assert model.training
    assert not image.requires_grad
    assert all(weight.grad is None for weight in model.parameters())


def test_bad_arguments_are_refused_in_one_sentence(linear):
    image = torch.rand(1, 1, 4, 4)

    with refused("image must be a batch of one; got 2 images"):
        trace.saliency(linear, torch.rand(2, 1, 4, 4), 0)
    with refused("layer must be one of 0, 1, 2; got 'conv'"):
        trace.grad_cam(linear, image, 0, layer="conv")
    with refused("layer must give maps (batch, channel, height, width); got '1' (Flatten)"):
        trace.grad_cam(linear, image, 0, layer="1")
    with refused("size must be an integer from 1 to 4; got 5"):
        trace.occlusion(linear, image, 0, size=5)
