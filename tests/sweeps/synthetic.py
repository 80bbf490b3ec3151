"""A sweep's folder as 500 reports leave it, made without running any."""

import json

import nbformat
import plotly.graph_objects as go

from convrnn_lab.reports import notebooks
from convrnn_lab.sweeps import index, table, thumbnails
from convrnn_lab.sweeps.folder import Folder
from convrnn_lab.sweeps.grid import checked_grid
from convrnn_lab.sweeps.messages import Outcome, Record, State
from convrnn_lab.sweeps.plan import Plan

HOSTILE = '</script><img src=x onerror="document.title=1">'


def study(home):
    """Fill the folder `home`, and return the plan of its sweep."""
    cells = [
        nbformat.v4.new_markdown_cell(f"# Sizes {HOSTILE}"),
        nbformat.v4.new_code_cell("size: int = 1\ncell: str = ''\nrate: float = 0.5"),
    ]
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), home / "small.ipynb")
    notebook = notebooks.find(home / "small.ipynb")
    folder = Folder(home)
    folder.reports.mkdir()
    folder.private.mkdir()
    cells = ["LSTM", "GRU", HOSTILE, "../é", "字"]
    grid = checked_grid(notebook, {"size": list(range(50)), "cell": cells, "rate": [0.5, 2]})
    plan = Plan(notebook, grid, folder, timeout_s=1, force=False)
    figure = go.Figure([go.Scatter(y=[k % 7 for k in range(64)]) for _ in range(4)])
    drawing = thumbnails.thumbnail(json.loads(figure.to_json()))
    for number, point in enumerate(plan.points()):
        folder.write(_outcome(point, drawing, failed=number in (3, 4)))
    table.write(plan)
    index.write(plan)
    return plan


def _outcome(point, drawing, *, failed):
    size = point.parameters["size"]
    about = (point.name, point.key, point.parameters)
    went = {"seconds": 0.5, "kernel": "forked"}
    if failed:
        said = {"reason": f"it {HOSTILE}", "lines": ("last", HOSTILE)}
        return Outcome(Record(*about, State.FAILED, **said, **went))
    results = {"square": size**2, HOSTILE: HOSTILE, "loss": 1 / (size + 1)}
    record = Record(*about, State.DONE, results=results, thumbnail=drawing, **went)
    return Outcome(record, "{}", f"<title>{size}</title>")
