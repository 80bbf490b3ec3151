"""Types of what goes into a notebook and comes out of it: plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Scalar: TypeAlias = bool | int | float | str | None
"""A number or a text, as a parameter or a result is one."""

Value: TypeAlias = "Scalar | list[Value]"
"""The value of a parameter; one without an annotation may be a list."""

PlotlyFigure: TypeAlias = Mapping[str, Any]
"""A figure as plotly.js takes it."""  # Any: the schema is plotly's, thousands of properties

Node: TypeAlias = Mapping[str, Any]
"""A cell of a notebook, or an output of one."""  # Any: their fields depend on their kind

Bundle: TypeAlias = dict[str, Any]
"""An output of a cell, by media type."""  # Any: each media type is JSON of its own form
