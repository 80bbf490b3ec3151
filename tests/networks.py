"""Well-known networks, built from their published shapes."""

import torch
from torch import nn


def alexnet():
    """As in torchvision ("one weird trick"): 61,100,840 parameters."""

    def conv(inputs, outputs, size, **options):
        return [nn.Conv2d(inputs, outputs, size, **options), nn.ReLU()]

    return nn.Sequential(
        *conv(3, 64, 11, stride=4, padding=2),
        nn.MaxPool2d(3, 2),
        *conv(64, 192, 5, padding=2),
        nn.MaxPool2d(3, 2),
        *conv(192, 384, 3, padding=1),
        *conv(384, 256, 3, padding=1),
        *conv(256, 256, 3, padding=1),
        nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d(6),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    )


def vgg16(narrow=1):
    """With all widths divided by `narrow`, which leaves the receptive fields as they are."""
    layers, channels = [], 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, width // narrow, 3, padding=1), nn.ReLU()]
            channels = width // narrow
        layers.append(nn.MaxPool2d(2))
    head = [nn.Flatten(), nn.Linear(512 // narrow * 7 * 7, 4096), nn.ReLU(), nn.Dropout()]
    head += [nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000)]
    return nn.Sequential(*layers, *head)


def _normed(inputs, outputs, size, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def _stage(block, inputs, width, count, stride):
    blocks = []
    for i in range(count):
        body, outputs = block(inputs, width, stride if i == 0 else 1)
        plain = inputs == outputs and (stride == 1 or i > 0)
        shortcut = nn.Identity() if plain else _normed(inputs, outputs, 1, stride)
        blocks.append(Residual(body, shortcut))
        inputs = outputs
    return blocks, inputs


def _basic(inputs, width, stride):
    first = _normed(inputs, width, 3, stride)
    return nn.Sequential(first, nn.ReLU(), _normed(width, width, 3)), width


def _bottleneck(inputs, width, stride, early=False):
    strides = (stride, 1) if early else (1, stride)
    return nn.Sequential(
        _normed(inputs, width, 1, strides[0]),
        nn.ReLU(),
        _normed(width, width, 3, strides[1]),
        nn.ReLU(),
        _normed(width, 4 * width, 1),
    ), 4 * width


def _resnet(block, counts):
    layers = [_normed(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for i, count in enumerate(counts):
        blocks, inputs = _stage(block, inputs, 64 * 2**i, count, 1 if i == 0 else 2)
        layers += blocks
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def resnet18():
    return _resnet(_basic, (2, 2, 2, 2))


def resnet50(early=False):
    """With the stride on the 3x3 (torchvision), or on the first 1x1 as in the paper."""
    return _resnet(lambda *sizes: _bottleneck(*sizes, early=early), (3, 4, 6, 3))


def mobilenet_v1():
    layers, channels = [_normed(3, 32, 3, 2), nn.ReLU()], 32
    widths = (64, 128, 128, 256, 256, *[512] * 6, 1024, 1024)
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    for width, stride in zip(widths, strides, strict=True):
        layers += [_normed(channels, channels, 3, stride, channels), nn.ReLU()]
        layers += [_normed(channels, width, 1), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers)


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, stride, expand):
        super().__init__()
        wide = inputs * expand
        body = [] if expand == 1 else [_normed(inputs, wide, 1), nn.ReLU6()]
        body += [_normed(wide, wide, 3, stride, wide), nn.ReLU6(), _normed(wide, outputs, 1)]
        self.body, self.adds = nn.Sequential(*body), stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


def mobilenet_v2():
    layers, channels = [_normed(3, 32, 3, 2), nn.ReLU6()], 32
    for expand, width, count, stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for i in range(count):
            layers.append(Inverted(channels, width, stride if i == 0 else 1, expand))
            channels = width
    layers += [_normed(320, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Dropout(), nn.Linear(1280, 1000))


def lenet():
    """The modern one: all maps joined in C3, plain pooling, linear output."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, 10),
    )


class JoinedMaps(nn.Module):
    """LeNet-5's C3: every output map is a convolution of its own few input maps."""

    TABLE = (
        *(tuple((first + i) % 6 for i in range(3)) for first in range(6)),
        *(tuple((first + i) % 6 for i in range(4)) for first in range(6)),
        *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
        tuple(range(6)),
    )

    def __init__(self):
        super().__init__()
        self.maps = nn.ModuleList(nn.Conv2d(len(inputs), 1, 5) for inputs in self.TABLE)

    def forward(self, x):
        pairs = zip(self.maps, self.TABLE, strict=True)
        return torch.cat([layer(x[:, list(inputs)]) for layer, inputs in pairs], 1)


class Subsampling(nn.Module):
    """LeNet-5's S2 and S4: a sum over 2x2, one weight and one bias a map."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x):
        return torch.tanh(self.weight * nn.functional.avg_pool2d(x, 2) + self.bias)


def lenet5():
    """As published, up to F6: 60,000 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        Subsampling(6),
        JoinedMaps(),
        Subsampling(16),
        nn.Conv2d(16, 120, 5),
        nn.Flatten(),
        nn.Linear(120, 84),
    )
