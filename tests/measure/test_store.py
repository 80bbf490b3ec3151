import dataclasses
import json
import subprocess
import sys

import pytest

from convrnn_lab import measure
from tests.helpers import refused

KEY = {"layer": "LSTM", "length": 16}
HERE = measure.machine()


def measured(*seconds, session="a", **more):
    return measure.Measured(measure.Timing("", seconds), session=session, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "timings.jsonl"


def test_what_was_stored_is_there_again(path):
    measure.Store(path).add(KEY, measured(1.0, 2.0, operations=3, peak_bytes=400))

    found = measure.Store(path).get(dict(reversed(KEY.items())))

    assert found.timing.seconds == (1.0, 2.0)
    assert (found.operations, found.peak_bytes, found.session) == (3, 400, "a")
    assert found.date[:2] == "20"
    assert measure.Store(path).get({"layer": "GRU", "length": 16}) is None


def test_rounds_of_one_sweep_are_put_together_and_a_later_sweep_replaces_them(path):
    store = measure.Store(path)
    store.add(KEY, measured(1.0, operations=3))
    store.add(KEY, measured(2.0))

    assert store.get(KEY).timing.seconds == (1.0, 2.0)
    assert store.get(KEY).operations == 3
    store.add(KEY, measured(5.0, session="b"))
    for each in (store, measure.Store(path)):
        assert each.get(KEY).timing.seconds == (5.0,)
    assert len(measure.Store(path)) == 1


@pytest.mark.parametrize("what", ["processor", "torch", "cores"])
def test_another_machine_or_version_is_kept_apart_and_stays_in_the_file(path, what):
    other = dataclasses.replace(HERE, **{what: 64 if what == "cores" else "another"})
    measure.Store(path, other).add(KEY, measured(9.0))
    store = measure.Store(path)

    assert store.get(KEY) is None
    assert (len(store), store.others) == (0, 1)
    store.add(KEY, measured(1.0))
    assert measure.Store(path, other).get(KEY).timing.seconds == (9.0,)
    assert measure.Store(path).get(KEY).timing.seconds == (1.0,)


@pytest.mark.parametrize(
    "broken",
    [
        b"no json\n",
        b'{"format":1}\n',
        b'{"format":2,"machine":{},"key":{},"seconds":[1],"threads":1,"operations":1,'
        b'"peak_bytes":1,"date":"","session":""}\n',
        b"\xff\xfe\x00\n",
        b"[]\n",
        b'{"seconds": [NaN], "threads": 1}\n',
        b"[" * 200_000 + b"\n",
        *(
            b'{"format":1,"machine":{},"key":%s,"seconds":[%s],"threads":%s,"operations":%s,'
            b'"peak_bytes":1,"date":%s,"session":""}\n' % each
            for each in (
                (b"{}", b"1", b"Infinity", b"1", b'""'),
                (b"{}", b"1" + b"0" * 400, b"1", b"1", b'""'),
                (b"{}", b"Infinity", b"1", b"1", b'""'),
                (b"{}", b"0", b"1", b"1", b'""'),
                (b"{}", b"1", b"1", b'"abc"', b'""'),
                (b"{}", b"1", b"1", b"1", b"null"),
                (b'{"layer":"TCN"}', b"1", b"1", b"1", b'""'),
                (b'{"layer":"GRU","extra":1}', b"1", b"1", b"1", b'""'),
            )
        ),
        b"\n",
    ],
)
def test_a_broken_file_is_set_aside_whole_and_what_is_good_goes_on(path, broken):
    measure.Store(path).add(KEY, measured(1.0))
    whole = path.read_bytes() + broken
    path.write_bytes(whole)

    store = measure.Store(path)

    assert store.set_aside == path.with_name("timings.jsonl.broken-1")
    assert store.set_aside.read_bytes() == whole
    assert store.get(KEY).timing.seconds == (1.0,)
    again = measure.Store(path)
    assert again.set_aside is None
    assert again.get(KEY).timing.seconds == (1.0,)


def test_a_second_broken_file_does_not_overwrite_the_first(path):
    measure.Store(path).add(KEY, measured(1.0))
    for number in (1, 2):
        path.write_bytes(path.read_bytes() + b"x\n")
        assert measure.Store(path).set_aside.name == f"timings.jsonl.broken-{number}"


def test_a_line_cut_off_by_a_kill_loses_nothing_else(path):
    store = measure.Store(path)
    store.add(KEY, measured(1.0))
    store.add({"layer": "GRU"}, measured(2.0))
    path.write_bytes(path.read_bytes()[:-20])

    store = measure.Store(path)

    assert store.get(KEY) is not None
    assert store.get({"layer": "GRU"}) is None
    assert store.set_aside is not None


@pytest.mark.kills
def test_a_process_killed_in_the_middle_of_a_sweep_leaves_what_it_measured(path):
    script = f"""
import os
from convrnn_lab import measure
store = measure.Store({str(path)!r})
settings = [measure.Setting("Conv1d", length=n) for n in (16, 32, 64)]
for step in measure.sweep(settings, store, budget_s=0.01):
    if step.done == 2:
        os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )

    assert done.returncode == -9, done.stderr
    store = measure.Store(path)
    assert store.set_aside is None
    assert len(store) == 2


def test_without_a_file_everything_is_in_memory():
    store = measure.Store()
    store.add(KEY, measured(1.0))

    assert len(store) == 1


def test_what_is_not_to_be_kept_is_not_in_the_file(path):
    store = measure.Store(path)
    store.add(KEY, measured(1.0), keep=False)

    assert store.get(KEY) is not None
    assert not path.exists()


def test_a_last_line_without_its_end_is_as_good_as_the_others(path):
    measure.Store(path).add(KEY, measured(1.0))
    path.write_bytes(path.read_bytes().rstrip())

    store = measure.Store(path)
    store.add({"layer": "GRU"}, measured(2.0))

    assert store.set_aside is None
    assert len(measure.Store(path)) == 2


def test_a_mended_file_keeps_its_rights_and_its_link(path, tmp_path):
    measure.Store(path).add(KEY, measured(1.0))
    path.write_bytes(path.read_bytes() + b"x\n")
    path.chmod(0o664)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)

    measure.Store(link)

    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize("path", [5, "a\0b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match=r"^store must be a file that can be read and written; "):
        measure.Store(path)


def test_a_file_that_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with refused(
        "store must be a file that can be read and written; got "
        f"{str(tmp_path / 'file' / 'a.jsonl')!r} (File exists)"
    ):
        measure.Store(tmp_path / "file" / "a.jsonl")
    with refused(
        f"store must be a file that can be read and written; got {str(tmp_path)!r} (Is a directory)"
    ):
        measure.Store(tmp_path)


def test_a_full_disk_is_told_and_the_measurement_is_there(tmp_path):
    store = measure.Store(tmp_path / "folder" / "timings.jsonl")
    store.path.mkdir()

    with pytest.raises(ValueError, match=r"^store must be a file that can be read and written; "):
        store.add(KEY, measured(1.0))

    assert store.get(KEY) is not None


def test_lines_are_plain_json_with_the_machine(path):
    measure.Store(path).add(KEY, measured(0.123456789))

    (line,) = path.read_text("utf-8").splitlines()

    assert json.loads(line)["machine"]["processor"] == HERE.processor
    assert json.loads(line)["seconds"] == [0.1235]
