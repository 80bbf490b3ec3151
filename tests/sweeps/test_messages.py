"""Messages between the parts of a sweep, and the records that earlier versions have left."""

import json
import math

import hypothesis
import pytest
from hypothesis import strategies as st

from convrnn_lab.sweeps.folder import Folder
from convrnn_lab.sweeps.messages import Outcome, Record, State, Summary, Task
from tests.helpers import refused
from tests.sampling import examples

# As version 0.1.0 has written them.
DONE = """\
{"name": "hidden=32,cell=LSTM-3772333c7e", "key": "9f2c0a", "parameters": {"hidden": 32,
"cell": "LSTM"}, "status": "done", "reason": "", "lines": [], "results": {"loss": 0.25,
"worst": NaN, "word": "up"}, "thumbnail": "<svg></svg>", "kernel": "forked", "seconds": 0.412}"""
FAILED = """\
{"name": "n=0", "key": "77ab", "parameters": {"n": 0}, "status": "failed",
"reason": "its process was killed by SIGKILL", "lines": ["last"], "results": {}, "thumbnail": "",
"kernel": "", "seconds": null}"""


def test_a_record_of_version_0_1_0_is_read():
    done, failed = (Record.from_json(json.loads(text)) for text in (DONE, FAILED))

    assert done.name == "hidden=32,cell=LSTM-3772333c7e"
    assert done.parameters == {"hidden": 32, "cell": "LSTM"}
    assert (done.status, done.kernel, done.seconds) == (State.DONE, "forked", 0.412)
    assert (done.results["loss"], done.results["word"]) == (0.25, "up")
    assert math.isnan(done.results["worst"])
    assert failed == Record(
        *("n=0", "77ab", {"n": 0}, State.FAILED, "its process was killed by SIGKILL", ("last",))
    )


@pytest.mark.parametrize("text", [DONE, FAILED])
def test_a_record_is_written_as_version_0_1_0_wrote_it(text):
    written = json.dumps(Record.from_json(json.loads(text)).to_json())

    assert written == json.dumps(json.loads(text))


def test_a_folder_of_version_0_1_0_is_read_and_what_is_old_in_it_is_stale(tmp_path):
    folder = Folder(tmp_path)
    folder.reports.mkdir()
    (folder.reports / "n=0.json").write_text(FAILED, "utf-8")

    assert folder.state("n=0", "77ab") == (State.FAILED, Record.from_json(json.loads(FAILED)))
    assert folder.state("n=0", "the key of this version") == (State.STALE, None)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "stale"},
        {"name": 1},
        {"lines": "last"},
        {"results": []},
        {"seconds": "0.4"},
        {"key": None},
    ],
)
def test_what_is_no_record_is_refused_and_its_report_not_run(tmp_path, change):
    found = json.loads(DONE) | change
    folder = Folder(tmp_path)
    folder.reports.mkdir()
    (folder.reports / "a.json").write_text(json.dumps(found), "utf-8")

    for wrong in (found, [found], None, {name: found[name] for name in list(found)[:4]}):
        with refused("record must be as `to_json` writes it; got something else"):
            Record.from_json(wrong)
    assert folder.state("a", "9f2c0a") == (State.MISSING, None)


SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
NAMES = st.text(min_size=1, max_size=9)
RECORDS = st.builds(
    Record,
    name=NAMES,
    key=NAMES,
    parameters=st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=3), max_size=3),
    status=st.sampled_from([State.DONE, State.FAILED]),
    reason=st.text(),
    lines=st.lists(st.text(), max_size=3).map(tuple),
    results=st.dictionaries(NAMES, SCALARS, max_size=3),
    thumbnail=st.text(),
    kernel=st.text(),
    seconds=st.none() | st.floats(0, 1e6),
)


def through(message):
    return json.loads(json.dumps(message.to_json()))


@hypothesis.given(RECORDS, st.none() | st.text(), st.none() | st.text())
@examples(300)
def test_what_has_gone_through_json_is_the_same(record, notebook, page):
    outcome = Outcome(record, notebook, page)
    summary = Summary(record.name, record.status, last=bool(notebook), unwritten=record.reason)
    task = Task("a.ipynb", record.reason, record.parameters, 9, record.name, "key", {}, page)

    for message in (record, outcome, summary, task):
        assert type(message).from_json(through(message)) == message
    assert Outcome.from_json(outcome.to_json()) == outcome  # Dask takes Python's objects


def test_the_outcome_of_a_lost_worker_is_a_failure_of_its_task():
    task = Task("a.ipynb", "", {"file": "/data/a.csv"}, 9, "n=1", "key", {"file": "a.csv"})

    outcome = task.failed("its process was killed by SIGKILL" + "x" * 3000, ["last"])

    record = outcome.record
    assert (record.name, record.key, record.parameters) == ("n=1", "key", {"file": "a.csv"})
    assert (record.status, len(record.reason), record.lines) == (State.FAILED, 2000, ("last",))
    assert (outcome.notebook, outcome.page, record.seconds) == (None, None, None)
    assert outcome.summary == Summary("n=1", State.FAILED, outcome=outcome)
