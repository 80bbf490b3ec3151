import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.one_of import one_of, one_panel, one_value
from convrnn_lab.drawing.parts import line, outline
from convrnn_lab.drawing.sheet import Panel, Sheet
from convrnn_lab.explorer import states

PLACE = looks.at("layer")


def drawn(layer):
    """Return a sheet with as many facts and lines as there are layers before."""
    lines = [line(f"line {n}", np.arange(3) + 10 * layer, "red") for n in range(layer + 1)]
    scale = ([[0, "red"], [1, "blue"]], 0.0, float(layer))
    step = looks.words("step {}", looks.at("time"))
    facts = [("step", step), *[("dead", str(n)) for n in range(layer)]]
    return Sheet([Panel("A title", lines, scale=scale)], f"layer {layer}", "Said.", facts, "code")


def test_one_of_several_sheets_is_each_of_them_in_its_place():
    whole = one_of(drawn, 3, PLACE).content()

    for layer in range(3):
        places = {"layer": layer, "time": 7}
        wanted = looks.seen(drawn(layer).content(), places)
        assert not states.difference(looks.seen(whole, places), wanted)
    assert whole["description"] == "Said."
    assert whole["panels"][0]["title"] == "A title"


def test_facts_in_the_same_places_are_chosen_one_by_one():
    def drawn(layer):
        return Sheet([], "", "", [("layer", str(layer)), ("always", "said")])

    facts = one_of(drawn, 2, PLACE).content()["facts"]

    assert facts[1] == ["always", "said"]
    assert [looks.seen(facts[0], {"layer": layer}) for layer in (0, 1)] == [
        ["layer", "0"],
        ["layer", "1"],
    ]


def test_where_the_place_is_known_only_that_sheet_is_drawn():
    asked = []

    sheet = one_of(lambda place: asked.append(place) or drawn(place), 3, 1)

    assert asked == [1]
    assert sheet.title == "layer 1"


def test_parts_that_are_the_same_are_no_look():
    one, other = ({"x": [{"z": np.ones(3), "n": n}], "range": [0, n]} for n in (1, 2))

    found = one_value([one, other], PLACE)

    assert found["x"][0]["z"] is one["x"][0]["z"]
    assert found["x"][0]["n"].same(looks.pick([1, 2], PLACE))
    assert found["range"].same(looks.pick([[0, 1], [0, 2]], PLACE))


def test_panels_that_have_little_in_common_are_each_of_them_in_its_place():
    heat = {"type": "heatmap", "name": "map", "z": np.eye(2)}
    box = outline("value", [(0, 0, 1, 1)], moved=(looks.at("column"), 0))
    panels = [
        Panel(
            "a map", [heat], shapes=[box], scale=([[0, "red"]], -1.0, 1.0), click={"x": "column"}
        ),
        Panel("nothing", [], still=True),
    ]

    whole = one_panel(panels, PLACE).content()

    for layer, panel in enumerate(panels):
        places = {"layer": layer, "column": 3}
        wanted = looks.seen(panel.content(), places)
        assert not states.difference(looks.seen(whole, places), wanted)


def test_a_panel_that_may_be_given_something_stands_beside_one_that_may_not():
    panels = [Panel("A", []), Panel("A", [], gives={"name": "weight", "by": "numbers"})]

    whole = one_panel(panels, PLACE).content()

    for layer, panel in enumerate(panels):
        assert looks.seen(whole, {"layer": layer}) == panel.content()
