"""A page under a finger: it points, drags, draws and edits, and scrolls everywhere else."""

import pytest

from tests.browser.screen import read
from tests.browser.test_given import cells, pages
from tests.browser.test_page import ready, values

__all__ = ["pages"]  # a fixture

pytestmark = pytest.mark.browser


class Finger:
    """One finger on a page of a phone."""

    def __init__(self, page):
        self.page = page
        self._session = page.context.new_cdp_session(page)

    def drag(self, start, way, steps=8):
        """Drag from a point by a way; return by how much the page has scrolled."""
        before = self.page.evaluate("scrollY")
        self._send("touchStart", [start])
        for step in range(1, steps + 1):
            at = [start[axis] + way[axis] * step / steps for axis in (0, 1)]
            self._send("touchMove", [at])
        self._send("touchEnd", [])
        # What has been touched is drawn, and the page lies still.
        self.page.evaluate(
            """() => new Promise(done => {
              let [last, still] = [-1, 0];
              const look = () => {
                still = scrollY === last ? still + 1 : 0;
                last = scrollY;
                if (still > 5) done(); else requestAnimationFrame(look);
              };
              look();
            })"""
        )
        return self.page.evaluate("scrollY") - before

    def _send(self, kind, points):
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


@pytest.fixture
def phone(pages, open_page):
    """Return a function that opens a page on a phone."""

    def open_(name):
        address = (pages / f"{name}.html").as_uri()
        return ready(open_page(address, width=400, height=700, touch=True, offline=True))

    return open_


def middle(element, x=0.5, y=0.5):
    """Scroll an element into the middle of the screen; return a point of it."""
    element.evaluate("element => element.scrollIntoView({ block: 'center' })")
    box = element.bounding_box()
    return [box["x"] + x * box["width"], box["y"] + y * box["height"]]


def place(page):
    return [int(values(page)[name]) for name in ("row", "column")]


def window(page, panel):
    """Return where the window lies in the middle of its panel, on the screen."""
    plot = page.locator(".cl-plot").nth(panel)
    plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")
    taps = [1, 1] if panel == 0 else [0, 0]
    row, column = (at + tap for at, tap in zip(place(page), taps, strict=True))
    return page.evaluate(
        """([panel, row, column]) => {
          const plot = document.querySelectorAll('.cl-plot')[panel];
          const box = plot.getBoundingClientRect();
          const pixel = (axis, value, length) => Array.from({ length }, (_, at) => at)
            .find(at => axis.toValue(at) >= value);
          return [box.left + pixel(plot.axes.x, column, box.width),
                  box.top + pixel(plot.axes.y, row, box.height)];
        }""",
        [panel, row, column],
    )


@pytest.mark.parametrize("panel", [0, 1], ids=["input", "output"])
def test_a_finger_drags_the_window_any_way_and_the_page_stays(phone, panel):
    page = phone("image")
    finger = Finger(page)

    for way in ([0, 60], [-50, -60], [70, 70], [0, -80]):
        before = place(page)

        assert finger.drag(window(page, panel), way) == 0

        rows, columns = (now - then for now, then in zip(place(page), before, strict=True))
        assert (rows > 0, rows < 0) == (way[1] > 0, way[1] < 0)
        assert (columns > 0, columns < 0) == (way[0] > 0, way[0] < 0)


def test_a_finger_beside_the_window_taps_slides_and_scrolls(phone):
    page = phone("image")
    finger = Finger(page)
    output = page.locator(".cl-plot").nth(1)
    page.touchscreen.tap(*middle(output, 0.3, 0.3))
    tapped = place(page)

    assert finger.drag(middle(output, 0.7, 0.7), [0, -120]) > 60
    assert place(page) == tapped
    assert finger.drag(middle(output, 0.3, 0.7), [90, 0]) == 0
    assert place(page)[0] > tapped[0]
    assert place(page)[1] > tapped[1]


@pytest.mark.parametrize("element", [".cl-weights input >> nth=4", "figcaption >> nth=1", "dt"])
def test_the_page_scrolls_where_there_is_nothing_to_drag(phone, element):
    page = phone("image")
    before = read(page)

    assert abs(Finger(page).drag(middle(page.locator(element).first), [0, 120])) > 60

    assert read(page) == before


def test_a_weight_is_dragged_once_it_has_been_tapped(phone):
    page = phone("image")
    cell = cells(page).nth(4)
    at = middle(cell)
    page.touchscreen.tap(*at)

    assert Finger(page).drag(at, [0, -32]) == 0

    assert cell.input_value() == "0.5"
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    assert read(page).trace("weight")["z"][1][1] == 7


def test_the_pen_draws_with_a_finger_and_the_page_stays(phone):
    page = phone("signal")
    before = read(page)
    page.get_by_role("button", name="draw").tap()

    scrolled = Finger(page).drag(middle(page.locator(".cl-plot").first, 0.3, 0.15), [90, 30])

    signal, samples = (each.trace("input")["y"] for each in (read(page), before))
    drawn = [at for at in range(96) if signal[at] != samples[at]]
    assert scrolled == 0
    assert drawn[-1] - drawn[0] > 10
    assert all(signal[at] > signal[at + 1] for at in range(drawn[2], drawn[-2]))
    assert values(page)["position"] == "42"


def test_a_picture_is_drawn_with_a_finger_and_the_page_stays(phone):
    page = phone("image")
    page.get_by_text("Your own picture").tap()

    assert Finger(page).drag(middle(page.locator(".cl-pad"), 0.2, 0.2), [60, 80]) == 0

    page.get_by_text("Shown: your picture, reduced to 28 × 28.").wait_for()


def test_steps_are_tapped_and_every_target_takes_a_finger(phone):
    page = phone("signal")

    page.get_by_role("button", name="forward").tap()

    page.locator("[aria-valuetext='43']").wait_for(timeout=20_000)
    page.touchscreen.tap(*middle(cells(page).nth(2)))
    page.keyboard.type("2")
    page.get_by_role("button", name="draw").tap()
    Finger(page).drag(middle(page.locator(".cl-plot").first, 0.3, 0.2), [90, 60])

    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, summary')]
          .filter(each => each.checkVisibility())
          .map(each => [each.textContent || each.type, each.getBoundingClientRect()])
          .filter(([, box]) => Math.min(box.width, box.height) < 24).map(([name]) => name)"""
    )
    assert small == []
    assert page.get_by_role("button", name="take it back").is_visible()
    assert page.get_by_role("button", name="reset").is_visible()
