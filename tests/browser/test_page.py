"""The kernel-free page and the report, opened from a file with the network off."""

import re
import urllib.parse

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import data, explorers, reports
from convrnn_lab.explorers import Choice, Explorer, Slider
from tests.browser.screen import read
from tests.browser.views import EXPLORERS, same_as_view

pytestmark = pytest.mark.browser


def ready(page, count=1):
    page.wait_for_function(
        f"document.querySelectorAll('.convrnn-lab[data-ready]').length === {count}"
    )
    return page


@pytest.fixture(scope="session")
def convolution_file(tmp_path_factory):
    return explorers.convolution("digit 3", row=5, column=7).page(
        tmp_path_factory.mktemp("convolution") / "page.html",
        vary={"image": ["digit 3", "digit 7"]},
    )


@pytest.fixture
def convolution_page(open_page, convolution_file):
    return ready(open_page(convolution_file.as_uri(), offline=True))


def control(page, name, root=0):
    label = page.locator(".convrnn-lab").nth(root).locator(".cl-controls label")
    return label.filter(has=page.locator("span", has_text=re.compile(f"^{name}$")))


def values(page, root=0):
    """Return what the controls of a page say, by their labels."""
    return (
        page.locator(".convrnn-lab")
        .nth(root)
        .evaluate(
            """root => Object.fromEntries([
              ...root.querySelectorAll('.cl-controls label')].map(label => [
            label.querySelector('span').textContent,
            label.querySelector('output')?.textContent
                ?? label.querySelector('select').selectedOptions[0].textContent,
        ]))"""
        )
    )


def torch_output(page):
    """Convolve with torch what the controls of a page say."""
    shown = values(page)
    size = int(shown["kernel size"])
    padding = shown["padding"]
    return F.conv2d(
        data.image(shown["image"])[None, None],
        data.kernel(shown["kernel"], size)[None, None],
        stride=int(shown["stride"]),
        padding="same" if padding == "same" else int(padding),
        dilation=int(shown["dilation"]),
    )[0, 0]


def check_numbers(page):
    shown, screen = values(page), read(page)
    output = torch_output(page)
    torch.testing.assert_close(
        torch.tensor(screen.trace("output")["z"]), output, rtol=1e-6, atol=1e-6
    )
    value = output[int(shown["row"]), int(shown["column"])].item()
    assert torch.tensor(screen.trace("product")["z"]).sum().item() == pytest.approx(value, abs=1e-5)
    assert screen.facts["Output height"].endswith(f"= {len(output)}")


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("kernel size", ["ArrowRight"]),
        ("stride", ["ArrowRight"]),
        ("padding", ["ArrowRight", "ArrowRight"]),
        ("dilation", ["ArrowRight"]),
        ("row", ["ArrowLeft"]),
        ("column", ["ArrowRight"]),
    ],
)
def test_every_slider_follows_the_keyboard(convolution_page, name, moves):
    check_numbers(convolution_page)
    before = values(convolution_page)[name]

    for move in moves:
        control(convolution_page, name).locator("input").press(move)

    assert values(convolution_page)[name] != before
    check_numbers(convolution_page)


@pytest.mark.parametrize(("name", "option"), [("image", "digit 7"), ("kernel", "box")])
def test_every_list_can_be_chosen_from(convolution_page, name, option):
    control(convolution_page, name).locator("select").select_option(option)

    assert values(convolution_page)[name] == option
    check_numbers(convolution_page)


def test_a_slider_follows_the_mouse(convolution_page):
    box = control(convolution_page, "kernel size").locator("input").bounding_box()

    convolution_page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)

    assert values(convolution_page)["kernel size"] == "11"
    check_numbers(convolution_page)


def place(page):
    return values(page)["row"], values(page)["column"]


