"""``index.html``: the reports of a sweep to filter, plot and open; one file, no network.

The page's data are JSON in the file, and the script puts every text in as text. What would make the
file slow to open is left out, and the page says so.
"""

from __future__ import annotations

import html
import json
import math
from pathlib import Path

from convrnn_lab import __version__, files
from convrnn_lab.explorer import assets
from convrnn_lab.reports.values import Value
from convrnn_lab.sweeps import table
from convrnn_lab.sweeps.messages import Json, State
from convrnn_lab.sweeps.plan import Plan, Point

ROWS = 2_000
THUMBNAIL_BYTES = 6_000_000
_FAILURE_LINES = 12
_LINE = 300
_FAILURES = 200
_EXACT = 2**53  # a browser's numbers are exact up to here
_HERE = Path(__file__).parent


def write(plan: Plan) -> None:
    """Write the page, whole.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    title = html.escape(plan.notebook.title)
    style = (_HERE / "index_page.css").read_text("utf-8")
    script = assets.joined(_HERE / "index_page.js")
    # No "<" of a value can end the element it stands in.
    data = json.dumps(_content(plan), ensure_ascii=False).replace("<", "\\u003c")
    text = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style}</style></head>\n<body><main><h1>{title}</h1>"
        "<noscript>This page needs JavaScript; results.csv has the same numbers.</noscript></main>"
        f'<script type="application/json" id="data">{data}</script>'
        f'<script type="module">{script}</script></body></html>\n'
    )
    files.write_whole({plan.folder.path / "index.html": text})


def _content(plan: Plan) -> Json:
    columns = [each for each in table.columns(plan) if each.key not in ("report", "reason")]
    reports: list[Json] = []
    room, drawn, lines_room = THUMBNAIL_BYTES, 0, _FAILURES
    rows = table.rows(plan, columns)
    counts = dict.fromkeys(State, 0)
    for point, values in zip(plan.points(), rows, strict=True):
        counts[point.state] += 1
        if len(reports) == ROWS:
            continue
        thumbnail = point.record.thumbnail if point.record else ""
        room -= len(thumbnail)
        drawn += room > 0
        lines_room -= point.state is State.FAILED
        reports.append(_report(point, values, thumbnail if room > 0 else "", lines=lines_room >= 0))
    return {
        "notebook": plan.notebook.name,
        "version": __version__,
        "counts": counts,
        "columns": [{"name": c.name, "source": c.source, "kind": c.kind} for c in columns],
        "reports": reports,
        "notes": _notes(plan.grid.count, len(reports), drawn),
    }


def _report(point: Point, values: list[Value], thumbnail: str, *, lines: bool) -> Json:
    found: Json = {"values": list(map(_shown, values)), "status": point.state}
    if point.state is State.DONE:
        found["name"] = point.name
    if thumbnail:
        found["thumbnail"] = thumbnail
    if point.record is not None and point.state is State.FAILED:
        last = point.record.lines[-_FAILURE_LINES:] if lines else ()
        found["reason"] = point.record.reason
        found["lines"] = [line[:_LINE] for line in last]
    return found


def _shown(value: Value) -> Value:
    """Return a value as the page can hold it: no number that a browser has not."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > _EXACT:
        return str(value)
    return value[:_LINE] if isinstance(value, str) else value


def _notes(count: int, shown: int, drawn: int) -> list[str]:
    notes = []
    if shown < count:
        notes.append(
            f"This page has the first {shown:,} of {count:,} reports; the tables have all."
        )
    if drawn < shown:
        notes.append(f"Only the first {drawn:,} reports have their pictures here.")
    return notes
