"""Controls that depend on each other, in a real JupyterLab: screen, kernel and figure agree."""

import nbformat
import pytest

from convrnn_lab import explorers
from convrnn_lab.explorer import asleep
from tests.browser.conftest import end_kernel
from tests.browser.live import HANDLE, PATIENCE_MS, RAIL
from tests.browser.views import same_as_view

pytestmark = pytest.mark.browser

IMAGE, SIGNAL = 0, 1
NAMES = ("Convolution of an image", "Convolution of a signal")


@pytest.fixture
def live(live_notebook):
    notebook = live_notebook("01_convolution", 3)
    notebook.run(
        "import gc\n"
        "from convrnn_lab.explorers import Explorer\n"
        "made = {e.name: e for e in gc.get_objects() if isinstance(e, Explorer)}"
    )
    return notebook


def check(live, explorer, size, padding):
    """See that kernel, controls and figure have the same two values."""
    live.says(f"made[{NAMES[explorer]!r}].values['kernel_size']", str(size))
    live.says(f"made[{NAMES[explorer]!r}].values['padding']", str(padding))
    screen, shown = live.settled(explorer), live.values(explorer)
    assert (shown["kernel size"], shown["padding"]) == (str(size), str(padding))
    same_as_view(screen, (explorers.convolution, explorers.convolution1d)[explorer](), shown)


def at_end(live, label, explorer):
    """Put a handle at its end by the mouse."""
    rail = live.control(label, explorer).locator(RAIL)
    rail.scroll_into_view_if_needed()
    box = rail.bounding_box()
    live.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize(("explorer", "word"), [(IMAGE, "same"), (SIGNAL, "causal")])
def test_a_padding_in_words_stays_while_the_kernel_size_moves(live, explorer, word):
    handle = live.control("kernel size", explorer).locator(HANDLE)
    handle.focus()
    start = int(live.values(explorer)["kernel size"])
    at_end(live, "padding", explorer)
    check(live, explorer, start, word)

    handle.focus()
    for size in (start + 1, start + 2):
        live.page.keyboard.press("ArrowRight")
        check(live, explorer, size, word)
    for size in (start + 1, start):
        live.page.keyboard.press("ArrowLeft")
        check(live, explorer, size, word)
    # By the mouse, from the smallest kernel to the largest.
    at_end(live, "kernel size", explorer)
    check(live, explorer, 11, word)
    padding = live.control("padding", explorer).locator(HANDLE)
    padding.focus()
    live.page.keyboard.press("Home")
    check(live, explorer, 11, 0)
    # The whole of the new range is within reach.
    live.page.keyboard.press("End")
    check(live, explorer, 11, word)


def test_a_live_figure_hides_the_line_that_says_how_to_wake_it(live):
    assert live.page.locator(".convrnn-lab-asleep").all()

    # The questions at the end wake when they come near the screen.
    live.page.wait_for_function(
        """() => {
          const lines = [...document.querySelectorAll(".convrnn-lab-asleep")];
          const left = lines.filter((line) => line.checkVisibility());
          left[0]?.closest(".jp-Cell").scrollIntoView();
          return left.length === 0;
        }""",
        polling=500,
        timeout=PATIENCE_MS,
    )


def test_a_notebook_opened_again_says_how_to_wake_its_figures(open_page, lab):
    view = {"model_id": "of-a-kernel-that-ended", "version_major": 2, "version_minor": 0}
    widget = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "Explorer()"}
    line = {"text/html": f'<p class="convrnn-lab-asleep">{asleep.SENTENCE}</p>'}
    outputs = [nbformat.v4.new_output("display_data", data) for data in (line, widget)]
    cell = nbformat.v4.new_code_cell("explorers.convolution()", outputs=outputs)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(notebook, lab.folder / "again.ipynb")

    page = open_page(f"{lab.address}/lab/workspaces/again/tree/again.ipynb?reset")

    page.get_by_text(asleep.SENTENCE).wait_for(timeout=PATIENCE_MS)
    end_kernel(page)