def test_the_step_buttons_read_the_output_like_text(convolution_page):
    control(convolution_page, "column").locator("input").press("End")

    seen = [place(convolution_page)]
    for name in ("forward", "forward", "back", "back", "from the start"):
        convolution_page.get_by_role("button", name=name).click()
        check_place(convolution_page)
        seen.append(place(convolution_page))

    assert seen == [("5", "25"), ("6", "0"), ("6", "1"), ("6", "0"), ("5", "25"), ("0", "0")]


def check_place(page):
    """See that the numbers taken apart are those of the place that the controls say."""
    row, column = map(int, place(page))
    value = torch_output(page)[row, column].item()
    products = torch.tensor(read(page).trace("product")["z"])
    assert products.sum().item() == pytest.approx(value, abs=1e-5)


def built(page):
    """Count the values of the output that are there."""
    return np.isfinite(np.array(read(page).trace("output")["z"], dtype=float)).sum()


def test_playing_builds_the_output_and_pauses_where_one_wants(convolution_page):
    page = convolution_page
    page.get_by_role("button", name="from the start").click()
    assert built(page) == 1
    page.get_by_label("Speed").select_option("4×")

    page.get_by_role("button", name="play").click()
    page.wait_for_function("document.querySelectorAll('output')[4].textContent === '9'")
    page.locator(".cl-figure .cl-plot").first.press(" ")
    row, column = map(int, place(page))
    assert built(page) == 26 * row + column + 1
    check_place(page)
    page.wait_for_timeout(200)
    assert place(page) == (str(row), str(column))
    page.locator(".cl-figure .cl-plot").first.press(" ")
    page.get_by_role("button", name="play").wait_for()

    assert place(page) == ("25", "25")
    check_numbers(page)


def test_looking_elsewhere_by_hand_shows_the_whole_output(convolution_page):
    convolution_page.get_by_role("button", name="from the start").click()

    control(convolution_page, "row").locator("input").press("ArrowRight")

    check_numbers(convolution_page)


def test_a_click_into_the_output_picks_the_nearest_value_held(convolution_page):
    plot = convolution_page.locator(".cl-pick .cl-area").nth(1)
    box = plot.bounding_box()

    convolution_page.mouse.move(box["x"] + 5, box["y"] + 5)
    convolution_page.mouse.click(box["x"] + 5, box["y"] + 5)

    convolution_page.wait_for_function("document.querySelector('.cl-title')")
    assert values(convolution_page)["row"] == "0"
    check_numbers(convolution_page)


LINKED = {"kernel": "box", "kernel_size": "5", "padding": "same", "row": "24", "column": "1"}


def linked(page, part):
    """Open another part of the page that is open, as a link does."""
    page.evaluate("part => { location.hash = part; }", part)
    page.wait_for_timeout(100)


def said(page, root=0):
    return page.locator(".convrnn-lab").nth(root).locator(".cl-steps .cl-problem").text_content()


def test_a_copied_link_opens_the_same_state(convolution_page, open_page):
    page = convolution_page
    control(page, "kernel").locator("select").select_option("box")
    control(page, "kernel size").locator("input").press("ArrowRight")
    control(page, "column").locator("input").press("Home")
    wanted = values(page)

    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    other = ready(open_page(page.url, offline=True))

    assert "kernel=box" in page.url
    assert values(other) == wanted
    check_numbers(other)
    assert said(other) == ""


def test_a_link_reaches_places_that_only_its_settings_have(convolution_page):
    linked(convolution_page, f"#figure-1?{urllib.parse.urlencode(LINKED)}")

    assert values(convolution_page) | {"kernel size": "5", "row": "24"} == values(convolution_page)
    check_numbers(convolution_page)


