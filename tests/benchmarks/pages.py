"""What a hand sees in a page without a kernel: the time from the hand to the changed figure."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.benchmarks import table
from tests.browser import chromium
from tests.browser.views import EXPLORERS

MOVES = 120

# From the event to the end of the frame that shows it; the hand moves whenever it likes.
MOVE = """async ([index, moves]) => {
  const root = document.querySelectorAll('.convrnn-lab[data-ready]')[index];
  const rows = [...root.querySelectorAll('.cl-looks label:not([hidden])')];
  const inputs = rows.map(row => row.querySelector('input, select'));
  const painted = () => new Promise(resolve => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(0);
  }));
  if (!inputs.length) return [];
  root.scrollIntoView();
  const times = [];
  for (let move = 0; move < moves + 5; move += 1) {
    await new Promise(resolve => setTimeout(resolve, 20 + 17 * ((move * 0.618) % 1)));
    const input = inputs[move % inputs.length];
    const options = input.options?.length;
    const [low, high] = options ? [0, options - 1] : [Number(input.min), Number(input.max)];
    const start = performance.now();
    input.value = Number(input.value) < high ? Number(input.value) + 1 : low;
    input.dispatchEvent(new Event('input'));
    await painted();
    if (move >= 5) times.push(performance.now() - start);
  }
  return times;
}"""

# Notes the time from each move of the pointer over what is chosen to the end of its frame.
WATCH = """([selector, kind]) => {
  window.times = [];
  document.querySelector(selector).addEventListener(kind, () => {
    const start = performance.now();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.times.push(performance.now() - start);
      channel.port2.postMessage(0);
    });
  }, true);
}"""


def looks():
    """Move every look of every explorer of the notebooks by one, again and again."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        for notebook, make in EXPLORERS.items():
            for place, (explorer, _) in enumerate(make()):
                if explorer.view.looks:
                    path = Path(folder) / f"{notebook}-{place}.html"
                    times = _times(browser, explorer, path)
                    if times:  # an explorer that starts where there is one place only has none
                        what = f"a look in a page: {notebook}, {explorer.name}"
                        yield table.frame(what, times, median=12, most=20)
        browser.close()


def _times(browser, explorer, path):
    explorer.page(path, vary=[])
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".convrnn-lab[data-ready]", timeout=60_000)
    times = page.evaluate(MOVE, [0, MOVES])
    page.context.close()
    return times


def given():
    """Turn a weight of a kernel by the wheel, and draw a digit that a network follows."""
    convolution, network = EXPLORERS["00_start"]()[0][0], EXPLORERS["04_cnn"]()[2][0]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        times = _hand(browser, convolution, Path(folder) / "weight.html", _wheel)
        yield table.frame("a weight edited in a page", times, median=12, most=20)
        times = _hand(browser, network, Path(folder) / "digit.html", _pen)
        yield table.frame("a digit drawn in a page, to maps and answer", times, median=25, most=50)
        browser.close()


def _hand(browser, explorer, path, act):
    explorer.page(path, vary=[])
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(".convrnn-lab[data-ready]", timeout=60_000)
    act(page)
    page.wait_for_timeout(200)
    times = page.evaluate("window.times")
    page.context.close()
    return times


def _wheel(page):
    page.locator(".cl-weights input").nth(1).click()
    page.evaluate(WATCH, [".cl-weights", "wheel"])
    for move in range(MOVES):
        page.mouse.wheel(0, -100 if move % 7 < 4 else 100)
        page.wait_for_timeout(20 + move % 17)


def _pen(page):
    page.locator(".cl-own summary").click()
    box = page.locator(".cl-pad").bounding_box()
    page.mouse.move(box["x"] + 35, box["y"] + 25)
    page.evaluate(WATCH, [".cl-pad", "pointermove"])
    page.mouse.down()
    for move in range(MOVES):
        right, down = (70 * (move % 40) / 40, 0) if move % 80 < 40 else (0, 90 * (move % 40) / 40)
        page.mouse.move(box["x"] + 35 + right, box["y"] + 25 + down)
        page.wait_for_timeout(20 + move % 17)
    page.mouse.up()


BEFORE_VARIABLE = "CONVRNN_BEFORE"
"""Environment variable: the folder of an earlier version, such as `git worktree add` makes."""

# Runs in the folder of either version; both know the notebooks' explorers, but for those of 01.
BUILD = """
import tempfile, time
from pathlib import Path
from convrnn_lab import explorers
from tests.browser.views import EXPLORERS

own = [explorers.convolution(), explorers.convolution1d(), explorers.transposed_convolution()]
others = [make() for notebook, make in EXPLORERS.items() if not notebook.startswith("00")]
made = own + [explorer for each in others for explorer, _ in each]
with tempfile.TemporaryDirectory() as folder:
    began = time.process_time()
    for explorer in made:
        explorer.page(Path(folder) / "page.html")
    print(time.process_time() - began)
"""


def building():
    """Write the pages of all explorers of the notebooks, as their reports do."""
    for notebook, make in EXPLORERS.items():
        made = [explorer for explorer, _ in make()]
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            pages = [each.page(Path(folder) / f"{i}.html") for i, each in enumerate(made)]
            taken = time.process_time() - began
            size = sum(page.stat().st_size for page in pages) / 1e6
        yield table.told(f"pages of {notebook}", f"{taken:.1f} s, {len(made)} pages, {size:.1f} MB")
    before = os.environ.get(BEFORE_VARIABLE)
    if not before:
        yield table.told(f"pages of all notebooks: no earlier version in {BEFORE_VARIABLE}", "-")
        return
    turns = [(_built(Path.cwd()), _built(Path(before))) for _ in range(3)]
    ours, other = zip(*turns, strict=True)
    what = "pages of all notebooks, processor time"
    yield table.ratio(what, ours, other, 0.5, unit="s", against="the version before")


def _built(checkout):
    """Return the seconds that the pages of a version take, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD],
        capture_output=True,
        text=True,
        check=True,
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
    )
    return float(done.stdout.split()[-1])
