"""The small CNN on 4,000 digits: how right it gets, and what `train.fit` adds to a plain loop."""

import time

import torch
from torch import nn

from convrnn_lab import data, models, train
from tests.benchmarks import table

EPOCHS = 2
REPETITIONS = 12  # short ones, for the speed of a shared machine drifts


def accuracy():
    torch.set_num_threads(1)
    digits = data.digits()
    model = models.cnn()
    began = time.perf_counter()
    history = train.fit(model, digits.train_images, digits.train_labels, progress=False)
    seconds = time.perf_counter() - began
    scores = train.evaluate(model, digits.test_images, digits.test_labels)
    yield table.bound(
        f"CNN on 4,000 / 1,000 digits, {len(history.loss)} epochs in {seconds:.0f} s",
        100 * scores.accuracy,
        97,
        unit="%",
        other=f"macro F1 {100 * scores.macro_f1:.1f} %",
        at_least=True,
    )


def overhead():
    torch.set_num_threads(1)
    digits = data.digits()
    images, labels = digits.train_images, digits.train_labels
    times = {name: ([], []) for name in ("process", "wall")}
    for repetition in range(REPETITIONS + 1):
        pair = list(enumerate((plain, fitted)))
        for ours, learn in pair if repetition % 2 else reversed(pair):
            began = time.process_time(), time.perf_counter()
            learn(models.cnn(), images, labels)
            if repetition:  # the first pair warms up
                times["process"][ours].append(time.process_time() - began[0])
                times["wall"][ours].append(time.perf_counter() - began[1])
    for clock, (other, own) in times.items():
        yield table.ratio(
            f"train.fit, {EPOCHS} epochs, {clock} time",
            own,
            other,
            1.05,
            unit="s",
            against="plain loop",
        )


def fitted(model, images, labels):
    train.fit(model, images, labels, validation=0, epochs=EPOCHS, batch_size=32, progress=False)


def plain(model, images, labels):
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(images)).split(32):
            loss = nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
