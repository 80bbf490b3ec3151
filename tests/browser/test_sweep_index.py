"""The index of a sweep, opened from a file with the network off."""

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from tests.sweeps import synthetic
from tests.sweeps.synthetic import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return synthetic.study(tmp_path_factory.mktemp("study"))


@pytest.fixture
def open_index(open_page, plan):
    def open_(**options):
        path = plan.folder.path / "index.html"
        page = open_page(path.as_uri(), offline=True, **options)
        page.wait_for_selector("body[data-ready]")
        return page

    return open_


@pytest.fixture
def page(open_index):
    return open_index()


def cards(page):
    return page.locator(".card:not([hidden])")


def test_five_hundred_reports_are_one_small_file(plan, page):
    assert (plan.folder.path / "index.html").stat().st_size < 10_000_000
    assert cards(page).count() == 498
    assert page.locator(".card img").count() == 498
    assert "500 reports, 498 done, 2 failed" in page.locator("main").inner_text()
    page.locator(".card img").last.scroll_into_view_if_needed()
    assert page.locator(".card img").last.evaluate("image => image.naturalWidth") == 192


def test_texts_are_texts_and_never_markup(page):
    assert page.title() == f"Sizes {HOSTILE}"
    assert page.locator("h1").inner_text() == f"Sizes {HOSTILE}"
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("script").count() == 2
    assert page.get_by_label(HOSTILE, exact=True).count() == 1


def test_filters_leave_what_fits(page):
    page.locator("fieldset", has_text="cell").get_by_label("LSTM").uncheck()
    page.locator("fieldset", has_text="size").get_by_label("from").fill("40")

    assert cards(page).count() == 10 * 4 * 2
    assert page.locator(".point").count() == 10 * 4 * 2
    assert page.get_by_text("80 of 500 reports shown").is_visible()

    page.get_by_role("button", name="Show all").click()

    page.wait_for_function("document.querySelectorAll('.card:not([hidden])').length === 498")


def test_results_are_plotted_against_any_parameter(page):
    page.get_by_label("plot", exact=True).select_option(label="loss")
    for name in ("size", "cell", "rate", "square"):
        page.get_by_label("against").select_option(label=name)

        assert page.locator(".plot .name").first.text_content() == name
        assert page.locator(".point").count() == 498
    page.get_by_label("logarithmic up").check()
    assert page.locator(".point").count() == 498


def test_reports_are_sorted_by_a_result(page):
    page.get_by_label("sorted by").select_option(label="loss")

    assert "size 49" in page.locator(".card a").first.inner_text()


def test_a_card_opens_its_report_whatever_its_name(plan, page):
    names = ["size 7, cell ../é, rate 2", "size 7, cell 字, rate 0.5"]
    for name in names:
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url("**/reports/**")
        assert page.title() == "7"
        assert Path(unquote(urlparse(page.url).path)).is_file()
        page.go_back()
        page.wait_for_selector("body[data-ready]")


def test_a_card_has_the_notebook_too(plan, page):
    link = page.locator(".card", has_text="size 7, cell ../é, rate 2").get_by_text("notebook")

    path = Path(unquote(urlparse(link.evaluate("link => link.href")).path))

    assert path.is_file()
    assert path.suffix == ".ipynb"


def test_failures_show_their_reason_and_last_lines(page):
    failure = page.locator("details").first
    assert failure.locator("summary").inner_text().endswith(f": it {HOSTILE}")

    failure.locator("summary").press("Enter")

    assert failure.locator("pre").inner_text() == f"last\n{HOSTILE}"


def test_points_are_reached_by_keyboard(page):
    page.locator(".plot").focus()

    page.keyboard.press("ArrowRight")
    first = page.locator("p[aria-live]").last.inner_text()
    page.keyboard.press("ArrowLeft")
    last = page.locator("p[aria-live]").last.inner_text()
    page.keyboard.press("Enter")

    assert first.startswith("size 0, ")
    assert last.startswith("size 49, ")
    page.wait_for_url("**/reports/**")
    assert page.title() == "49"


@pytest.mark.parametrize("options", [{"scheme": "dark"}, {"width": 360}])
def test_it_fits_in_the_dark_and_on_a_narrow_screen(open_index, options):
    page = open_index(**options)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ground, text = page.evaluate(
        "(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.body))"
    )
    dark = options.get("scheme") == "dark"
    assert (ground, text) == (
        ("rgb(28, 33, 40)", "rgb(230, 237, 243)")
        if dark
        else ("rgb(255, 255, 255)", "rgb(31, 35, 40)")
    )
