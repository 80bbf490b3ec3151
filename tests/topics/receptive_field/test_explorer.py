import plotly.graph_objects as go
import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import explorers
from tests import copied
from tests.helpers import REFUSAL, refused
from tests.sampling import sampled


def by_name(figure, name):
    return next(trace for trace in figure.traces if trace["name"] == name)


def dilations(values):
    known = {
        "doubling": [1, 2, 4, 8, 16, 32, 64, 128],
        "growing": [1, 2, 3, 4, 5, 6, 7, 8],
        "1, 2, 5": [1, 2, 5, 1, 2, 5, 1, 2],
        "1": [1] * 8,
        "2": [2] * 8,
    }
    return known[values["dilations"]][: values["layers"]]


def pooled(values, layer):
    count = values["layers"]
    return {
        "none": False,
        "after each": True,
        "after every second": layer % 2 == 0,
        "once in the middle": layer == (count + 1) // 2,
    }[values["pooling"]]


def run(values, signal):
    """Run the stack with kernels of ones, written here once more."""
    kernel = torch.ones(1, 1, values["kernel_size"], dtype=torch.float64)
    for layer, hole in enumerate(dilations(values), 1):
        signal = F.conv1d(signal, kernel, stride=values["stride"], dilation=hole)
        if pooled(values, layer):
            signal = F.avg_pool1d(signal, 2)
    return signal


def read(values):
    """Return the samples that output 0 reads, by gradient; None where 255 do not suffice."""
    signal = torch.ones(1, 1, 255, dtype=torch.float64, requires_grad=True)
    try:
        output = run(values, signal)
    except RuntimeError:
        return None
    (gradient,) = torch.autograd.grad(output[0, 0, 0], signal)
    return gradient[0, 0].nonzero().flatten().tolist()


def test_formula_equals_gradient():
    explorer = explorers.stack(dilations=(1, 2, 5))
    settings = list(explorer.view.combinations({"weights": ["uniform"]}))
    assert len(settings) == 8 * 7 * 2 * 5 * 4
    for values in sampled(settings, 150):
        expected = read(values)
        if expected is None:
            with pytest.raises(ValueError, match=REFUSAL.pattern):
                explorer.view(**values)
            continue
        figure = explorer.view(**values)
        cone = by_name(figure, "read")
        below = [x for x, y in zip(cone["x"].tolist(), cone["y"].tolist(), strict=True) if y == 0]
        assert below == expected
        span = expected[-1] - expected[0] + 1
        assert by_name(figure, "size")["y"][-1] == span
        facts = dict(figure.facts)
        assert facts["By gradient"] == f"{span} × {span}, centre {(span - 1) / 2:g}"


def test_the_effective_field_of_uniform_weights_is_that_of_the_theory():
    """Luo et al. 2016: the standard deviation of n uniform 3x3 kernels is sqrt(2n/3)."""
    figure = explorers.stack(layers=6, weights="uniform").view(
        layers=6, kernel_size=3, stride=1, dilations="1", pooling="none", weights="uniform"
    )

    assert dict(figure.facts)["Effective field"] == ("standard deviation 2 of 13 samples")
    assert by_name(figure, "effective")["z"].shape == (13, 13)


def test_holes_of_a_dilated_stack_are_seen():
    figure = explorers.stack(layers=2, dilations="2").sheet()

    assert figure.title == "One output value reads 9 samples, 4 of them holes"
    assert "dilation=2" in figure.code


def test_what_is_copied_makes_the_fields_of_the_figure():
    explorer = explorers.stack(dilations=(1, 2, 5), seed=7)
    few = {"layers": [1, 2, 3], "kernel_size": [1, 2, 3, 4]}
    for values in sampled(explorer.view.combinations(few), 30):
        if explorer.view.state(values).content is None:
            continue
        sheet = explorer.view(**values)

        made = copied.run(sheet.code)

        field, measured = made["field"], made["measured"]
        assert field.size == (by_name(sheet, "size")["y"][-1],) * 2
        assert [layer.stride[0] for layer in field.layers] == by_name(sheet, "stride")["y"]
        effective = torch.as_tensor(by_name(sheet, "effective")["z"])
        if field.size[0] <= 85:  # larger ones are thinned
            torch.testing.assert_close(measured.effective, effective)
        facts = dict(sheet.facts)
        assert facts["Effective field"].startswith(
            f"standard deviation {measured.spread[0]:.3g} of"
        )


