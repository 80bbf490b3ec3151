import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from convrnn_lab.explorers import Choice, Explorer, Job, Pad, Progress, Slider
from tests.explorer.wire import Wire
from tests.helpers import refused


class Counting:
    """A job that counts to ten, and an explorer whose view draws how far it came."""

    def __init__(self, step=None):
        self.count, self.closed, self.step = 0, False, step
        self.explorer = Explorer(
            self.view,
            {"goal": Slider("goal", 0, 10, 10)},
            name="count",
            job=Job("Count", self.work),
        )

    def view(self, goal):
        y = np.arange(float(self.count))
        title = {"text": f"{self.count} of {goal}"}
        return {"data": [{"type": "scatter", "y": y}], "layout": {"title": title}}

    def work(self, goal):
        if goal == 0:
            raise ValueError("goal must be over 0; got 0")
        try:
            for count in range(1, goal + 1):
                self.count = count
                if self.step:
                    self.step(count)
                yield Progress(count / goal, f"{count} counted")
        finally:
            self.closed = True


@pytest.fixture
def one_step_a_time(monkeypatch):
    """Let each message do exactly one step of the job."""
    monkeypatch.setattr("convrnn_lab.explorer.live.JOB_SECONDS", 1.5)
    clock = iter(range(100_000))
    monkeypatch.setattr("convrnn_lab.explorer.live.time.perf_counter", lambda: next(clock))


def test_run_does_the_whole_job_and_draws_it():
    counting = Counting()

    last = counting.explorer.run()

    assert last == Progress(1.0, "10 counted")
    assert counting.explorer.figure().layout.title.text == "10 of 10"


def test_a_job_that_refuses_a_setting_says_so_and_loses_nothing():
    counting = Counting()
    counting.explorer.run()
    counting.explorer.controls["goal"].value = 0

    with refused("goal must be over 0; got 0"):
        counting.explorer.run()

    assert counting.count == 10


def test_an_explorer_without_a_job_cannot_run():
    explorer = Explorer(lambda: {"data": [], "layout": {}}, {}, name="still")

    with refused("run must be of an explorer with a job; got Explorer('still', {})"):
        explorer.run()


def test_the_browser_drives_the_job_step_by_step(one_step_a_time):
    counting = Counting()
    wire = Wire(counting.explorer)
    start, _ = wire.ask("start")
    assert (start["job"], start["pad"]) == ("Count", None)

    wire.ask("job", action="start")
    wire.ask("job", action="continue")

    answers = wire.answers("job")
    assert [(each["running"], each["fraction"], each["text"]) for each in answers] == [
        (True, 0.1, "1 counted"),
        (True, 0.2, "2 counted"),
    ]
    # Each step makes what the browser holds untrue; it then asks again.
    assert len(wire.answers("stale")) == 2
    _, (numbers,) = wire.ask("state", values=[10])
    assert np.frombuffer(numbers).tolist() == [0.0, 1.0]


def test_a_job_that_ends_says_its_last_word(one_step_a_time):
    wire = Wire(Counting().explorer)
    wire.ask("job", action="start")
    for _ in range(10):
        wire.ask("job", action="continue")

    last = wire.answers("job")[-1]

    assert (last["running"], last["fraction"], last["text"]) == (False, 1.0, "10 counted")


def test_stopping_closes_the_job_and_keeps_what_it_did(one_step_a_time):
    counting = Counting()
    wire = Wire(counting.explorer)
    wire.ask("job", action="start")
    wire.ask("job", action="continue")

    wire.ask("job", action="stop")

    assert counting.closed
    assert wire.answers("job")[-1]["running"] is False
    assert counting.explorer.figure().layout.title.text == "2 of 10"
    wire.ask("job", action="continue")  # one that was on its way
    assert counting.count == 2


def test_starting_again_begins_anew(one_step_a_time):
    counting = Counting()
    wire = Wire(counting.explorer)
    for action in ("start", "continue", "start"):
        wire.ask("job", action=action)

    assert counting.closed
    assert wire.answers("job")[-1]["text"] == "1 counted"


def test_a_refusal_of_the_job_travels_in_words(one_step_a_time):
    counting = Counting()
    counting.explorer.controls["goal"].value = 0
    wire = Wire(counting.explorer)

    wire.ask("job", action="start")

    (answer,) = wire.answers("job")
    assert answer["problem"] == "goal must be over 0; got 0"
    assert answer["running"] is False


def test_a_fault_in_the_job_is_recorded_sent_and_raised(one_step_a_time):
    counting = Counting(step=lambda count: 1 // (count - 2))
    wire = Wire(counting.explorer)
    wire.ask("job", action="start")

    with pytest.raises(ZeroDivisionError):
        wire.ask("job", action="continue")

    last = wire.answers("job")[-1]
    assert last["problem"].startswith("ZeroDivisionError: ")
    assert last["running"] is False
    assert isinstance(counting.explorer.error, ZeroDivisionError)


def test_a_front_end_that_comes_after_a_refresh_asks_for_its_first_state():
    counting = Counting()
    counting.explorer.run()

    start, _ = Wire(counting.explorer).ask("start")

    assert start["key"] is None


def drawn_explorer():
    pictures = {"given": np.zeros((2, 2))}

    def view(picture):
        return {"data": [{"type": "heatmap", "z": pictures[picture]}], "layout": {}}

    def take(ink):
        if not ink.any():
            raise ValueError("drawing must have ink; got none")
        pictures["drawn"] = ink
        return {"picture": "drawn"}

    pictures["drawn"] = np.zeros((2, 2))
    return Explorer(
        view,
        {"picture": Choice("picture", ("given", "drawn"), "given")},
        name="pictures",
        pad=Pad("Draw.", take),
    )


def test_a_drawing_reaches_the_view_and_sets_its_control():
    explorer = drawn_explorer()
    wire = Wire(explorer)
    assert wire.ask("start")[0]["pad"] == "Draw."

    wire.ask("drawn", bytes([0, 255, 51, 0]), shape=[2, 2])

    assert explorer.values == {"picture": "drawn"}
    np.testing.assert_allclose(explorer.figure().data[0].z, [[0.0, 1.0], [0.2, 0.0]])
    assert len(wire.answers("stale")) == 1
    assert wire.answers("drawn")[-1]["problem"] == ""


def test_a_drawing_that_cannot_be_used_is_refused_in_words():
    explorer = drawn_explorer()
    wire = Wire(explorer)

    wire.ask("drawn", bytes(4), shape=[2, 2])

    assert wire.sent[-1][0]["problem"] == "drawing must have ink; got none"
    assert explorer.values == {"picture": "given"}


def test_an_answer_that_is_under_way_is_sent_before_it_is_said_to_be_stale():
    """JupyterLab has sliders answered in another thread than cells."""
    drawing, said = threading.Event(), threading.Event()
    height = [1]

    def view(n):
        shown = height[0]
        if n == 2 and not said.is_set():
            drawing.set()
            said.wait(0.2)  # the cell below could say so meanwhile
        return {"data": [{"type": "scatter", "y": [shown]}], "layout": {}}

    explorer = Explorer(view, {"n": Slider("n", 1, 3, 1)}, name="Heights")
    wire = Wire(explorer)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(wire.ask, "state", values=[2])
        drawing.wait()
        height[0] = 5
        explorer.refresh()
        said.set()
        asked.result()

    kinds = [content["type"] for content, _ in wire.sent]
    assert kinds == ["states", "stale"]
