"""A sweep's folder as 500 reports leave it, made without running any."""

import json

import nbformat
import plotly.graph_objects as go

from convrnn_lab.reports import notebooks
from convrnn_lab.sweeps import folders, grids, index, planning, tables, thumbnails

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
    folder = folders.Folder(home)
    folder.reports.mkdir()
    folder.private.mkdir()
    cells = ["LSTM", "GRU", HOSTILE, "../é", "字"]
    grid = grids.grid(notebook, {"size": list(range(50)), "cell": cells, "rate": [0.5, 2]})
    plan = planning.Plan(notebook, grid, folder, timeout_s=1, force=False)
    figure = go.Figure([go.Scatter(y=[k % 7 for k in range(64)]) for _ in range(4)])
    drawing = thumbnails.thumbnail(json.loads(figure.to_json()))
    for number, cell in enumerate(plan.cells()):
        folder.write(_outcome(cell, drawing, failed=number in (3, 4)))
    tables.write(plan)
    index.write(plan)
    return plan


def _outcome(cell, drawing, *, failed):
    size = cell.parameters["size"]
    record = {"name": cell.name, "key": cell.key, "parameters": cell.parameters}
    record |= {"seconds": 0.5, "kernel": "forked"}
    if failed:
        about = {"status": "failed", "reason": f"it {HOSTILE}", "lines": ["last", HOSTILE]}
        return {"record": record | about | {"results": {}, "thumbnail": ""}}
    record |= {"status": "done", "reason": "", "lines": [], "thumbnail": drawing}
    record["results"] = {"square": size**2, HOSTILE: HOSTILE, "loss": 1 / (size + 1)}
    return {"record": record, "notebook": "{}", "page": f"<title>{size}</title>"}
