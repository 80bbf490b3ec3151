"""Which panels the front end draws itself; for the others a page needs plotly.js.

The rules stand in ``web/plot_schema.js`` as JSON, which is read here; the browser decides by them
too. The cases of both are ``tests/web/panel_cases.json``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources

import numpy as np

from convrnn_lab.drawing.looks import Look, Seen

# Any: a rule is nested JSON.
Rule = Seen


@functools.cache
def _schema() -> Rule:
    """Return the rules: by name, of traces and of shapes by their types, and of an axis."""
    text = resources.files(__package__).joinpath("web", "plot_schema.js").read_text("utf-8")
    return json.loads(text[text.index("SCHEMA = ") + len("SCHEMA = ") : text.index("\n};") + 2])


def needs_plotly(content: Mapping[str, Seen]) -> bool:
    """Tell whether a sheet has a panel that only plotly draws, wherever one looks.

    Parameters
    ----------
    content : mapping
        What `Sheet.content` returns.
    """
    panels = (panel for each in _options(content["panels"]) for panel in each)
    return not all(_is_ours(panel) for each in panels for panel in _options(each))


def _options(value: Seen) -> Iterator[Seen]:
    """Yield what a value may become; of what is computed only numbers and texts come."""
    if not isinstance(value, Look):
        yield value
    elif value.operation == "pick":
        for each in value.arguments[0]:
            yield from _options(each)


def _is_ours(panel: Mapping[str, Seen]) -> bool:
    firsts = (trace for data in _options(panel["data"]) for trace in _each(data[:1]))
    kinds = {trace.get("type") for trace in firsts}
    digits = _options(panel.get("digits", -1))
    numbered = kinds == {"heatmap"} and all(each >= 0 for each in digits)
    if panel.get("still") and (numbered or kinds == {"bar"}):
        return True
    return panel["size"] != "whole" and all(
        _is_known(layout, panel["data"]) for layout in _options(panel["layout"])
    )


def _is_known(layout: Mapping[str, Seen], data: Seen) -> bool:
    rest = layout.keys() - {"showlegend", "xaxis", "yaxis", "shapes"}
    axes = [layout.get("xaxis", {}), layout.get("yaxis", {})]
    shapes = layout.get("shapes", [])
    return (
        layout.get("showlegend") is False
        and not rest
        and all(_is_allowed(axis, _schema()["axis"]) for axis in axes)
        and _are_known(shapes, "shapes")
        and _are_known(data, "traces")
        and all(_has_names_only(trace, layout) for trace in _each(data))
    )


def _each(parts: Seen) -> Iterator[Seen]:
    for options in _options(parts):
        for part in options:
            yield from _options(part)


def _are_known(parts: Seen, kind: str) -> bool:
    rules = _schema()[kind]
    return all(
        part.get("type") in rules and _is_allowed(part, rules[part["type"]])
        for part in _each(parts)
    )


def _is_allowed(value: Seen, rule: Rule) -> bool:
    if not isinstance(value, Look):
        return _is_one_allowed(value, rule)
    return all(_is_one_allowed(each, rule) for each in _options(value))


def _is_one_allowed(value: Seen, rule: Rule) -> bool:
    """Tell whether a value without a look on top is one that a rule allows."""
    if isinstance(rule, str):
        return _is_one_allowed(value, _schema()["rules"][rule])
    if "oneOf" in rule:
        many = isinstance(value, (list, tuple))
        return all(_is_one_of(each, rule["oneOf"]) for each in (value if many else [value]))
    if "match" in rule:
        return re.search(rule["match"], str(value)) is not None
    if "scale" in rule:
        return isinstance(value, (list, tuple)) and all(
            re.search(rule["scale"], str(colour)) for _, colour in value
        )
    return _is_allowed_part(value, rule)


def _is_one_of(value: Seen, offered: Rule) -> bool:
    """Tell whether a value is in a list, where False is not 0."""
    truth = [(each, isinstance(each, bool)) for each in offered]
    return all((each, isinstance(each, (bool, np.bool_))) in truth for each in _options(value))


def _is_allowed_part(value: Seen, rule: Rule) -> bool:
    if not isinstance(value, Mapping) or any(key not in value for key in rule.get("needs", ())):
        return False
    keys = rule.get("keys", {})
    return all(
        key in rule.get("any", ()) or (key in keys and _is_allowed(part, keys[key]))
        for key, part in value.items()
    )


def _has_names_only(trace: Mapping[str, Seen], layout: Mapping[str, Seen]) -> bool:
    """Tell whether words stand on axes of categories only: plotly reads dates out of others."""
    for letter in ("x", "y"):
        axis = layout.get(f"{letter}axis", {})
        values = trace.get(letter)
        if isinstance(values, np.ndarray):
            values = values.tolist() if values.dtype.kind in "UO" else []
        named = isinstance(values, (list, tuple)) and any(isinstance(v, str) for v in values)
        if named and axis.get("type") != "category":
            return False
    return True
