"""See what convolution and recurrence do, change one number, and know what it costs.

The stages follow the way of the data: `data`, `models`, `trace`, `measure`, `train`, `figures`,
`explorers`, `reports`.
Each is imported when it is first asked for, so that ``import convrnn_lab`` costs milliseconds.
"""

import importlib
from types import ModuleType

__version__ = "0.2.0"

__all__ = [
    "data",
    "exercises",
    "explorers",
    "figures",
    "measure",
    "models",
    "reports",
    "tables",
    "trace",
    "train",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
