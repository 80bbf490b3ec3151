import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from sklearn import metrics
from torch import nn

from convrnn_lab import data, train
from tests.helpers import refused


class Reader(nn.Module):
    """A GRU with a linear layer at every step, or at the last."""

    def __init__(self, features=2, outputs=1, *, every_step=True, units=8):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.layer = nn.GRU(features, units, batch_first=True)
            self.head = nn.Linear(units, outputs)
        self.every_step = every_step

    def forward(self, inputs):
        hidden, _ = self.layer(inputs)
        return self.head(hidden if self.every_step else hidden[:, -1])


def echo(count=60, length=7, seed=0):
    """Wants to know at every step whether the number before was over a half."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.rand(count, length, 1, generator=generator)
    targets = F.pad((inputs[:, :-1, 0] > 0.5).long(), (1, 0))
    mask = torch.ones(count, length, dtype=torch.bool)
    mask[:, 0] = False
    return data.SequenceTask(
        name="echo",
        inputs=inputs,
        targets=targets,
        mask=mask,
        lengths=torch.full((count,), length),
        classes=("low", "high"),
        baselines=(data.Baseline("either", "accuracy", 0.6),),
    )


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(left, right):
    return all(torch.equal(left[name], right[name]) for name in left)


def test_a_task_that_needs_memory_is_learnt():
    model = Reader(1, 2)

    history = train.fit_sequences(model, echo(400), epochs=25, learning_rate=0.02, progress=False)
    score = train.evaluate_sequences(model, echo(100, seed=1))

    assert score.accuracy > 0.9
    assert score.better
    assert not train.evaluate_sequences(Reader(1, 2), echo(100, seed=1)).better
    assert history.accuracy[-1] > 0.9
    assert len(history.gradient_norm) == len(history.batch_loss) == 25 * 12
    assert history.stopped == "all epochs"


@pytest.mark.parametrize("clip", [None, 0.01])
def test_one_epoch_is_what_a_plain_loop_makes(clip):
    task = data.adding(length=6, count=20)
    model, plain = Reader(), Reader()

    history = train.fit_sequences(
        model, task, validation=0, epochs=2, batch_size=8, clip=clip, seed=3, progress=False
    )

    optimiser = torch.optim.Adam(plain.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(3)
    losses, norms = [], []
    for _ in range(2):
        for chosen in torch.randperm(20, generator=order).split(8):
            answers = plain(task.inputs[chosen])[:, -1, 0]
            loss = (answers - task.targets[chosen, -1, 0]).square().mean()
            optimiser.zero_grad()
            loss.backward()
            norm = sum(each.grad.square().sum() for each in plain.parameters()).sqrt()
            if clip:
                for each in plain.parameters():
                    each.grad *= clip / norm
            optimiser.step()
            losses.append(loss.item())
            norms.append(norm.item())
    assert min(norms) > 0.01
    assert history.batch_loss == pytest.approx(losses, rel=1e-4)
    assert history.gradient_norm == pytest.approx(norms, rel=1e-4)
    assert history.loss[0] == pytest.approx((8 * losses[0] + 8 * losses[1] + 4 * losses[2]) / 20)
    assert history.accuracy == []
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, plain.state_dict()[name], rtol=1e-4, atol=1e-6)


def test_clipping_keeps_the_step_of_a_steep_loss_small():
    task = data.adding(length=4, count=8)
    task = replace(task, targets=task.targets * 1e4)
    moved = {}
    for clip in (None, 1.0):
        model = Reader()
        model_steps = train.fitting_sequences(model, task, validation=0, clip=clip)
        history = next(model_steps).history
        gradient = torch.cat([each.grad.flatten() for each in model.parameters()])
        moved[clip] = gradient.norm().item()
        assert history.gradient_norm[0] > 1e3
        model_steps.close()

    assert moved[1.0] == pytest.approx(1.0, rel=1e-3)
    assert moved[None] > 1e3


def test_steps_that_do_not_count_change_nothing():
    task = echo(20)
    spoilt = replace(task, targets=torch.where(task.mask, task.targets, 1 - task.targets))
    found = []
    for each in (task, spoilt):
        model = Reader(1, 2)
        train.fit_sequences(model, each, epochs=1, progress=False)
        found.append(weights(model))

    assert same(*found)


class WithLengths(Reader):
    """Remembers the lengths that it was given."""

    def __init__(self):
        super().__init__(1, 2)
        self.given = []

    def forward(self, inputs, lengths=None):
        self.given.append(None if lengths is None else lengths.tolist())
        return super().forward(inputs)


def test_lengths_are_given_to_a_model_that_takes_them_where_they_differ():
    task = echo(6)
    model = WithLengths()

    train.evaluate_sequences(model, task)
    assert set(map(str, model.given)) == {"None"}
    train.evaluate_sequences(model, replace(task, lengths=torch.tensor([7, 3, 4, 5, 6, 2])))
    assert model.given[-1] == [7, 3, 4, 5, 6, 2]


def test_a_model_that_answers_once_is_held_to_the_last_step():
    task = data.power_demand("train")
    every, once = Reader(1, 2), Reader(1, 2, every_step=False)

    left, right = (train.evaluate_sequences(each, task) for each in (every, once))

    assert left.answers.shape == (67, 24, 2)
    assert right.answers.shape == (67, 2)
    assert left.loss == pytest.approx(right.loss)
    with refused(
        "task must want one answer a sequence of a model that gives one; got a mask with 360 for 60"
    ):
        train.fitting_sequences(once, echo())


def test_scores_are_those_of_scikit_learn_over_the_steps_that_count():
    task, model = echo(30), Reader(1, 2)

    score = train.evaluate_sequences(model, task)

    with torch.no_grad():
        answers = model(task.inputs)[:, 1:].flatten(0, 1)
    true = task.targets[:, 1:].flatten()
    predicted = answers.argmax(1)
    assert score.loss == pytest.approx(F.cross_entropy(answers, true).item())
    assert score.accuracy == pytest.approx((true == predicted).float().mean().item())
    assert score.macro_f1 == pytest.approx(
        metrics.f1_score(true, predicted, average="macro", zero_division=0)
    )
    assert score.by("cross-entropy") == score.loss
    with refused("metric must be one of cross-entropy, accuracy; got 'mean squared error'"):
        score.by("mean squared error")


def test_values_are_scored_by_their_squared_error():
    task = data.sunspots("test")
    model = Reader(1, 1)

    score = train.evaluate_sequences(model, task)

    with torch.no_grad():
        error = model(task.inputs)[:, -1] - task.targets[:, -1]
    assert score.loss == pytest.approx(error.square().mean().item(), rel=1e-5)
    assert score.accuracy is None
    assert score.baselines == task.baselines


def test_snapshots_are_the_weights_after_their_epochs():
    model, task, kept = Reader(1, 2), echo(), {0: None}
    kept[0] = weights(model)

    for done in train.fitting_sequences(model, task, epochs=4, snapshots=[0, 1, 3], validation=0):
        if done.batch == done.batches:
            kept[done.epoch] = weights(model)

    assert list(done.history.snapshots) == [0, 1, 3]
    for epoch, stored in done.history.snapshots.items():
        assert same(stored, kept[epoch])
    assert not same(kept[1], kept[3])


def test_the_best_weights_are_kept_when_it_gets_worse():
    task, model = echo(), Reader(1, 2)
    start = weights(model)
    wrong = replace(task, targets=1 - task.targets)

    history = train.fit_sequences(
        model, task, validation=wrong, learning_rate=0.01, epochs=20, patience=3, progress=False
    )

    assert history.stopped == "no better for 3 epochs"
    assert history.best_epoch + 3 == len(history.loss)
    assert history.best_epoch > 0 or same(weights(model), start)
    score = train.evaluate_sequences(model, wrong)
    assert score.loss == pytest.approx(min([math.inf, *history.validation_loss]), abs=0.01)


def test_closing_keeps_what_was_learnt():
    model = Reader(1, 2)
    steps = train.fitting_sequences(model, echo(), epochs=5)
    batches = next(steps).batches
    for _ in range(batches - 1):
        done = next(steps)
    best = weights(model)
    next(steps)

    steps.close()

    assert same(weights(model), best)
    assert done.history.stopped == "stopped"
    assert len(done.history.gradient_norm) == batches + 1


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_ends_it_with_the_last_good_weights(wrong):
    model, calls, seen = Reader(1, 2), [], []

    def spoil(slope):
        calls.append(slope)
        return slope * wrong if len(calls) == 5 else slope

    model.head.bias.register_hook(spoil)
    for done in train.fitting_sequences(model, echo(), validation=0, batch_size=20, epochs=9):
        seen.append(weights(model))
        history = done.history

    assert history.stopped == "diverged at epoch 2, batch 2"
    assert all(map(math.isfinite, history.batch_loss))
    assert not math.isfinite(history.gradient_norm[-1])
    assert same(weights(model), seen[2])


def test_an_exploding_loss_ends_it_with_finite_weights():
    model, task = Reader(), data.adding(length=4, count=40)
    start = weights(model)

    history = train.fit_sequences(
        model, task, learning_rate=1e30, clip=None, epochs=3, progress=False
    )

    assert history.stopped.startswith("diverged at epoch 1, batch ")
    assert same(weights(model), start)


def test_the_same_seed_gives_the_same_history_and_leaves_the_global_generator():
    state = torch.random.get_rng_state()

    first, again, other = (
        train.fit_sequences(Reader(1, 2), echo(), epochs=2, seed=seed, progress=False)
        for seed in (1, 1, 2)
    )

    assert torch.equal(torch.random.get_rng_state(), state)
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be an integer of at least 1; got 0"),
        ({"clip": 0}, "clip must be over 0, or None; got 0"),
        ({"clip": math.nan}, "clip must be a finite number; got nan"),
        ({"snapshots": [16]}, "snapshots must be an integer from 0 to 15; got 16"),
        ({"validation": 0.999}, "validation must leave a sequence to train on; got 0.999 of 60"),
        ({"validation": 1}, "validation must be a share from 0 to below 1; got 1"),
        (
            {"device": "meta"},
            "device must be one that PyTorch can use here, such as cpu; got 'meta'",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(options, message):
    model = Reader(1, 2)
    start = weights(model)

    with refused(message):
        train.fitting_sequences(model, echo(), **options)

    assert same(weights(model), start)


def test_bad_models_and_tasks_are_refused():
    task, model = echo(), Reader(1, 2)
    broken = Reader(1, 2)
    with torch.no_grad():
        broken.head.bias[1] = math.nan
    inputs = task.inputs.clone()
    inputs[2, 3, 0] = math.nan

    for wrong, given, message in (
        (broken, task, "model must have finite weights; got nan in head.bias at (1,)"),
        (model, 3, "task must be a data.SequenceTask; got 3"),
        (
            model,
            replace(task, mask=task.mask & False),
            "task must want at least one answer; got 60 sequences",
        ),
        (
            model,
            replace(task, inputs=inputs),
            "inputs of task must be finite; got nan at index (2, 3, 0)",
        ),
        (
            Reader(1, 3),
            task,
            "output of the model must have the shape (1, 7, 2) or (1, 2) for one sequence; "
            "got (1, 7, 3)",
        ),
    ):
        with refused(message):
            train.fitting_sequences(wrong, given)
    with pytest.raises(ValueError, match=r"^task must fit the model; got inputs of shape \(60, 7"):
        train.evaluate_sequences(Reader(2, 2), task)
