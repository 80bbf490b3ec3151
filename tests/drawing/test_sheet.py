import plotly.graph_objects as go
import pytest

from convrnn_lab import explorers
from convrnn_lab.drawing import parts, theme
from convrnn_lab.figures import Panel, PlotlySheet, Sheet


def made(*sizes):
    each = [
        Panel(f"{size} {i}", [{"type": "scatter", "y": [i]}], size=size)
        for i, size in enumerate(sizes)
    ]
    return Sheet(each, title="t", description="d")


def test_panels_fill_rows_from_the_upper_left():
    layout = made("large", "large", "small", "small", "small", "wide").plotly()["layout"]

    lefts = [layout[f"xaxis{n}"]["domain"][0] for n in ("", 2, 3, 4, 5, 6)]
    bottoms = [layout[f"yaxis{n}"]["domain"][0] for n in ("", 2, 3, 4, 5, 6)]
    assert lefts == pytest.approx([0, 1 / 2, 0, 1 / 3, 2 / 3, 0])
    assert bottoms == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 0])


def test_a_sheet_is_a_valid_figure_with_its_titles():
    sheet = made("large", "small").figure()

    assert [note.text for note in sheet.layout.annotations] == ["large 0", "small 1"]
    assert [trace.xaxis for trace in sheet.data] == ["x", "x2"]


def test_text_is_escaped_where_plotly_would_read_markup():
    sheet = Sheet([Panel("<a href=x>", [])], title="<b>&", description="")

    figure = sheet.plotly()

    assert figure["layout"]["title"]["text"] == "&lt;b&gt;&amp;"
    assert figure["layout"]["annotations"][0]["text"] == "&lt;a href=x&gt;"
    assert sheet.title == "<b>&"


def test_every_panel_goes_to_the_browser_as_a_figure_of_its_own():
    sheet = explorers.convolution("digit 3").sheet()

    panels = sheet.content()["panels"]

    assert [panel["title"] for panel in panels] == [panel.title for panel in sheet.panels]
    assert sum(len(panel["data"]) for panel in panels) == len(sheet.figure().data)
    for panel in panels:
        assert not any("xaxis" in trace for trace in panel["data"])
        assert panel["layout"]["yaxis"]["scaleanchor"] == "x"
        go.Figure({"data": panel["data"], "layout": panel["layout"]})


def test_a_plotly_figure_is_one_panel_under_its_title():
    drawn = go.Figure(go.Bar(y=[1])).update_layout(title="bars").to_plotly_json()
    whole = PlotlySheet(drawn["data"], drawn["layout"]).content()

    assert whole["title"] == "bars"
    assert "title" not in whole["panels"][0]["layout"]
    assert [panel["size"] for panel in whole["panels"]] == ["whole"]


def test_pixels_are_square_with_the_first_row_on_top():
    axes = parts.pixels((-1, 4), (0, 9))

    assert axes["xaxis"]["range"] == [-0.5, 9.5]
    assert axes["yaxis"]["range"] == [4.5, -1.5]
    assert axes["yaxis"]["scaleanchor"] == "x"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.43217, "−0.432"), (12345.6, "12,346"), (float("nan"), "NaN"), (1e-7, "1e−07")],
)
def test_numbers_are_written_with_three_digits(value, text):
    assert theme.number(value) == text


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("name", "ground"), [("light", "#ffffff"), ("dark", "#1c2128")])
def test_text_has_the_contrast_of_wcag_aa_in_both_themes(name, ground):
    text = theme.THEMES[name]["font"]["color"]
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
