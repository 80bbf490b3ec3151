"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

from convrnn_lab.explorer import preload
from convrnn_lab.facade import attach

_load, __dir__, __all__ = attach(__name__, __file__)


def __getattr__(name: str) -> object:
    value = _load(name)
    # The browser loads plotly.js while the kernel works on the first figure.
    preload.start()
    return value
