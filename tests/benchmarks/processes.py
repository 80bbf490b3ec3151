"""What a shell sees: importing, running a notebook, sizes of files."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from convrnn_lab import reports
from tests.benchmarks import table

BIN = Path(sys.executable).parent


def seconds(*command, cwd=None):
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=cwd)
    return time.perf_counter() - began


def importing():
    ours, empty = [], []
    for _ in range(25):
        empty.append(1000 * seconds(sys.executable, "-c", "pass"))
        ours.append(1000 * seconds(sys.executable, "-c", "import convrnn_lab"))
    extra = sorted(ours)[len(ours) // 2] - sorted(empty)[len(empty) // 2]
    yield table.bound(
        "import convrnn_lab, beyond `python -c pass`",
        extra,
        50,
        unit="ms",
        other=table.spread(empty, "ms"),
    )


def running():
    ours, other = [], []
    source = reports.find("01_convolution").path
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            command = [BIN / "convrnn-lab", "run", "01_convolution", "-q", "-o", folder]
            ours.append(seconds(*command))
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(source, folder)
            other.append(
                seconds(BIN / "papermill", source.name, "done.ipynb", cwd=folder)
                + seconds(BIN / "jupyter", "nbconvert", "--to", "html", "done.ipynb", cwd=folder)
            )
    yield table.ratio(
        "convrnn-lab run 01_convolution, wall",
        ours,
        other,
        0.7,
        unit="s",
        against="papermill + nbconvert",
    )


def sizes():
    with tempfile.TemporaryDirectory() as folder:
        report = reports.run("01_convolution", output=folder)
        text = report.page.read_text("utf-8")
        held = [int(part.split()[0].replace(",", "")) for part in _held(report)]
        yield table.bound("HTML report of notebook 01", len(text.encode()) / 1e6, 5, unit="MB")
    yield table.bound("states an explorer in it", min(held), 500, unit="", at_least=True)


def _held(report):
    """Read from the packed pages how many settings each says it holds."""
    import base64
    import gzip
    import re

    text = report.page.read_text("utf-8")
    for packed in re.findall(r'data-page[^>]*>.*?<script type="application/gzip">([^<]+)<', text):
        raw = gzip.decompress(base64.b64decode(packed))
        length = int.from_bytes(raw[:4], "little")
        yield json.loads(raw[4 : 4 + length])["holds"].removeprefix("This page holds ")


def widget_state():
    import ipywidgets
    import plotly.graph_objects as go

    from convrnn_lab import explorers

    def saved(make):
        before = set(ipywidgets.Widget.get_manager_state()["state"])
        kept = make()
        state = ipywidgets.Widget.get_manager_state(drop_defaults=False)["state"]
        new = {key: value for key, value in state.items() if key not in before}
        del kept
        return len(json.dumps(new)) / 1000

    explorer = explorers.convolution()
    other = saved(lambda: go.FigureWidget(explorer.figure()))
    ours = saved(lambda: explorers.convolution().live())
    yield table.bound(
        "widget state of an explorer in a saved notebook",
        ours,
        300,
        unit="kB",
        other=f"FigureWidget {other:,.0f} kB",
    )