HOSTILE = {
    "#figure-1?row=99": (
        "The link asks for row “99”, which this figure does not have; it stays as it is."
    ),
    "#figure-1?kernel_size=5&column=1&row=-1": (
        "The link asks for row “-1”, which this figure does not have; it stays as it is."
    ),
    "#figure-1?kernel=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E": (
        "The link asks for kernel “<img src=x onerror=alert(1)>”, which this figure does not have; "
        "it stays as it is."
    ),
    "#figure-1?__proto__=1": None,
    "#figure-1?row=1&row=2": None,
    "#figure-7?row=1": None,
    "#%E0%A4%A": None,
    "#<script>alert(1)</script>": None,
    "#figure-1?" + "row=1&" * 2000: None,
}
UNREADABLE = "The part of the link after # names no state of this page; the figure stays as it is."


def test_a_hostile_link_is_refused_in_a_sentence_and_the_figure_stays(convolution_page):
    before, screen = values(convolution_page), read(convolution_page)

    for part, sentence in HOSTILE.items():
        linked(convolution_page, part)

        assert said(convolution_page) == (sentence or UNREADABLE)
        assert values(convolution_page) == before
        assert read(convolution_page) == screen
    assert convolution_page.locator("img").count() == 0


def test_an_old_browser_is_told_in_a_sentence(browser, tmp_path):
    path = explorers.stack().page(tmp_path / "stack.html", vary=[])
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")

    page.goto(path.as_uri())

    assert page.locator(".convrnn-lab").inner_text() == (
        "This browser cannot unpack the figures of this page: any browser from 2023 on can."
    )
    context.close()


def pictures(folder):
    """Make files that a reader may open, and what is said of each."""
    from PIL import Image

    (folder / "text.png").write_text("I am no picture", "utf-8")
    Image.new("1", (8000, 5000)).save(folder / "large.png")
    frames = [Image.new("L", (64, 64), grey) for grey in (51, 255)]
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:])
    return {
        "text.png": "text.png is no picture that the browser can read",
        "large.png": "large.png has 8000 × 5000 pixels; at most 24 million can be opened",
        "moving.gif": "",
    }


def test_a_file_is_opened_as_a_picture_or_refused_in_a_sentence(convolution_page, tmp_path):
    page = convolution_page
    page.locator("details:has(.cl-draw) summary").first.click()
    before = read(page).trace("input")
    field = page.locator(".cl-draw").first

    for name, sentence in pictures(tmp_path).items():
        field.locator("input[type=file]").set_input_files(tmp_path / name)
        found = field.locator(".cl-problem")
        page.wait_for_function(
            "([e, s]) => e.textContent === s", arg=[found.element_handle(), sentence]
        )
        if sentence:
            assert read(page).trace("input") == before
    page.wait_for_function(
        "was => document.querySelector('.cl-plot').data[0].z[9][9] !== was", arg=before["z"][9][9]
    )

    # The first frame of a moving picture.
    np.testing.assert_allclose(read(page).trace("input")["z"], 0.2, atol=0.01)


def test_a_refused_setting_leaves_the_last_figure_standing(convolution_page):
    control(convolution_page, "padding").locator("input").press("End")
    before = read(convolution_page)
    control(convolution_page, "stride").locator("input").press("ArrowRight")

    refused = read(convolution_page)
    assert refused.message == (
        'padding must be a number where the stride is over 1; got "same" with stride 2'
    )
    assert refused.panels == before.panels
    control(convolution_page, "stride").locator("input").press("ArrowLeft")
    assert read(convolution_page).message == ""
    check_numbers(convolution_page)


def test_a_word_stays_and_a_number_goes_to_the_nearest_while_the_kernel_size_moves(
    convolution_page,
):
    def at(name, *keys):
        for key in keys:
            control(convolution_page, name).locator("input").press(key)
        check_numbers(convolution_page)
        return values(convolution_page)["padding"]

    assert at("padding", "End") == "same"
    assert at("kernel size", *["ArrowRight"] * 6) == "same"
    assert at("padding", "ArrowLeft") == "8"
    assert at("kernel size", *["ArrowLeft"] * 4) == "4"
    assert at("dilation", "End") == "4"


