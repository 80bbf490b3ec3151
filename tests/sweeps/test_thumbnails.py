import base64
import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from plotly.subplots import make_subplots

from convrnn_lab.reports import reading
from convrnn_lab.sweeps import thumbnails


def drawn(figure):
    """Return the drawing of a figure, and see that it is well-formed and small."""
    text = thumbnails.thumbnail(json.loads(figure.to_json()))
    if text:
        ElementTree.fromstring(text)
    assert len(text) < 12_000
    return text


def points(text):
    """Return the points of the line in a drawing."""
    (line,) = re.findall(r'd="M([\d. L-]+)" fill="none" stroke="#', text)
    return [tuple(map(float, each.split())) for each in line.split("L")]


def test_a_line_goes_from_corner_to_corner():
    figure = go.Figure(go.Scatter(x=[0, 10], y=[5, 7], mode="lines"))
    figure.update_layout(xaxis_range=[0, 10], yaxis_range=[5, 7])

    right, top = thumbnails.WIDTH - 3, 3
    assert points(drawn(figure)) == [(3, thumbnails.HEIGHT - 3), (right, top)]


def test_a_logarithmic_axis_is_one():
    figure = go.Figure(go.Scatter(x=[1, 10, 100], y=[0, 1, 2], mode="lines"))
    figure.update_xaxes(type="log", range=[0, 2])

    middle = points(drawn(figure))[1][0]

    assert middle == thumbnails.WIDTH / 2


def test_an_image_keeps_its_pixels_and_its_colours():
    scale = [[0, "#000000"], [1, "rgb(255,0,0)"]]
    figure = go.Figure(go.Heatmap(z=[[0, 1], [1, np.nan]], colorscale=scale))

    text = drawn(figure)

    (packed,) = re.findall(r"base64,([^\"]+)", text)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(packed))).convert("RGB"))
    assert pixels.tolist() == [[[255, 0, 0], [0, 0, 0]], [[0, 0, 0], [255, 0, 0]]]


def test_panels_stand_where_the_figure_has_them():
    figure = make_subplots(rows=1, cols=2)
    figure.add_trace(go.Bar(y=[1, 2]), row=1, col=1)
    figure.add_trace(go.Scatter(y=[1, 2], mode="lines"), row=1, col=2)

    text = drawn(figure)

    assert all(x > thumbnails.WIDTH / 2 for x, _ in points(text))
    assert 'stroke-width="4"' in text


@pytest.mark.parametrize(
    "figure",
    [
        go.Figure(),
        go.Figure(go.Scatter(y=[])),
        go.Figure(go.Scatter(y=[None, None])),
        go.Figure(go.Heatmap(z=[[np.nan]])),
        go.Figure(go.Heatmap(z=[[1, 2], [3]])),
    ],
)
def test_what_has_nothing_to_draw_has_no_drawing(figure):
    assert drawn(figure) == ""


def test_texts_of_a_figure_are_not_in_its_drawing():
    hostile = '"/><script>alert(1)</script>'
    figure = {
        "data": [
            {"y": [1, 2], "name": hostile, "line": {"color": hostile}, "type": "scatter"},
            {"x": [hostile, "b"], "y": [1, 2], "text": hostile, "mode": hostile},
            {"z": [[1, 2]], "type": "heatmap", "colorscale": [[0, hostile], [1, hostile]]},
        ],
        "layout": {"title": {"text": hostile}},
    }

    text = thumbnails.thumbnail(figure)

    assert "script" not in text
    ElementTree.fromstring(text)


def test_a_long_curve_is_thinned():
    text = drawn(go.Figure(go.Scatter(y=np.sin(np.arange(1e5) / 1e4), mode="lines")))

    assert len(points(text)) == 64


def test_packed_arrays_are_read():
    stored = json.loads(go.Figure(go.Scatter(y=np.arange(3.0))).to_json())

    assert reading.plain_figure(stored)["data"][0]["y"].tolist() == [0, 1, 2]
