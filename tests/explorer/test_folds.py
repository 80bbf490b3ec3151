"""Groups of controls, and the boxes in which they are live."""

import ipywidgets

from convrnn_lab.explorer import folds
from convrnn_lab.explorers import Choice, Slider

DECLARED = {
    "shade": Choice("shade", ["light", "dark"], "light", look=True, group="Drawing"),
    "size": Slider("size", 1, 3, 1),
    "bias": Choice("bias", ["no", "yes"], "no", group="Weights"),
    "seed": Slider("seed", 0, 2, 0, group="Weights"),
    "row": Slider("row", 0, 4, 0, look=True, group="Weights"),
}


def test_groups_that_hold_a_setting_come_first_and_keep_the_order_of_their_controls():
    groups = folds.of(DECLARED)

    assert folds.written(groups) == [["Weights", ["bias", "seed", "row"]], ["Drawing", ["shade"]]]


def test_settings_of_a_group_have_a_box_of_their_own_and_looks_have_none():
    settings = {name: ipywidgets.IntSlider() for name in ("size", "bias", "seed")}

    seen, folded = folds.boxes(folds.of(DECLARED), settings)

    assert seen.children == (settings["size"],)
    assert folded.children == (settings["bias"], settings["seed"])


def test_without_groups_all_settings_are_in_one_box():
    settings = {"size": ipywidgets.IntSlider()}

    (seen,) = folds.boxes({}, settings)

    assert seen.children == (settings["size"],)
