"""Explorers of networks whose panels differ, for the tests of looks."""

import torch
from torch import nn

from convrnn_lab import explorers


def pictures():
    """Return that of pictures, kernels, vectors and probabilities."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(5, 7, 3)),
        *(nn.Flatten(), nn.Linear(63, 3)),
    )
    images = torch.rand(2, 1, 10, 10)
    return explorers.layers(model, images, layer="3", classes=("a", "{b}", "c"))


def signals():
    """Return that of signals and their windows, which hang over the edge."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv1d(2, 8, 5, padding=6), nn.AvgPool1d(4), nn.Conv1d(8, 4, 3))
    return explorers.layers(model, torch.randn(2, 2, 20))


def colours():
    """Return that of pictures of three channels, with NaN, whose layers are many and few."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 66, 3, padding=4), nn.Conv2d(66, 2, 1))
    images = torch.rand(1, 3, 2, 3)
    with torch.no_grad():
        model[1].weight[1, 3] = float("nan")
    return explorers.layers(model, images)


def sequences():
    """Return that of features over time, and of a vector."""
    torch.manual_seed(0)

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.memory = nn.GRU(3, 4)
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.memory(x)[0][-1])

    return explorers.layers(Last(), torch.randn(7, 2, 3))


def volume():
    """Return that of a middle slice."""
    torch.manual_seed(0)
    return explorers.layers(
        nn.Sequential(nn.Conv3d(1, 2, 3), nn.ReLU()), torch.randn(1, 1, 5, 6, 7)
    )


def large_weights():
    """Return that of a network with a layer whose weights are too many for the browser."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 200))
    return explorers.layers(model, torch.rand(1, 1, 28, 28))


def many_layers():
    """Return that of a network each of whose layers is small enough, and all are not."""
    torch.manual_seed(0)
    model = nn.Sequential(*(nn.Linear(500, 500) for _ in range(3)))
    return explorers.layers(model, torch.rand(1, 500))


def wrong():
    """Return the errors of a network that guesses, on small pictures."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(20, 3))
    return explorers.errors(model, torch.rand(60, 1, 4, 5), torch.arange(60) % 3)


def asked():
    """Return what decides the answers of a network."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(512, 3)),
    )
    return explorers.attributions(model, torch.rand(2, 1, 12, 20))


def whole():
    """Return a whole network of pictures: groups, padding, a window over the edge, shares."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(2, 4, 3, padding=1, groups=2), nn.GELU(), nn.MaxPool2d(3, 2, padding=1)),
        *(nn.AvgPool2d(2, ceil_mode=True), nn.Flatten(), nn.Linear(36, 3)),
    )
    return explorers.network(model, torch.rand(2, 2, 9, 10), classes=("a", "{b}", "c"))


def whole_of_signals():
    """Return a whole network of signals, whose last layer is more than can be drawn."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv1d(2, 3, 5, stride=2, padding=2, bias=False), nn.Tanh(), nn.MaxPool1d(2)),
        *(nn.BatchNorm1d(3), nn.Flatten(), nn.Linear(15, 70), nn.Softmax(1)),
    )
    return explorers.network(model.eval(), torch.randn(1, 2, 20))


EXPLORERS = {
    "layers": pictures,
    "layers of signals": signals,
    "layers of colours": colours,
    "layers of sequences": sequences,
    "layers of a volume": volume,
    "layers with large weights": large_weights,
    "many layers": many_layers,
    "network": whole,
    "network of signals": whole_of_signals,
    "errors": wrong,
    "attributions": asked,
}
