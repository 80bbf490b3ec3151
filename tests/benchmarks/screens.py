"""What a hand on a slider sees, in JupyterLab in Chromium."""

import contextlib
import json
import random
import shutil
import tempfile
from dataclasses import asdict, dataclass
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
from convrnn_lab.explorer import live
live.FILL_BYTES = -1  # nothing is sent ahead"""

# The best that can be done with it: one figure, and only the leaves that differ are set.
FIGURE_WIDGET = """\
import ipywidgets
import plotly.graph_objects as go
from convrnn_lab import explorers
from convrnn_lab.explorer import states
from convrnn_lab.explorer.controls import resolve
{prepare}
explorer = {make}
shown = [explorer.view(**explorer.values).plotly()]
figure = go.FigureWidget(shown[0])
slider = ipywidgets.IntSlider(value={start}, min={low}, max={high})
def update(_):
    values = explorer.values | {{{name!r}: slider.value}}
    wanted = explorer.view(**resolve(explorer.declared, values)).plotly()
    with figure.batch_update():
        for path, value in states.difference(shown[0], wanted):
            if 'meta' in path:
                continue
            place = figure
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
    shown[0] = wanted
slider.observe(update, 'value')
box = ipywidgets.VBox([slider, figure])
box.add_class('measured')
box"""


@dataclass(frozen=True)
class Move:
    """A slider of an explorer that is moved there and back between two values."""

    make: str
    name: str
    label: str
    low: int
    high: int
    start: int
    prepare: str = ""

    @property
    def ours(self):
        return (
            f"from convrnn_lab import explorers\n{self.prepare}\nexplorer = {self.make}\nexplorer"
        )

    @property
    def figure_widget(self):
        return FIGURE_WIDGET.format(**asdict(self))


KERNEL = Move("explorers.convolution()", "kernel_size", "kernel size", 3, 11, 3)
"""A setting that the browser computes."""

LAYERS = Move("explorers.stack()", "layers", "layers", 2, 6, 4)
"""A setting that the kernel is asked for."""

COLUMN = Move("explorers.convolution()", "column", "column", 1, 60, 1)
"""A look: the browser draws it by itself."""

DIGITS = """\
from convrnn_lab import data, models
digits, model = data.digits(), models.trained_cnn()"""

MEASURED = """\
from convrnn_lab import explorers, measure
explorer = explorers.kernel_cost()
for each in map(measure.canonical_setting, explorer.settings(explorer.values)):
    seconds = 1e-9 * measure.count(each).multiply_adds
    found = measure.Measured(measure.Timing('', (seconds,) * 5))
    explorer.store.add(measure.key(each), found)
store = explorer.store"""

