"""What all threads share, used by one at a time.

JupyterLab has sliders answered in another thread than cells, so two computations may meet: on one
model, whose mode is switched and which is watched by hooks, and on PyTorch's global generator.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import torch
from torch import Tensor, nn

# One of each for all models: a model may be part of another one.
_MODELS = threading.RLock()
_GENERATOR = threading.RLock()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep other threads of this package from models while the context lasts.

    A run on shapes alone puts other weights into a model, and a traced one has hooks.
    """
    with _MODELS:
        yield


@contextlib.contextmanager
def in_mode(model: nn.Module, *, training: bool = False) -> Iterator[None]:
    """Put a model in evaluation or training mode, for this thread alone, and each layer back.

    Parameters
    ----------
    model : nn.Module
    training : bool
    """
    with _MODELS:
        before = [(layer, layer.training) for layer in model.modules()]
        try:
            model.train(training)
            yield
        finally:
            for layer, flag in before:
                layer.training = flag


@contextlib.contextmanager
def borrowed_generator(state: Tensor | None = None) -> Iterator[None]:
    """Put the global generator back afterwards, and have it to oneself until then.

    Dropout and the models of users know no other. Only this package waits: what a cell draws
    meanwhile is mixed with what is drawn here, so make the context short.

    Parameters
    ----------
    state : Tensor, optional
        What the generator begins from; by default, from where it is.

    Examples
    --------
    >>> before = torch.get_rng_state()
    >>> with borrowed_generator():
    ...     number = torch.rand(1)
    >>> torch.equal(torch.get_rng_state(), before)
    True
    """
    with _GENERATOR, torch.random.fork_rng(devices=[]):
        if state is not None:
            torch.set_rng_state(state)
        yield
