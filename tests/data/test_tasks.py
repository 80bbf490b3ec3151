import io
import math
import tokenize

import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import data
from convrnn_lab.data import measured_tasks, text_tasks
from tests.helpers import refused


def test_the_sum_of_the_two_marked_numbers_is_wanted_at_the_end():
    task = data.adding(length=9, count=200, seed=1)
    numbers, marks = task.inputs.unbind(2)

    assert (marks[:, :4].sum(1) == 1).all()
    assert (marks[:, 4:].sum(1) == 1).all()
    torch.testing.assert_close(task.targets[:, -1, 0], (numbers * marks).sum(1))
    assert task.mask.nonzero()[:, 1].unique().tolist() == [8]
    assert (numbers >= 0).all()
    assert (numbers < 1).all()


def test_always_one_scores_the_variance_of_the_sum():
    task = data.adding(length=4, count=20_000, seed=0)

    # The error's own spread over 20,000 sums is about 0.001.
    measured = measured_tasks.constant_error(1.0, task.targets, task.mask)
    assert measured == pytest.approx(task.baselines[0].value, abs=0.005)
    assert task.baselines[0].value == 1 / 6


def test_copy_memory_wants_the_symbols_again_after_the_wait():
    task = data.copy_memory(length=6, count=50, seed=2)
    shown = task.inputs.argmax(2)

    assert torch.equal(shown[:, :10], task.targets[:, -10:])
    assert (shown[:, 10:15] == 0).all()
    assert (shown[:, 15:] == 9).all()
    assert (task.targets[:, :-10] == 0).all()
    assert shown[:, :10].unique().tolist() == list(range(1, 9))
    assert task.mask.all()
    assert task.outputs == 9


@pytest.mark.parametrize(("length", "published"), [(50, 0.29706), (100, 0.17329), (1000, 0.02039)])
def test_the_baseline_of_copy_memory_is_the_loss_of_its_answer(length, published):
    task = data.copy_memory(length=length, count=20)
    answers = torch.full((*task.targets.shape, 9), -math.inf)
    answers[:, :-10, 0] = 0
    answers[:, -10:, 1:] = 0

    loss = F.cross_entropy(answers.flatten(0, 1), task.targets.flatten()).item()

    assert task.baselines[0].value == pytest.approx(loss, rel=1e-5)
    assert task.baselines[0].value == pytest.approx(published, abs=1e-5)


def test_sunspots_are_parted_by_time():
    values = data.signal("sunspots", length=309) * 1.902
    train, test = data.sunspots("train"), data.sunspots("test")

    torch.testing.assert_close(test.targets[test.mask][:, 0], values[1930 - 1700 :])
    torch.testing.assert_close(test.inputs[:, 1:], test.targets[:, :-1])
    torch.testing.assert_close(train.targets[-1, -1, 0], values[1929 - 1700])
    torch.testing.assert_close(train.inputs[0, :, 0], values[:33])
    assert not train.mask[:, :10].any()
    assert train.mask[:, 10:].all()
    assert data.sunspots(length=19).mask.all()


def test_the_baselines_of_the_sunspots_are_those_of_their_formulas():
    values = data.signal("sunspots", length=309).double() * 1.902
    same, mean = data.sunspots("test").baselines

    assert same.value == pytest.approx(
        (values[230:] - values[229:-1]).square().mean().item(), rel=1e-5
    )
    assert mean.value == pytest.approx(
        (values[230:] - values[:230].mean()).square().mean().item(), rel=1e-5
    )


def test_power_demand_has_the_days_of_the_archive():
    train, test = data.power_demand("train"), data.power_demand("test")

    assert (len(train), len(test)) == (67, 1029)
    assert train.inputs[0, :3, 0].tolist() == pytest.approx([-0.71, -1.18, -1.37])
    torch.testing.assert_close(test.inputs.mean(1), torch.zeros(1029, 1), atol=0.005, rtol=0)
    assert train.targets[train.mask].bincount().tolist() == [34, 33]
    assert test.baselines[0].value == pytest.approx(test.targets[:, 0].eq(0).float().mean().item())


SOURCE = '''x = f"a{b['c']}#d" + r'e'  # f
"""g
  # h"""
def k(): return "'" # "l"
'''


def test_characters_are_labelled_by_what_they_are():
    labels = data.source_labels(SOURCE)

    assert "".join(each for each, label in zip(SOURCE, labels, strict=True) if label == 1) == (
        '# f# "l"'
    )
    assert "".join(each for each, label in zip(SOURCE, labels, strict=True) if label == 2) == (
        'f"a{b[\'c\']}#d"r\'e\'"""g\n  # h""""\'"'
    )