OTHERS = [
    Move("explorers.pooling()", "window", "window", 2, 8, 2),
    Move("explorers.pooling1d()", "window", "window", 2, 8, 4),
    Move("explorers.shift()", "shift", "shift", 0, 8, 1),
    Move("explorers.stack()", "kernel_size", "kernel size", 2, 5, 3),
    Move("explorers.training(digits)", "kernel_size", "kernel size", 1, 5, 3, DIGITS),
    Move(
        "explorers.layers(model, digits.examples(), layer='conv2', classes='0123456789')",
        *("channel", "channel", 0, 20, 0, DIGITS),
    ),
    Move(
        "explorers.attributions(model, digits.examples())",
        *("occluded", "occlusion", 1, 11, 5, DIGITS),
    ),
    Move(
        "explorers.hidden_state(length=512, hidden_size=64, time=256)",
        *("time", "time step", 250, 262, 256),
    ),
    Move("explorers.gates(cell='LSTM', length=64)", "time", "step", 20, 40, 32),
    Move("explorers.kernel_cost(store=store)", "stride", "stride", 1, 2, 1, MEASURED),
    Move(
        "explorers.errors(model, digits.test_images, digits.test_labels)",
        *("example", "example", 0, 2, 0, DIGITS),
    ),
]
"""One slider of each explorer that came after the first."""

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
  if (window.measured) {
    measured.times.length = measured.paints.length = 0;
    return;
  }
  const root = document.querySelector('.convrnn-lab-explorer, .measured');
  const words = () => [...root.querySelectorAll(
      '.cl-title, figcaption, .gtitle, .annotation-text, .jupyter-widgets.widget-label')]
      .map(element => element.textContent).join('|');
  const parts = '.heatmaplayer image, .shapelayer path, .trace path, .points path, '
      + '.cl-matrix span, .cl-drawn, .cl-panels canvas';
  const drawing = () => [...root.querySelectorAll(parts)].map(element =>
      element.toDataURL?.() ?? element.getAttribute('href') ?? element.getAttribute('d')
          ?? element.innerHTML).join('|');
  window.words = words;
  window.measured = {times: [], paints: []};
  let began = null, before = null;
  document.addEventListener('keydown', () => {
    before = [words(), drawing()];
    began = performance.now();
  }, true);
  const look = () => {
    if (began === null) return;
    if (before[1] ? drawing() === before[1] : words() === before[0]) return;
    const start = began;
    began = null;
    measured.times.push(performance.now() - start);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      measured.paints.push(performance.now() - start);
    }));
  };
  new MutationObserver(look)
      .observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
  const everyFrame = () => { look(); requestAnimationFrame(everyFrame); };
  everyFrame(); // of a canvas that is painted anew no mutation tells
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
            """() => new Promise((resolve, reject) => {
              const start = performance.now();
              const look = () => {
                const parts = '.heatmaplayer image, .trace path, .cl-drawn path, '
                    + '.measured .widget-label';
                const found = document.querySelector(parts);
                if (found) resolve(performance.now() - start);
                else if (performance.now() - start > 120_000)
                  reject(new Error(document.querySelector('.jp-Notebook').innerText));
                else setTimeout(look, 5);
              };
              jupyterapp.commands.execute('notebook:run-all-cells');
              look();
            })"""
        )

    @staticmethod
    def run(page, code):
        """Run code in the notebook's kernel."""
        return LiveNotebook.run(type("Opened", (), {"page": page}), code)

    def steps(self, page, move, count, *, forget=False):
        """Press the arrow keys `count` times, there and back; return times to figure and paint.

        With `forget`, the browser forgets its states before each press.
        """
        named = page.locator(f'.noUi-handle[aria-label="{move.label}"]').or_(
            _look(page, move.label)
        )
        (named if named.count() else page.locator(".noUi-handle")).first.focus()
        page.evaluate(MEASURE)
        # The second of two rounds begins where the first one ended.
        step, at = (
            1,
            int(
                page.evaluate(
                    """document.activeElement.value ?? document.activeElement
                     .closest('.widget-inline-hbox').querySelector('.widget-readout').textContent"""
                )
            ),
        )
        for done in range(1, count + 1):
            if not move.low <= at + step <= move.high:
                step = -step
            at += step
            if forget:
                self.run(page, "explorer.refresh()")
                page.wait_for_timeout(PACE_MS)
            page.keyboard.press("ArrowRight" if step > 0 else "ArrowLeft")
            page.wait_for_function(f"measured.paints.length === {done}", timeout=10_000)
            page.wait_for_timeout(PACE_MS)
        found = page.evaluate("measured")
        return found["times"], found["paints"]


def _look(page, label):
    """Return the slider of a look."""
    return page.locator(f'.cl-looks label:not([hidden]):has(> span:text-is("{label}")) input')


PACE_MS = 250  # between two single presses, as a hand makes them


def moving(bench):
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)  # for the states around this one
        ours, our_paints = bench.steps(page, KERNEL, 60)
    with bench.notebook(KERNEL.figure_widget) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        other, other_paints = bench.steps(page, KERNEL, 60)
    with bench.notebook(LABEL) as page:
        bench.figure(page)
        page.wait_for_timeout(1000)
        label, _ = bench.steps(page, KERNEL, 60)
    what = "key press to changed figure, computed by the page"
    yield table.ratio(what, ours, other, 0.3, against="FigureWidget")
    yield table.ratio(what, ours, label, 1.0, against="slider to label")
    yield table.ratio(
        "the same, to its paint", our_paints, other_paints, 1.0, against="FigureWidget"
    )