def test_the_signal_page_agrees_with_torch(open_page, tmp_path):
    path = explorers.convolution1d(padding="causal").page(tmp_path / "signal.html")
    page = ready(open_page(path.as_uri(), offline=True))

    control(page, "kernel size").locator("input").press("ArrowRight")
    control(page, "signal").locator("select").select_option("sunspots")

    assert values(page)["kernel size"] == "6"
    signal = F.pad(data.signal("sunspots"), (5, 0))[None, None]
    expected = F.conv1d(signal, data.kernel1d("Gaussian", 6)[None, None])[0, 0]
    found = torch.tensor(read(page).trace("output")["y"])
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)


def test_the_numbers_of_a_step_stand_under_their_names(open_page, tmp_path):
    path = explorers.hidden_state(cell="GRU", hidden_size=3).page(tmp_path / "gru.html", ["time"])
    page = ready(open_page(path.as_uri()))

    table = page.locator(".cl-panel:not([hidden]) .cl-matrix")
    names = table.locator(".cl-head").all_inner_texts()
    numbers = table.locator("span:not(.cl-head)").all_inner_texts()
    left = [table.locator("span").nth(place).bounding_box()["x"] for place in range(14)]

    assert names == ["", "W x", "b", "W h", "b", "sum", "value", "r", "z", "n"]
    shown = np.array([float(each.replace("−", "-")) for each in numbers]).reshape(3, 6)
    np.testing.assert_allclose(shown, read(page).trace("lens")["z"], atol=6e-4)
    assert left[:7] == left[7:]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 700, 1300])
def test_nothing_is_cut_off_at_any_width(open_page, tmp_path, width, scheme):
    path = explorers.convolution("digit 3").page(tmp_path / "page.html", vary=["stride"])
    page = ready(open_page(path.as_uri(), width=width, scheme=scheme))

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = page.evaluate(
        "getComputedStyle(document.querySelector('.cl-title')).color.match(/\\d+/g).map(Number)"
    )
    assert (sum(texts[:3]) > 3 * 128) == (scheme == "dark")
    axis = page.evaluate(
        "getComputedStyle(document.querySelector('.cl-tick')).fill.match(/\\d+/g).map(Number)"
    )
    assert (sum(axis[:3]) > 3 * 128) == (scheme == "dark")
    sizes = page.evaluate(
        "[...document.querySelectorAll('.cl-panel')].map(p => p.getBoundingClientRect().width)"
    )
    # In a row beside each other, but for a narrow screen.
    assert (min(sizes) > 0.8 * (width - 24)) == (width == 360)


def test_a_page_is_usable_without_a_mouse_and_without_eyes(convolution_page):
    page = convolution_page
    label = page.locator(".cl-panels").get_attribute("aria-label")
    assert page.locator(".cl-panels").get_attribute("role") == "group"
    assert re.search(r"at row 5, column 7 is the sum of 9 products", label)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    control(page, "stride").locator("input").press("ArrowRight")
    assert page.locator("[aria-valuetext='2']").count() >= 1


def test_text_of_the_user_is_never_markup(open_page, tmp_path):
    nasty = '<img src=x onerror="document.title=1"></script><script>document.title=2</script>'

    def view(n, word):
        from convrnn_lab.figures import Panel, Sheet

        return Sheet(
            [Panel(nasty, [{"type": "scatter", "y": [n]}])],
            title=nasty,
            description=nasty,
            facts=[(nasty, word)],
            code=nasty,
        )

    controls = {"n": Slider(nasty, 0, 1, 0), "word": Choice("word", [nasty, "b"], nasty)}
    path = Explorer(view, controls, name=nasty).page(tmp_path / "nasty.html")
    page = ready(open_page(path.as_uri()))

    assert page.title() == nasty
    assert page.locator("img").count() == 0
    assert read(page).code == nasty


