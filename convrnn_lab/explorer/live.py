"""The kernel's side of a live explorer: it answers the front end, and speaks only when asked.

The front end asks for a state that it lacks, and in idle time for the next ones around the values
shown. It never has more than one question of a kind open, so nothing queues up behind a fast hand.
Background tasks of the kernel are not used: ipykernel 7 may leave them waiting until the next cell
(ipython/ipykernel issue 1510).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import anywidget
import ipywidgets
import numpy as np
import traitlets

from convrnn_lab.drawing import theme
from convrnn_lab.explorer import assets, calls, computed, folds, guide, states
from convrnn_lab.explorer.controls import Token, Value, resolve
from convrnn_lab.explorer.jobs import Progress

if TYPE_CHECKING:
    from convrnn_lab.explorer.base import Explorer

FILL_SECONDS = 0.015
"""How long one answer to an idle question may take: a slider that moves meanwhile waits for it."""

FILL_BYTES = 4_000_000
"""What is sent ahead around one setting; half of what the front end's table may take."""

SLOW_SECONDS = 0.1
"""States that take longer than this are computed when asked for, never ahead."""

JOB_SECONDS = 0.2
"""How long a job works before it shows what it has: a slider that moves meanwhile waits for it."""


class FrontEnd(anywidget.AnyWidget):
    """The figure of a live explorer; `controls` are the sliders it listens to in the browser."""

    _esm = assets.front_end()
    _css = assets.CSS
    controls = traitlets.List(traitlets.Instance(ipywidgets.Widget)).tag(
        sync=True, **ipywidgets.widget_serialization
    )

    def __init__(self, explorer: Explorer) -> None:
        both = [*explorer.view.settings, *explorer.view.looks]
        super().__init__(controls=[explorer.controls[name] for name in both])
        self._explorer = explorer
        self._sent: dict[str, set[str]] = {}  # by front end, the keys it was given
        self._sent_around: tuple[str, int] = ("", 0)  # a key, and the bytes sent ahead around it
        self._working: Iterator[Progress] | None = None
        self._progress = Progress(0.0, "")
        # A cell may make states stale while a slider is answered in another thread: an answer is
        # sent whole before that is said, or computed after it.
        self._turn = threading.RLock()
        self.on_msg(self._answer)

    def _answer(
        self, _widget: object, content: Mapping[str, states.Json], buffers: Sequence[memoryview]
    ) -> None:
        client = content["client"]
        if content["type"] == "plotly":
            self.send({"type": "plotly", "client": client}, [assets.plotly_script()])
        elif content["type"] == "start":
            with self._turn:
                self._start(client)
        elif content["type"] == "state":
            with self._turn:
                self._answer_states(client, content["values"])
        elif content["type"] == "fill":
            with self._turn:
                self._answer_fill(client, content["values"])
        elif content["type"] == "job":
            self._answer_job(client, content["action"])
        elif content["type"] == "drawn":
            self._answer_drawn(client, content["shape"], buffers[0])
        elif content["type"] == "call":
            self._answer_call(content)
        elif content["type"] == "picture":
            self._explorer.keep_picture(bytes(buffers[0]))
        elif content["type"] == "confirm":
            self._answer_confirm(content, buffers)

    def _start(self, client: str) -> None:
        arrays = states.Arrays()
        # After a refresh the base is no longer what the start shows.
        view = self._explorer.view
        key = None if self._explorer.refreshed else view.key(view.start)
        self._sent[client] = set() if key is None else {key}
        job, pad = self._explorer.job, self._explorer.pad
        message = {
            "type": "start",
            "client": client,
            "names": list(view.settings),
            "places": view.places(self._explorer.values),
            "scan": list(self._explorer.scan),
            "made": self._explorer.made is not None,
            "themes": theme.THEMES,
            "key": key,
            "base": arrays.pack(self._explorer.view.base),
            "guide": guide.written(view, self._explorer.guide),
            "folds": folds.written(self._explorer.folds),
            "job": job and job.label,
            "pad": pad and pad.label,
        }
        self.send(message, arrays.buffers)

    def forget(self) -> None:
        """Tell the browser that its states are no longer true."""
        with self._turn:
            for keys in self._sent.values():
                keys.clear()
            self._sent_around = ("", 0)
            self.send({"type": "stale"})

    def _answer_job(self, client: str, action: str) -> None:
        """Start, continue or stop the job; the browser asks again as long as it runs."""
        problem = ""
        try:
            self._work(action)
        except ValueError as error:
            problem = str(error)
            self._working = None
        except Exception as error:
            self._explorer.error = error
            problem = _fault(error)
            self._working = None
            raise
        finally:
            message = {
                "type": "job",
                "client": client,
                "running": self._working is not None,
                "fraction": self._progress.fraction,
                "text": self._progress.text,
                "problem": problem,
            }
            self.send(message)
            self._explorer.refresh()

    def _work(self, action: str) -> None:
        """Let the job work for `JOB_SECONDS`."""
        job = self._explorer.job
        if action != "continue":
            if isinstance(self._working, Generator):
                self._working.close()  # what has been done so far stays
            self._working = None
        if action == "start" and job is not None:
            self._working = job.start(**self._explorer.values)
        until = time.perf_counter() + JOB_SECONDS
        while self._working is not None and time.perf_counter() < until:
            progress = next(self._working, None)
            if progress is None:
                self._working = None
            else:
                self._progress = progress

    def _answer_drawn(self, client: str, shape: list[int], picture: memoryview) -> None:
        problem = ""
        try:
            ink = np.frombuffer(picture, dtype=np.uint8).reshape(shape) / np.float32(255)
            values = self._explorer.pad.take(ink) if self._explorer.pad else {}
            for name, value in values.items():
                self._explorer.controls[name].value = value
            self._explorer.refresh()
        except ValueError as error:
            problem = str(error)
        finally:
            self.send({"type": "drawn", "client": client, "problem": problem})

    def _answer_confirm(
        self, content: Mapping[str, states.Json], buffers: Sequence[memoryview]
    ) -> None:
        """Say how far the browser's numbers lie from PyTorch's, after an edit."""
        difference, problem = None, ""
        try:
            difference = self._difference(content, buffers)
        except Exception as error:
            self._explorer.error = error
            problem = _fault(error)
            raise
        finally:
            answer = {"type": "confirmed", "client": content["client"], "age": content["age"]}
            self.send(answer | {"difference": difference, "problem": problem})

    def _difference(
        self, content: Mapping[str, states.Json], buffers: Sequence[memoryview]
    ) -> float | None:
        shown = self._explorer.view.state(self._explorer.view.from_tokens(content["values"]))
        if shown.content is None:
            return None
        arrays = {
            name: np.frombuffer(raw, dtype=np.float32).reshape(shape)
            for (name, shape), raw in zip(content["shapes"], buffers, strict=True)
        }
        given = {name: arrays[name] for name in content["given"]}
        wanted = computed.compared(shown.content, given | content["places"])
        difference = computed.difference(arrays, wanted)
        if not difference <= computed.TOLERANCE:
            # What amplifies the last digit of a weight so far amplifies either's rounding, too; and
            # sums beyond the range are infinite or NaN by the order in which they are added.
            nudged = {name: np.nextafter(each, np.float32(0)) for name, each in given.items()}
            other = computed.compared(shown.content, nudged | content["places"])
            found, wanted = _with_gaps(arrays), _with_gaps(wanted)
            own = computed.difference(_with_gaps(other | given), wanted)
            difference = computed.difference(found, wanted)
            if difference <= max(own, computed.TOLERANCE):
                return difference if np.isfinite(difference) else None
            names = ", ".join(wanted.keys() - set(content["given"]))
            raise ArithmeticError(
                f"the browser computed {names} otherwise than PyTorch: "
                f"the difference is {difference:.1e} of the largest value"
            )
        return difference

    def _answer_call(self, content: Mapping[str, states.Json]) -> None:
        answer: dict[str, states.Json] = {"type": "call", "client": content["client"]}
        view = self._explorer.view
        try:
            settings = view.from_tokens(content["values"])
            values = calls.looked_at(view, settings, content["looked"])
            given = [
                calls.Given(each["name"], each["by"], np.array(each["numbers"], np.float32))
                for each in content["given"]
            ]
            answer["code"] = calls.written(self._explorer, values, given)
        except ValueError as error:
            answer["problem"] = str(error)
        finally:
            self.send(answer)

    def _answer_states(self, client: str, tokens: list[Token]) -> None:
        arrays = states.Arrays()
        try:
            entry = self._entry(client, self._explorer.view.from_tokens(tokens), arrays)
        except Exception as error:
            self._explorer.error = error
            entry = {"asked": [json.dumps(tokens)], "bug": _fault(error), "bytes": 0}
            self.send({"type": "states", "client": client, "states": [entry]}, [])
            raise
        self.send({"type": "states", "client": client, "states": [entry]}, arrays.buffers)

    def _answer_fill(self, client: str, tokens: list[Token]) -> None:
        arrays = states.Arrays()
        around = json.dumps(tokens)
        if self._sent_around[0] != around:
            self._sent_around = (around, 0)
        values = self._explorer.view.from_tokens(tokens)
        sent = self._sent.setdefault(client, set())
        entries = []
        done = self._sent_around[1] > FILL_BYTES
        began = time.perf_counter()
        for wanted in () if done else self._around(values):
            if self._explorer.view.key(wanted) in sent:
                continue
            try:
                entries.append(self._entry(client, wanted, arrays))
            except Exception:  # a bug is shown when somebody goes there, not while nobody does
                sent.add(self._explorer.view.key(wanted))
                continue
            taken = time.perf_counter() - began
            if taken > FILL_SECONDS:
                done = taken > SLOW_SECONDS
                break
        else:
            done = True
        added = sum(entry["bytes"] for entry in entries)
        self._sent_around = (around, self._sent_around[1] + added)
        message = {"type": "states", "client": client, "states": entries, "done": done}
        self.send(message, arrays.buffers)

    def _entry(
        self, client: str, values: dict[str, Value], arrays: states.Arrays
    ) -> dict[str, states.Json]:
        state = self._explorer.view.state(values)
        keys = [self._explorer.view.key(values), self._explorer.view.key(state.values)]
        self._sent.setdefault(client, set()).update(keys)
        if state.refusal is not None:
            return {"asked": keys, "refusal": state.refusal, "bytes": 500}
        before = sum(map(len, arrays.buffers))
        patch = arrays.pack(states.difference(self._explorer.view.base, state.content))
        added = sum(map(len, arrays.buffers)) - before
        return {"asked": keys, "patch": patch, "bytes": added + 200 * len(patch)}

    def _around(self, values: dict[str, Value]) -> Iterator[dict[str, Value]]:
        """Yield the settings that one control leads to from `values`, near ones first."""
        for _, name, value in sorted(self._moves(values), key=lambda move: move[0]):
            yield values | {name: value}

    def _moves(self, values: dict[str, Value]) -> list[tuple[int, str, Value]]:
        """Return the values that one control can move to, with the steps to get there."""
        controls = self._explorer.view.settings
        settled = resolve(controls, values)
        moves = []
        for name, control in controls.items():
            offered = list(control.offered(settled) or [settled[name]])
            here = offered.index(settled[name])
            moves += [(abs(place - here), name, value) for place, value in enumerate(offered)]
        return [move for move in moves if move[0]]


def _with_gaps(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return arrays with NaN in the place of all that is not finite."""
    return {name: np.where(np.isfinite(each), each, np.nan) for name, each in arrays.items()}


def _fault(error: Exception) -> str:
    return f"{type(error).__name__}: {error} (a fault of the program; see explorer.error)"
