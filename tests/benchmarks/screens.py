"""What a hand on a slider sees, in JupyterLab in Chromium."""

import contextlib
import json
import random
import shutil
import tempfile
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import sync_playwright

from tests.benchmarks import table
from tests.browser import chromium
from tests.browser.conftest import JUPYTER, server
from tests.browser.live import LiveNotebook

EXPLORER = """\
from convrnn_lab import explorers
explorer = explorers.convolution()
explorer"""

MISSING = """\
from convrnn_lab.explorers import live
live.FILL_BYTES = -1  # nothing is sent ahead"""

# The best that can be done with it: one figure, and only the leaves that differ are set.
FIGURE_WIDGET = """\
import ipywidgets
import plotly.graph_objects as go
from convrnn_lab import explorers
from convrnn_lab.explorers import states
explorer = explorers.convolution()
shown = [explorer.view(**explorer.values)]
figure = go.FigureWidget(shown[0])
sliders = {{name: ipywidgets.IntSlider(value=value, min=1, max=60 if name == 'column' else 11)
           for name, value in (('kernel_size', 3), ('column', 1))}}
def update(_):
    wanted = explorer.view(**explorer.values | {{n: sliders[n].value for n in ({name!r},)}})
    with figure.batch_update():
        for path, value in states.difference(shown[0], wanted):
            if 'meta' in path:
                continue
            place = figure
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
    shown[0] = wanted
sliders[{name!r}].observe(update, 'value')
box = ipywidgets.VBox([sliders[{name!r}], figure])
box.add_class('measured')
box"""

LABEL = """\
import ipywidgets
slider = ipywidgets.IntSlider(value=3, min=1, max=11)
label = ipywidgets.Label('3')
slider.observe(lambda change: setattr(label, 'value', str(change['new'])), 'value')
box = ipywidgets.VBox([slider, label])
box.add_class('measured')
box"""

# A figure has changed when its drawing has; a label, when its words have.
MEASURE = """() => {
  const root = document.querySelector('.convrnn-lab-explorer, .measured');
  const words = () => [...root.querySelectorAll(
      '.cl-title, figcaption, .gtitle, .annotation-text, .jupyter-widgets.widget-label')]
      .map(element => element.textContent).join('|');
  const parts = '.heatmaplayer image, .shapelayer path, .cl-matrix span';
  const drawing = () => [...root.querySelectorAll(parts)].map(element =>
      element.getAttribute('href') ?? element.getAttribute('d') ?? element.textContent).join('|');
  window.words = words;
  window.measured = {times: [], paints: []};
  let began = null, before = null;
  document.addEventListener('keydown', () => {
    before = [words(), drawing()];
    began = performance.now();
  }, true);
  new MutationObserver(() => {
    if (began === null) return;
    if (before[1] ? drawing() === before[1] : words() === before[0]) return;
    const start = began;
    began = null;
    measured.times.push(performance.now() - start);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      measured.paints.push(performance.now() - start);
    }));
  }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
}"""


class Bench:
    """One JupyterLab and one browser for all measurements."""

    def __init__(self, browser, address, folder):
        self.browser, self.address, self.folder = browser, address, folder

    @contextlib.contextmanager
    def notebook(self, *cells):
        """Open a notebook of these cells in a page and a kernel of its own; it is not run."""
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        name = f"bench{random.getrandbits(40)}.ipynb"
        nbformat.write(book, self.folder / name)
        context = self.browser.new_context(viewport={"width": 1400, "height": 1000})
        page = context.new_page()
        page.goto(f"{self.address}/lab/workspaces/{Path(name).stem}/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook", timeout=60_000)
        LiveNotebook.idle(type("Opened", (), {"page": page}))
        page.wait_for_timeout(1000)
        try:
            yield page
        finally:
            page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => 0)")
            context.close()

    def figure(self, page):
        """Run the notebook; return the milliseconds to its first figure."""
        return page.evaluate(
            """() => new Promise(resolve => {
              const start = performance.now();
              const look = () => {
                const parts = '.heatmaplayer image, .measured .widget-label';
                const found = document.querySelector(parts);
                if (found) resolve(performance.now() - start);
                else setTimeout(look, 5);
              };
              jupyterapp.commands.execute('notebook:run-all-cells');
              look();
            })"""
        )

    def steps(self, page, handle, count):
        """Press the arrow keys `count` times, there and back; return times to figure and paint."""
        slider = page.locator(".noUi-handle").nth(handle)
        slider.focus()
        page.evaluate(MEASURE)
        there, low, high, at = "ArrowRight", 3, 11, 3
        for done in range(1, count + 1):
            if handle == 0:
                at += 1 if there == "ArrowRight" else -1
            page.keyboard.press(there)
            page.wait_for_function(f"measured.paints.length === {done}", timeout=10_000)
            page.wait_for_timeout(PACE_MS)
            if at == high:
                there = "ArrowLeft"
            elif at == low:
                there = "ArrowRight"
        found = page.evaluate("measured")
        return found["times"], found["paints"]


PACE_MS = 250  # between two single presses, as a hand makes them
KERNEL_SIZE, COLUMN = 0, 5  # which slider of the explorer


def moving(bench):
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)  # for the states around this one
        ours, our_paints = bench.steps(page, KERNEL_SIZE, 60)
    with bench.notebook(FIGURE_WIDGET.format(name="kernel_size")) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        other, other_paints = bench.steps(page, 0, 60)
    with bench.notebook(LABEL) as page:
        bench.figure(page)
        page.wait_for_timeout(1000)
        label, _ = bench.steps(page, 0, 60)
    what = "key press to changed figure, state in the table"
    yield table.ratio(what, ours, other, 0.4, against="FigureWidget")
    yield table.ratio(what, ours, label, 1.0, against="slider to label")
    yield table.ratio(
        "the same, to its paint", our_paints, other_paints, 1.0, against="FigureWidget"
    )