def missing(bench):
    with bench.notebook(LAYERS.ours) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        held, _ = bench.steps(page, LAYERS, 30)
        bench.run(page, MISSING)
        missed, _ = bench.steps(page, LAYERS, 30, forget=True)
    with bench.notebook(LAYERS.figure_widget) as page:
        bench.figure(page)
        page.wait_for_timeout(3000)
        other, _ = bench.steps(page, LAYERS, 30)
    what = "key press to changed figure, state"
    yield table.ratio(f"{what} in the table", held, other, 0.3, against="FigureWidget")
    yield table.ratio(f"{what} not in the table", missed, other, 0.45, against="FigureWidget")


def looking(bench):
    """Move the window live; the kernel hears nothing while the hand moves."""
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(3000)
        ours, _ = bench.steps(page, COLUMN, 60)
    with bench.notebook(COLUMN.figure_widget) as page:
        bench.figure(page)
        page.wait_for_timeout(3000)
        other, _ = bench.steps(page, COLUMN, 60)
    yield table.ratio("key press to moved window", ours, other, 0.3, against="FigureWidget")
    yield table.frame("the same", ours, median=12, most=20)


def others(bench):
    """Move one slider of every other explorer, with the states in the table and without."""
    for move in OTHERS:
        with bench.notebook(move.ours) as page:
            bench.figure(page)
            page.wait_for_timeout(4000)
            held, _ = bench.steps(page, move, 16)
            looks = _look(page, move.label).count()
            bench.run(page, MISSING)
            missed = [] if looks else bench.steps(page, move, 16, forget=True)[0]
        with bench.notebook(move.figure_widget) as page:
            bench.figure(page)
            page.wait_for_timeout(2000)
            other, _ = bench.steps(page, move, 16)
        what = f"{move.make.split('(')[0].removeprefix('explorers.')}: {move.label}"
        where = "a look" if looks else "in the table"
        yield table.ratio(f"{what}, {where}", held, other, 0.3, against="FigureWidget")
        if missed:
            yield table.ratio(f"{what}, not in it", missed, other, 0.45, against="FigureWidget")


def hurrying(bench):
    with bench.notebook(EXPLORER) as page:
        bench.figure(page)
        page.wait_for_timeout(4000)
        _look(page, "column").first.focus()
        seen, settled = page.evaluate(
            """async () => {
              const slider = document.activeElement;
              const root = document.querySelector('.convrnn-lab-explorer');
              const read = () => [...root.querySelectorAll('.cl-outlines path')]
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
                slider.value = Number(slider.value) + 1;
                slider.dispatchEvent(new Event('input'));
                await new Promise(resolve => setTimeout(resolve, 33));
              }
              await new Promise(resolve => setTimeout(resolve, 117));
              const last = read();
              watching = false;
              await new Promise(resolve => setTimeout(resolve, 1500));
              const label = root.querySelector('.cl-panels').getAttribute('aria-label');
              const right = label.includes(`column ${slider.value} is`);
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
        with bench.notebook(KERNEL.figure_widget) as page:
            other.append(bench.figure(page) / 1000)
    yield table.ratio(
        "run cell to first figure", ours, other, 0.45, unit="s", against="FigureWidget"
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
              const handles = [...document.querySelectorAll(
                  '.convrnn-lab-explorer .noUi-handle, .cl-looks input')];
              let seed = 1;
              const chance = n => { seed = (seed * 48271) % 2147483647; return seed % n; };
              for (let i = 0; i < 1000; i++) {
                const handle = handles[chance(handles.length)];
                const step = chance(2) ? 1 : -1;
                if (handle.tagName === 'INPUT') {
                  handle.value = Number(handle.value) + step;
                  handle.dispatchEvent(new Event('input'));
                } else {
                  handle.dispatchEvent(new KeyboardEvent('keydown',
                    {key: step > 0 ? 'ArrowRight' : 'ArrowLeft', bubbles: true, cancelable: true}));
                }
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
            for measure in (moving, looking, missing, hurrying, starting, memory, others):
                if not names or measure.__name__ in names:
                    yield from measure(bench)
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
