"""What the stopwatch's marks and a trace of system calls say about a refund."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hw_sim.proofs.measure.barriers import barriers
from hw_sim.proofs.measure.idling import look
from hw_sim.proofs.measure.raw import FRAME, RawLog
from hw_sim.proofs.measure.refunding import (
    _after_the_number,
    _host_seconds,
    _own_seconds,
    _refunds,
    _tap_seconds,
)
from hw_sim.proofs.measure.terminal import Mark, Stopwatch, read_marks
from hw_sim.proofs.measure.whole import parts_of, refunds_of

REFUND = [
    Mark("connected", 1.0),
    Mark("apdu", 1.1),
    Mark("card", 1.3),
    Mark("apdu", 1.4),
    Mark("number", 1.5),
    Mark("connect", 2.0),
    Mark("connection", 2.5),
    Mark("seal", 2.5),
    Mark("seal.", 3.0),
    Mark("request", 3.0),
    Mark("answer", 7.0),
    Mark("conclude", 7.1),
    Mark("conclude.", 8.0),
    Mark("raw", 8.0),
    Mark("raw.", 9.0),
]


def test_a_refund_is_from_its_card_to_its_floor() -> None:
    before = [Mark("note", 0.1), Mark("raw.", 0.2)]
    assert list(_refunds([*before, *REFUND, Mark("note", 9.1), *REFUND])) == [REFUND, REFUND]


def test_the_hosts_time_is_left_out() -> None:
    assert _host_seconds(REFUND) == pytest.approx(0.5 + 4.0)
    assert _own_seconds(REFUND) == pytest.approx(6.5 - 4.5)


def test_a_taps_own_time_is_what_the_card_waits() -> None:
    assert _tap_seconds(REFUND) == pytest.approx(0.1 + 0.1)


def test_commands_behind_the_number_are_counted() -> None:
    assert _after_the_number(REFUND) == 0
    late = [Mark("apdu", 1.6), Mark("card", 1.7), Mark("apdu", 1.8)]
    assert _after_the_number([*REFUND[:5], *late]) == 2


def test_marks_survive_their_file(tmp_path: Path) -> None:
    watch = Stopwatch()
    watch.mark("seal")
    watch.write(tmp_path / "marks")
    assert read_marks(tmp_path / "marks") == watch.marks


def test_barriers_are_counted_from_the_card_to_t() -> None:
    mark = '7 access("/crash-point/{}", F_OK) = -1 ENOENT (No such file or directory)'
    trace = [
        "7 fdatasync(9) = 0",
        mark.format("card:before"),
        "8 fdatasync(9 <unfinished ...>",
        '7 access("/etc/localtime", F_OK) = 0',
        "8 <... fdatasync resumed>) = 0",
        mark.format("seal:after"),
        "8 fsync(9) = 0",
        mark.format("conclude:after"),
        "8 fdatasync(9) = 0",
    ]
    assert list(barriers(trace)) == [2]
    assert list(barriers(trace[:-2])) == []


def test_the_raw_log_appends_and_then_writes_in_place(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    with RawLog(path) as raw:
        assert raw.write(2 * FRAME) > 0
        raw.write(FRAME)
        assert path.stat().st_size == 3 * FRAME
        raw.rewind()
        raw.write(FRAME)
        assert path.stat().st_size == 3 * FRAME


def test_a_look_at_this_process_sees_its_writes(tmp_path: Path) -> None:
    before = look(os.getpid())
    (tmp_path / "file").write_bytes(b"x" * 1000)
    after = look(os.getpid())
    assert after.written - before.written >= 1000
    assert os.getpid() in after.woken


WHOLE = [
    Mark("in:Scanned", 1.0),
    Mark("shown:sale", 1.1),
    Mark("in:KeyPressed", 1.25),
    Mark("shown:card.present", 1.3),
    Mark("in:CardArrived", 1.5),
    Mark("connect", 1.6),
    Mark("connection", 1.7),
    Mark("shown:host.wait", 1.8),
    Mark("request", 1.9),
    Mark("in:CardLeft", 2.0),
    Mark("answer", 2.9),
    Mark("shown:result", 3.0),
    Mark("paper", 3.1),
    Mark("paper.", 4.1),
    Mark("paper", 4.2),
    Mark("paper.", 5.2),
]


def test_a_whole_refund_is_from_its_scan_to_its_last_cut() -> None:
    behind = [Mark("in:KeyPressed", 5.4), Mark("shown:home", 5.5)]
    assert list(refunds_of([Mark("shown:home", 0.5), *WHOLE, *behind, *WHOLE])) == [WHOLE, WHOLE]


def test_its_parts_are_what_others_took() -> None:
    found = parts_of(WHOLE)
    assert found.whole == pytest.approx(4.2)
    assert found.hands == pytest.approx(0.15 + 0.2)
    assert found.host == pytest.approx(0.1 + 1.0)
    assert found.paper == pytest.approx(1.0 + 1.0)
    assert found.whole - found.parts == pytest.approx(0.75)