def test_the_report_works_offline_with_all_its_explorers(open_page, report):
    page = ready(open_page(report.page.as_uri(), offline=True), 3)

    control(page, "stride").locator("input").press("ArrowRight")
    check_numbers(page)
    assert page.title() == "What a convolution does to an image, and to a signal"
    held = page.locator(".cl-holds").all_inner_texts()
    assert len(held) == 3
    assert all(each.startswith("This page computes its settings") for each in held)
    assert report.page.stat().st_size < 5_000_000


def unfolded(page, index):
    """Open what is folded away under each name, one after another, and yield the name."""
    tabs = page.locator(".convrnn-lab").nth(index).locator(".cl-tab")
    for place in range(tabs.count()):
        tab = tabs.nth(place)
        if tab.is_hidden():
            continue  # a group of controls with nothing to move
        if tab.get_attribute("aria-expanded") == "false":
            tab.click()
        page.wait_for_function(
            """index => [...document.querySelectorAll('.convrnn-lab')[index]
            .querySelectorAll('.cl-panel:not([hidden]) .cl-plot')].every(plot => plot.data)""",
            arg=index,
        )
        yield tab.inner_text()


@pytest.mark.parametrize("name", EXPLORERS)
def test_every_control_of_the_other_reports_works_offline(open_page, report_of, name):
    made = report_of(name)
    page = open_page(made.page.as_uri(), offline=True)
    ready(page, page.locator(".convrnn-lab[data-page]").count())

    assert made.page.stat().st_size < 5_000_000
    for index, (explorer, names) in enumerate(EXPLORERS[name](**made.parameters)):
        same_as_view(read(page, index), explorer, values(page, index), names)
        for tab in unfolded(page, index):
            same_as_view(read(page, index), explorer, values(page, index), names, tab)
        for label in values(page, index):
            entry = control(page, label, index).locator("input, select")
            if entry.is_hidden():
                continue  # it has one value
            before = values(page, index)[label]
            for key in ("ArrowRight", "ArrowLeft"):
                if values(page, index)[label] == before:
                    entry.press(key)
            assert values(page, index)[label] != before
            screen = read(page, index)
            if not screen.message:
                same_as_view(screen, explorer, values(page, index), names)


def test_a_report_follows_the_dark_theme(open_page, report):
    page = ready(open_page(report.page.as_uri(), scheme="dark"), 3)

    ground = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert sum(ground[:3]) < 3 * 64
    axis = page.evaluate(
        "getComputedStyle(document.querySelector('.cl-tick')).fill.match(/\\d+/g).map(Number)"
    )
    assert sum(axis[:3]) > 3 * 128


def test_parameters_of_a_report_are_never_markup(open_page, tmp_path):
    folder = tmp_path / "a <script>document.title='x'</script>"
    folder.mkdir(parents=True)
    from PIL import Image

    name = """<img src=x onerror="document.title='x'"> 'and' "quotes"\n.png"""
    Image.linear_gradient("L").save(folder / name)
    nasty = str(folder / name)

    made = reports.run("01_convolution", {"image": nasty}, tmp_path)
    page = ready(open_page(made.page.as_uri(), offline=True), 3)

    assert page.title() == "What a convolution does to an image, and to a signal"
    assert values(page)["image"] == name
    assert page.locator("img[src=x]").count() == 0


def test_a_plain_plotly_figure_is_drawn_in_a_report_too(open_page, tmp_path):
    import nbformat

    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Plain"),
            nbformat.v4.new_code_cell(
                "import plotly.graph_objects as go\n"
                "go.Figure(go.Scatter(y=[1, 4, 9], name='squares'))"
            ),
        ]
    )
    nbformat.write(book, tmp_path / "plain.ipynb")

    made = reports.run(tmp_path / "plain.ipynb", output=tmp_path / "out")
    page = ready(open_page(made.page.as_uri(), offline=True))

    assert read(page).trace("squares")["y"] == [1, 4, 9]
