from convrnn_lab.explorers import Choice, Slider
from tests.helpers import refused


def test_a_slider_returns_what_it_reaches_and_refuses_the_rest_in_the_words_of_arguments():
    size = Slider("kernel size", 1, 11, 3)

    assert size.check("kernel_size", 11) == 11
    with refused("kernel_size must be an integer from 1 to 11; got 12"):
        size.check("kernel_size", 12)
    with refused("kernel_size must be an integer from 1 to 11; got True"):
        size.check("kernel_size", True)


def test_a_limit_that_depends_on_other_controls_is_checked_with_their_values():
    row = Slider("row", 0, lambda before: before["height"] - 1, 0)

    assert row.check("row", 7, {"height": 8}) == 7
    with refused("row must be an integer from 0 to 7; got 8"):
        row.check("row", 8, {"height": 8})


def test_a_slider_says_nothing_where_the_controls_before_do_not_go_together():
    def last(before):
        raise ValueError("the kernel must fit")

    assert Slider("row", 0, last, 0).check("row", 99) == 99


def test_a_list_refuses_what_it_has_not_and_names_all_options():
    padding = Choice("padding", lambda before: [*range(before["size"]), "same"], "same")

    assert padding.check("padding", "same", {"size": 2}) == "same"
    with refused("padding must be one of 0, 1, same; got 2"):
        padding.check("padding", 2, {"size": 2})
    with refused("padding must be one of 0, 1, same; got True"):
        padding.check("padding", True, {"size": 2})