def test_comments_are_those_that_the_tokenizer_finds():
    source = data.text("shlex")
    labels = data.source_labels(source)

    comments = "".join(
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    )
    marked = "".join(each for each, label in zip(source, labels, strict=True) if label == 1)
    assert marked == comments
    with pytest.raises(ValueError, match=r"^source must be Python's; got one where "):
        data.source_labels("'''")


def test_pieces_of_source_begin_outside_of_strings_and_hold_whole_lines():
    source = 'a = 1\n"""b\nc\nd"""\ne = 2\n' + "f" * 20 + "\n"

    pieces = [data.decode(codes) for codes, _ in text_tasks._pieces(source, 12)]

    # The string's last lines do not fit and are passed over, as is the end of a long line.
    assert pieces == ['a = 1\n"""b\n', "e = 2\n", "f" * 12]


def test_source_code_has_lengths_and_labels_of_its_own():
    task = data.source_code("test", length=64)

    assert task.lengths.min() < task.lengths.max() <= 64
    assert torch.equal(task.mask.sum(1), task.lengths)
    assert (task.inputs.sum(2) == task.mask).all()
    text = data.decode(task.inputs[0, : task.lengths[0]].argmax(1))
    assert data.text(text_tasks.TESTED_TEXTS[0]).startswith(text)
    assert task.classes == ("code", "comment", "string")
    always = (task.targets[task.mask] == 0).double().mean().item()
    assert task.baselines[1].value == pytest.approx(always)


def test_the_likeliest_label_is_the_most_frequent_of_each_character():
    codes = data.encode("##ax")
    guess = text_tasks.likeliest_labels(codes, torch.tensor([1, 1, 2, 0]))

    assert guess[codes].tolist() == [1, 1, 2, 0]
    assert guess.sum() == 3


def test_characters_want_the_next_one():
    task = data.characters("test", length=20)
    read, wanted = (task.inputs[:3].argmax(2), task.targets[:3])

    assert torch.equal(read.flatten()[1:], wanted.flatten()[:-1])
    assert data.text("bisect").startswith(data.decode(read[0]))
    assert task.outputs == 97


def test_frequencies_are_counted_with_one_added():
    known, windows = data.encode("aab"), data.encode("ab")[None]

    alone = text_tasks.frequency_cross_entropy(known, windows, 0)
    pairs = text_tasks.frequency_cross_entropy(known, windows, 1)

    assert alone == pytest.approx(-math.log(2 / 100))  # "b" once, three characters, 97 added
    assert pairs == pytest.approx(-math.log(2 / 99))  # "ab" once of two pairs that begin with "a"


def test_a_part_of_a_task_keeps_what_belongs_to_its_sequences():
    task = data.copy_memory(length=2, count=5)
    part = task.part(torch.tensor([4, 1]))

    assert len(part) == 2
    assert torch.equal(part.inputs[1], task.inputs[1])
    assert torch.equal(part.targets[0], task.targets[4])
    assert part.baselines == ()


@pytest.mark.parametrize("make", [data.adding, data.copy_memory])
def test_the_same_seed_makes_the_same_task_and_leaves_the_global_generator(make):
    state = torch.random.get_rng_state()

    first, again, other = (make(count=20, seed=seed) for seed in (3, 3, 4))

    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first.inputs, again.inputs)
    assert not torch.equal(first.inputs, other.inputs)


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (data.adding, {"length": 1}, "length must be an integer of at least 2; got 1"),
        (data.adding, {"count": 0}, "count must be an integer of at least 1; got 0"),
        (data.copy_memory, {"length": 0}, "length must be an integer of at least 1; got 0"),
        (data.copy_memory, {"seed": -1}, "seed must be an integer of at least 0; got -1"),
        (
            data.copy_memory,
            {"count": 10**9},
            "task must take at most 2.0 GiB; got shape (1000000000, 30, 20), "
            "which takes 4470.3 GiB",
        ),
        (data.sunspots, {"part": "all"}, "part must be one of train, test; got 'all'"),
        (data.sunspots, {"length": 1}, "length must be an integer from 2 to 200; got 1"),
        (data.power_demand, {"part": 1}, "part must be one of train, test; got 1"),
        (data.source_code, {"length": 0}, "length must be an integer from 1 to 512; got 0"),
        (data.characters, {"length": 513}, "length must be an integer from 1 to 512; got 513"),
    ],
)
def test_what_cannot_be_made_is_refused(make, options, message):
    with refused(message):
        make(**options)
