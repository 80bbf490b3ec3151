import math

import pytest
import torch
from torch import nn

from convrnn_lab import train
from tests.helpers import refused


def bars(count=120, seed=0):
    """Noisy 6 × 6 images of a horizontal bar (0) or a vertical one (1)."""
    generator = torch.Generator().manual_seed(seed)
    images = 0.3 * torch.rand(count, 1, 6, 6, generator=generator)
    labels = torch.arange(count) % 2
    places = torch.randint(6, (count,), generator=generator)
    for image, label, place in zip(images, labels, places, strict=True):
        (image[0] if label == 0 else image[0].T)[place] += 1
    return images, labels


def small(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 2)
        )


def weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(left, right):
    return all(torch.equal(left[name], right[name]) for name in left)


def test_a_separable_problem_is_learnt():
    model = small()

    history = train.fit(model, *bars(), epochs=12, learning_rate=0.01, progress=False)

    assert train.evaluate(model, *bars(60, seed=1)).accuracy > 0.95
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert len(history.batch_loss) == 4 * len(history.loss)
    for curve in (history.accuracy, history.validation_loss, history.validation_accuracy):
        assert len(curve) == len(history.loss)


def test_one_epoch_is_what_a_plain_loop_makes():
    images, labels = bars(20)
    model, plain = (nn.Sequential(nn.Flatten(), nn.Linear(36, 2)) for _ in range(2))
    plain.load_state_dict(model.state_dict())

    history = train.fit(
        model, images, labels, validation=0, epochs=2, batch_size=8, seed=3, progress=False
    )

    optimiser = torch.optim.Adam(plain.parameters(), lr=1e-3)
    order = torch.Generator().manual_seed(3)
    losses = []
    for _ in range(2):
        for chosen in torch.randperm(20, generator=order).split(8):
            loss = nn.functional.cross_entropy(plain(images[chosen]), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert history.batch_loss == losses
    assert history.loss[0] == pytest.approx((8 * losses[0] + 8 * losses[1] + 4 * losses[2]) / 20)
    assert history.validation_loss == []
    assert history.stopped == "all epochs"
    assert same(weights(model), weights(plain))


def test_the_same_seed_gives_the_same_history_and_leaves_the_global_generator():
    torch.manual_seed(11)
    state = torch.random.get_rng_state()
    runs = {}
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        torch.rand(5)
        state = torch.random.get_rng_state()
        runs[name] = train.fit(small(), *bars(), epochs=2, seed=seed, progress=False)
        assert torch.equal(torch.random.get_rng_state(), state)

    assert runs["first"] == runs["again"]
    assert runs["first"] != runs["other"]


def test_dropout_differs_from_step_to_step():
    torch.manual_seed(0)
    masks = []

    class Seen(nn.Dropout):
        def forward(self, images):
            masks.append(super().forward(torch.ones_like(images)) > 0)
            return images * masks[-1]

    model = nn.Sequential(nn.Flatten(), Seen(0.5), nn.Linear(36, 2))
    train.fit(model, *bars(20), validation=0, epochs=1, batch_size=10, progress=False)

    assert not torch.equal(masks[-1], masks[-2])


def test_images_of_the_validation_are_not_trained_on():
    met = []

    class Seen(nn.Flatten):
        def forward(self, images):
            if self.training:
                met.extend(images[:, 0, 0, 0].tolist())
            return super().forward(images)

    images = torch.arange(20.0)[:, None, None, None].expand(20, 1, 2, 2)
    model = nn.Sequential(Seen(), nn.Linear(4, 2))
    train.fit(
        model, images, torch.arange(20) % 2, validation=0.25, epochs=2, patience=9, progress=False
    )

    assert len(set(met)) == 15
    assert sorted(met) == sorted(2 * list(set(met)))


def test_progress_counts_batches_and_epochs():
    steps = list(train.fitting(small(), *bars(), epochs=2, patience=None))

    assert [(each.epoch, each.batch) for each in steps] == [
        (epoch, batch) for epoch in (1, 2) for batch in (1, 2, 3, 4)
    ]
    assert [each.fraction for each in steps] == [count / 8 for count in range(1, 9)]
    assert [each.loss for each in steps] == steps[0].history.batch_loss
    assert steps[-1].history.stopped == "all epochs"


def test_the_best_weights_are_kept_when_it_gets_worse():
    # Labels of the validation are the wrong ones: each step makes its loss larger.
    images, labels = bars()
    model = small()
    start = weights(model)

    history = train.fit(
        model, images, labels, validation=(images, 1 - labels), epochs=9, progress=False
    )

    assert history.validation_loss == sorted(history.validation_loss)
    assert history.stopped == "no better for 3 epochs"
    assert len(history.loss) == 3
    assert history.best_epoch == 0
    assert same(weights(model), start)


def test_the_last_step_has_the_best_weights_already():
    images, labels = bars()
    model, kept = small(), {}

    for done in train.fitting(model, images, labels, learning_rate=0.03, epochs=8, patience=2):
        if done.batch == done.batches and not done.history.stopped:
            kept[done.epoch] = weights(model)

    best = done.history.best_epoch
    assert best == 1 + done.history.validation_loss.index(min(done.history.validation_loss))
    if best in kept:
        assert same(weights(model), kept[best])
    assert train.evaluate(model, images, labels).accuracy > 0.9


@pytest.mark.parametrize("validation", [0, 0.2])
def test_closing_in_the_middle_keeps_the_best_weights_and_the_history(validation):
    model = small()
    model.eval()
    steps = train.fitting(model, *bars(), validation=validation, epochs=5, batch_size=40)
    batches = next(steps).batches
    assert model.training
    for _ in range(batches - 1):
        done = next(steps)
    best = weights(model)
    next(steps)
    assert not same(weights(model), best)

    steps.close()

    assert same(weights(model), best)
    assert done.history.stopped == "stopped"
    assert done.history.best_epoch == 1
    assert len(done.history.batch_loss) == batches + 1
    assert not model.training


def test_closing_in_the_first_epoch_keeps_what_was_learnt():
    model = small()
    start = weights(model)
    steps = train.fitting(model, *bars(), batch_size=10)
    next(steps)
    learnt = weights(model)

    steps.close()

    assert same(weights(model), learnt)
    assert not same(learnt, start)


class Failing(nn.Module):
    """Goes well until a given step of the training, then `how` decides."""

    def __init__(self, at, how):
        super().__init__()
        self.inner, self.at, self.how, self.steps = small(), at, how, 0

    def forward(self, images):
        answers = self.inner(images)
        if not self.training:
            return answers
        self.steps += 1
        return self.how(answers) if self.steps == self.at else answers


def interrupted(answers):
    raise KeyboardInterrupt


def test_an_interruption_returns_the_history_with_the_best_weights():
    model = Failing(6, interrupted)

    history = train.fit(model, *bars(), epochs=9, patience=None, progress=False)

    assert history.stopped == "stopped"
    assert len(history.batch_loss) == 5
    assert history.best_epoch == 1
    assert all(value.isfinite().all() for value in model.state_dict().values())


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_it_with_the_last_good_weights(wrong):
    model = Failing(6, lambda answers: answers * wrong)
    seen = []

    for done in train.fitting(model, *bars(), epochs=9, patience=None):
        seen.append(weights(model))
        history = done.history

    assert history.stopped == "diverged at epoch 2, batch 2"
    assert not math.isfinite(history.batch_loss[-1])
    assert same(weights(model), seen[3])


def test_weights_that_are_not_finite_are_not_kept_where_no_loss_shows_them():
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    start = weights(model)
    slopes = []

    def spoil(slope):
        slopes.append(slope)
        return slope * math.nan if len(slopes) == 3 else slope

    model[1].bias.register_hook(spoil)
    history = train.fit(model, *bars(20), validation=0, epochs=1, batch_size=8, progress=False)

    assert history.stopped == "diverged at epoch 1, batch 3"
    assert all(map(math.isfinite, history.batch_loss))
    assert same(weights(model), start)


@pytest.mark.parametrize("validation", [0, 0.1])
def test_a_learning_rate_that_is_too_large_leaves_the_weights_from_before(validation):
    model = small()
    start = weights(model)

    history = train.fit(model, *bars(), validation=validation, learning_rate=1e30, progress=False)

    assert history.stopped.startswith("diverged at epoch 1, batch ")
    assert history.best_epoch == 0
    assert same(weights(model), start)


def test_steps_that_are_far_too_large_but_finite_are_not_kept():
    model = small()
    start = weights(model)

    history = train.fit(model, *bars(), learning_rate=1e6, progress=False)

    assert history.stopped == "no better for 3 epochs" or history.stopped.startswith("diverged")
    assert same(weights(model), start)


def test_the_bar_goes_to_standard_error_and_only_if_wanted(capfd):
    train.fit(small(), *bars(), epochs=1, progress=False)
    assert capfd.readouterr() == ("", "")

    train.fit(small(), *bars(), epochs=1)

    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch 1 of 1: 100%" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be an integer of at least 1; got 0"),
        ({"batch_size": 0.5}, "batch_size must be an integer of at least 1; got 0.5"),
        ({"patience": 0}, "patience must be an integer of at least 1; got 0"),
        ({"learning_rate": 0}, "learning_rate must be over 0, at most 1e30; got 0"),
        ({"learning_rate": 1e38}, "learning_rate must be over 0, at most 1e30; got 1e+38"),
        ({"learning_rate": math.nan}, "learning_rate must be a finite number; got nan"),
        ({"seed": -1}, "seed must be an integer of at least 0; got -1"),
        ({"validation": 1}, "validation must be a share from 0 to below 1; got 1"),
        ({"validation": "none"}, "validation must be a finite number; got 'none'"),
        ({"validation": 0.999}, "validation must leave an image to train on; got 0.999 of 120"),
        (
            {"validation": bars()[:1]},
            "validation must be a share or a pair of images and labels; got 1 values",
        ),
        (
            {"validation": (bars()[0], bars()[1] + 1)},
            "validation labels must be from 0 to 1, the classes of the model; got 2 at index 1",
        ),
        (
            {"validation": (bars()[0][0], bars()[1])},
            "validation images must have the axes (batch, channel, height, width); "
            "got shape (1, 6, 6)",
        ),
        (
            {"device": "abacus"},
            "device must be one that PyTorch can use here, such as cpu; got 'abacus'",
        ),
        (
            {"device": "meta"},
            "device must be one that PyTorch can use here, such as cpu; got 'meta'",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(options, message):
    model = small()
    start = weights(model)

    with refused(message):
        train.fitting(model, *bars(), **options)

    assert same(weights(model), start)


def test_bad_models_images_and_labels_are_refused():
    images, labels = bars()
    broken, frozen = small(), small().requires_grad_(False)
    with torch.no_grad():
        broken[0].bias[2] = math.nan

    for model, message in (
        (broken, "model must have finite weights; got nan in 0.bias at (2,)"),
        (frozen, "model must have weights to train; got one whose weights are all frozen"),
    ):
        with refused(message):
            train.fit(model, images, labels)
    with refused("labels must be one for each of 120 images; got 119"):
        train.fit(small(), images, labels[1:])