def test_the_figure_says_how_much_the_middle_matters():
    def middle(**options):
        return dict(explorers.stack(**options).sheet().facts)["Middle pixel"]

    assert middle(dilations="1") == "1 of the most influential one"
    # Dilations of 1, 2, 4 and 8: only one path leads to the middle, and 5 · 5 to the strongest.
    assert middle(dilations="doubling") == "0.04 of the most influential one"


def test_the_colours_of_the_effective_field_have_a_scale():
    sheet = explorers.stack().sheet()

    _, low, high = sheet.panels[2].scale

    assert (low, high) == (0.0, pytest.approx(by_name(sheet, "effective")["z"].max()))


def test_own_dilations_stand_first_in_the_list():
    explorer = explorers.stack(dilations=(1, 2, 5))

    assert explorer.controls["dilations"].value == "1, 2, 5"
    assert explorer.sheet(layers=3).facts[2][0] == "3. conv 3, dilation 5"


def test_the_seed_changes_the_random_weights_and_nothing_else():
    state = torch.get_rng_state()

    one, same, other = (
        by_name(explorers.stack(weights="random", seed=seed).sheet(), "effective")["z"]
        for seed in (0, 0, 1)
    )

    assert (one == same).all()
    assert (one != other).any()
    assert torch.equal(torch.get_rng_state(), state)


def test_a_stack_that_reads_too_much_is_refused_in_words():
    explorer = explorers.stack()

    state = explorer.view.state(explorer.start | {"layers": 8, "dilations": "doubling"})

    assert state.refusal == (
        "layers must read at most 255 samples together; got 511 for a stack of 8"
    )


def test_large_fields_are_thinned_and_many_lines_left_out():
    explorer = explorers.stack()
    figure = explorer.view(
        layers=7, kernel_size=3, stride=1, dilations="doubling", pooling="none", weights="random"
    )

    heat = by_name(figure, "effective")
    assert heat["z"].shape == (85, 85)
    assert (heat["x0"], heat["dx"]) == (1, 3)
    many = explorer.view(
        layers=8, kernel_size=7, stride=1, dilations="growing", pooling="none", weights="random"
    )
    assert many.panels[0].title.endswith("(outermost lines only)")


def test_figures_are_valid_for_plotly_in_many_settings():
    explorer = explorers.stack()
    for values in sampled(explorer.view.combinations(), 12):
        if explorer.view.state(values).content is not None:
            assert isinstance(explorer.figure(**values), go.Figure)


def test_thinning_takes_means_also_of_the_last_block():
    import numpy as np

    from convrnn_lab.topics.receptive_field.figure import _thinned

    values = np.arange(9.0).reshape(3, 3)

    assert _thinned(values, 2).tolist() == [[2.0, 3.5], [6.5, 8.0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": 9}, "layers must be an integer from 1 to 8; got 9"),
        ({"kernel_size": 0}, "kernel_size must be an integer from 1 to 7; got 0"),
        (
            {"dilations": "halving"},
            "dilations must be one of 1, 2, doubling, growing; got 'halving'",
        ),
        ({"dilations": ()}, "dilations must be one integer or more; got none"),
        ({"dilations": (1, 0)}, "dilations must be an integer of at least 1; got 0"),
        ({"seed": -1}, "seed must be an integer of at least 0; got -1"),
        (
            {"dilations": (200,)},
            "layers must read at most 255 samples together; got 1,601 for a stack of 4",
        ),
    ],
)
def test_a_start_that_makes_no_stack_is_refused(options, message):
    with refused(message):
        explorers.stack(**options)
