"""Which steps decide all answers at once: row by row as for one answer."""

import pytest
import torch
from hypothesis import given, strategies as st

from convrnn_lab import data, models, trace
from tests.helpers import refused
from tests.sampling import examples
from tests.topics.training.test_step_attribution import Answering

MEASURES = ("gradient", "gradient_times_input", "occlusion")


@examples(60)
@given(
    kind=st.sampled_from(["RNN", "LSTM", "GRU"]),
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 3), st.integers(1, 2)),
    options=st.fixed_dictionaries(
        {
            "batch_first": st.booleans(),
            "bidirectional": st.booleans(),
            "tokens": st.sampled_from([0, 6]),
        }
    ),
    given_too=st.fixed_dictionaries(
        {
            "score": st.sampled_from(["log probability", "output"]),
            "baseline": st.sampled_from([0.0, 0.5]),
        }
    ),
    named=st.booleans(),
)
def test_each_row_is_that_of_one_answer(kind, sizes, options, given_too, named):
    time, features, layers = sizes
    tokens, batch_first = options["tokens"], options["batch_first"]
    model = Answering(kind, features, layers, **options).double()
    inputs = torch.randint(tokens, (1, time)) if tokens else torch.randn(1, time, features).double()
    inputs = inputs if batch_first else inputs.transpose(0, 1)
    targets = torch.randint(3, (time,)) if named else None

    found = trace.step_attributions(model, inputs, targets, batch_first=batch_first, **given_too)

    assert targets is None or torch.equal(found.targets, targets)
    for step, target in enumerate(found.targets.tolist()):
        one = trace.step_attribution(
            model, inputs, target, step=step, batch_first=batch_first, **given_too
        )
        for name in MEASURES:
            expected = getattr(one, name)
            torch.testing.assert_close(getattr(found, name)[step], expected, msg=name)
        assert float(found.scores[step]) == pytest.approx(one.score)
        assert named or target == int(found.logits[step].argmax())


@pytest.mark.parametrize("name", ["characters_rnn", "characters", "characters_gru"])
def test_steps_behind_the_answer_have_exactly_nothing_to_do_with_it(name):
    model, _ = models.trained_sequence(name)
    text = data.one_hot(data.encode("for name in names:\n    print(name)\n" * 3))[None]

    found = trace.step_attributions(model, text)

    for measure in MEASURES:
        values = getattr(found, measure)
        assert torch.equal(values, values.tril()), measure
        assert values.diagonal().abs().min() > 0


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (
            torch.zeros(4, dtype=torch.int64),
            "targets must be one class in int64 for each of 5 steps; got shape (4,) in torch.int64",
        ),
        (
            torch.zeros(5),
            "targets must be one class in int64 for each of 5 steps; got shape (5,) in "
            "torch.float32",
        ),
        (
            torch.full((5,), 3),
            "targets, at least, must be an integer from 0 to 2; got 3",
        ),
    ],
)
def test_targets_that_are_not_one_class_a_step_are_refused(targets, message):
    model = Answering("GRU", 2, 1, batch_first=True, bidirectional=False)

    with refused(message):
        trace.step_attributions(model, torch.zeros(1, 5, 2), targets)