def missing(bench):
    with bench.notebook(
        MISSING, EXPLORER + "\nexplorer.controls['column'].value = 1\nexplorer"
    ) as page:
        bench.figure(page)
        page.wait_for_timeout(3000)
        ours, _ = bench.steps(page, COLUMN, 58)
    with bench.notebook(FIGURE_WIDGET.format(name="column")) as page:
        bench.figure(page)
        page.wait_for_timeout(3000)
        other, _ = bench.steps(page, 0, 7)
        column, _ = _walk(bench, page, 51)
    yield table.ratio(
        "the same, state not in the table", ours, other + column, 0.7, against="FigureWidget"
    )


def _walk(bench, page, count):
    """Go on to the right, past where `steps` turns round."""
    page.evaluate("measured.times.length = measured.paints.length = 0")
    for done in range(1, count + 1):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"measured.paints.length === {done}", timeout=10_000)
        page.wait_for_timeout(PACE_MS)
    found = page.evaluate("measured")
    return found["times"], found["paints"]


def hurrying(bench):
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        page.locator(".noUi-handle").nth(COLUMN).focus()
        seen, settled = page.evaluate(
            """async () => {
              const handle = document.activeElement;
              const root = document.querySelector('.convrnn-lab-explorer');
              const read = () => [...root.querySelectorAll('.shapelayer path')]
                  .map(path => path.getAttribute('d')).join();
              const shown = new Set();
              let watching = true;
              const watch = () => {
                shown.add(read());
                if (watching) requestAnimationFrame(watch);
              };
              shown.add(read());
              requestAnimationFrame(watch);
              for (let i = 0; i < 30; i++) {
                handle.dispatchEvent(new KeyboardEvent('keydown',
                  {key: 'ArrowRight', bubbles: true, cancelable: true}));
                await new Promise(resolve => setTimeout(resolve, 33));
              }
              await new Promise(resolve => setTimeout(resolve, 117));
              const last = read();
              const column = root.querySelectorAll('.widget-readout')[5].textContent;
              watching = false;
              await new Promise(resolve => setTimeout(resolve, 1500));
              const label = root.querySelector('[role=img]').getAttribute('aria-label');
              const right = column === '60' && label.includes(`column ${column} is`);
              return [shown.size - 1, right && read() === last];
            }"""
        )
    yield table.bound("30 steps 33 ms apart: figures shown", seen, 28, unit="", at_least=True)
    yield table.bound(
        "the last one right and nothing pending after 150 ms",
        int(settled),
        1,
        unit="",
        at_least=True,
    )


def starting(bench):
    ours, other = [], []
    for _ in range(3):
        with bench.notebook(EXPLORER) as page:
            ours.append(bench.figure(page) / 1000)
        with bench.notebook(FIGURE_WIDGET.format(name="kernel_size")) as page:
            other.append(bench.figure(page) / 1000)
    yield table.ratio(
        "run cell to first figure", ours, other, 0.5, unit="s", against="FigureWidget"
    )


def memory(bench):
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        kernel = psutil.Process(_kernel_pid(page))
        devtools = page.context.new_cdp_session(page)
        before = kernel.memory_info().rss, _page_bytes(devtools)
        page.evaluate(
            """async () => {
              const handles = [...document.querySelectorAll('.convrnn-lab-explorer .noUi-handle')];
              let seed = 1;
              const chance = n => { seed = (seed * 48271) % 2147483647; return seed % n; };
              for (let i = 0; i < 1000; i++) {
                handles[chance(handles.length)].dispatchEvent(new KeyboardEvent('keydown',
                  {key: chance(2) ? 'ArrowRight' : 'ArrowLeft', bubbles: true, cancelable: true}));
                await new Promise(resolve => setTimeout(resolve, 50));
              }
            }"""
        )
        page.wait_for_timeout(5000)
        after = kernel.memory_info().rss, _page_bytes(devtools)
    for what, old, new in zip(("kernel", "page"), before, after, strict=True):
        yield table.bound(
            f"memory of the {what} after 1,000 moves", (new - old) / 1e6, 20, unit="MB"
        )


def _kernel_pid(page):
    text = page.evaluate(
        """async () => {
          const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          const future = kernel.requestExecute({code: 'import os; print(os.getpid())'});
          let text = '';
          future.onIOPub = message => { text += message.content.text ?? ''; };
          await future.done;
          return text;
        }"""
    )
    return int(text)


def _page_bytes(devtools):
    devtools.send("HeapProfiler.collectGarbage")
    usage = devtools.send("Runtime.getHeapUsage")
    return (
        usage["usedSize"]
        + usage.get("embedderHeapUsedSize", 0)
        + usage.get("backingStorageSize", 0)
    )


def all_rows(names=()):
    """Yield the rows of the measurements named, or of all."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    options = (*JUPYTER, "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}")
    try:
        with sync_playwright() as playwright, server(folder, "jupyterlab", *options) as address:
            browser = playwright.chromium.launch(
                executable_path=chromium.path(), args=chromium.FLAGS
            )
            bench = Bench(browser, address, folder)
            for measure in (moving, missing, hurrying, starting, memory):
                if not names or measure.__name__ in names:
                    yield from measure(bench)
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
