"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

from convrnn_lab.explorer import calls
from convrnn_lab.facade import attach

_load, __dir__, __all__ = attach(__name__, __file__)


def __getattr__(name: str) -> object:
    # An explorer knows how it was made, so that it can be written down.
    return calls.noted(_load(name))
