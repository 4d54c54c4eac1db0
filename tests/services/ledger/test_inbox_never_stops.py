"""Whatever is dropped into the inbox, the next file has its turn."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from worlds.failures import failure_in
from worlds.inbox import in_inbox, text, until, watch_files, watched
from worlds.ledger import World

from pos_terminal.services.intake import aside, inbox
from pos_terminal.services.intake.aside import shown
from pos_terminal.services.intake.outcome_files import is_outcome_file
from pos_terminal.services.intake.watched import Watched

DEEP = 200_000
BAD: dict[str, bytes] = {
    "nested lists": b"[" * DEEP,
    "nested and closed": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested in a sale": b'{"kind": "sale", "lines": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested in outcomes": b'{"outcome": "paid", "x": ' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "no text": bytes(range(256)),
    "nothing but zeros": b"\0" * 70_000,
    "one endless line": b"x" * 1_000_000,
    "a number without end": b'{"amount": ' + b"9" * 100_000 + b"}",
    "half a character": b'{"sale_id": "\xe9\x80',
    "half an escaped one": b'{"sale_id": "\\ud83d"}',
    "utf-16": '{"kind": "sale"}'.encode("utf-16"),
}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "JSONL"])
@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_refused_and_the_next_one_taken(
    world: World, content: bytes, ending: str
) -> None:
    async def story(folder: Path) -> None:
        (folder / f"a.{ending}").write_bytes(content)
        (folder / "b.jsonl").write_text(text(world.masked("S1")), "utf-8")
        await until((folder / "done" / "b.jsonl").exists)
        assert (folder / "refused" / f"a.{ending}").read_bytes() == content
        assert (folder / "refused" / f"a.{ending}.errors.txt").read_text("utf-8")

    watched(story, world)
    assert world.store.sales.by_id("S1") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"sold_at": "0001-01-01T00:00:00+14:00"},
        {"kind": "batch_closed", "batch": "1", "at": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_a_date_at_the_end_of_the_calendar_takes_no_other_record_with_it(
    world: World, change: dict[str, str]
) -> None:
    """There is no such moment in another offset, nor a day later."""
    bad = world.masked("S2") | change
    if "kind" in change:
        bad = {"terminal_id": bad["terminal_id"]} | change
    report = world.take_in(world.masked("S1"), bad, world.masked("S3", trace="19", rrn="6" * 12))
    assert [problem.code for problem in report.problems] == ["calendar"]
    assert report.added == 2


def test_a_refused_record_keeps_no_full_width_card_number(world: World) -> None:
    wide = "".join(chr(ord("\uff10") + int(digit)) for digit in world.visa.reveal())

    async def story(folder: Path) -> None:
        (folder / "a.jsonl").write_text(text(world.masked("S1", receipt_no=wide)), "utf-8")
        kept = folder / "refused" / "a.jsonl"
        await until(kept.exists)
        assert wide not in kept.read_text("utf-8")
        assert wide[-4:] in kept.read_text("utf-8")

    watched(story, world)


NAMES = {
    "no UTF-8": b"\xff\xfe\xe9.jsonl",
    "GB18030": "销售.jsonl".encode("gb18030"),
    "the end of a line": b"a\nERROR pos_terminal: forged.jsonl",
    "an escape": b"\x1b[2J.jsonl",
    "255 bytes": b"a" * 249 + b".jsonl",
    "255 bytes of Chinese": "销".encode() * 83 + b".jsonl",
    "a card number": b"4761739001010010.jsonl",
    "a shell's": b"-rf *;$(x).jsonl",
}


def more_than(folder: Path, number: int) -> bool:
    return len(list(folder.iterdir())) > number


@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_file_may_have_any_name(
    world: World, name: bytes, good: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(folder: Path) -> None:
        content = text(world.masked("S1")) if good else "nonsense"
        kept, each = folder / ("done" if good else "refused"), 1 if good else 2
        dropped = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        for number in range(2):
            before = len(list(kept.iterdir()))
            dropped.write_text(content + "\n" * number + content, "utf-8")
            await until(partial(more_than, kept, before + each - 1))
        (folder / "zz.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until((folder / "done" / "zz.jsonl").exists)

    watched(story, world)
    sources = [row[0] for row in world.store.db.execute("SELECT source FROM imports")]
    for told in (*sources, *caplog.messages):
        assert told.isprintable()
        assert "4761739001010010" not in told
        told.encode()


def test_a_name_is_said_as_it_can_be_said() -> None:
    assert shown(Path("日结-20261129120000.jsonl")) == "日结-20261129120000.jsonl"
    assert shown(Path(os.fsdecode(b"\xe9.csv"))) == "\\xe9.csv"
    assert shown(Path("a\n\x1b.csv")) == "a\\x0a\\x1b.csv"
    assert shown(Path("sales 4761 7390 0101 0010.csv")) == "….csv"


@in_inbox
async def test_no_name_with_a_card_number_is_kept(folder: Path, world: World) -> None:
    """Whoever drops the file named it so; here it lies for months."""
    for place, name in enumerate(("4761739001010010", "4761 7390 0101 0010 bad"), 1):
        record = world.masked(f"S{place}") if place == 1 else {"kind": "x"}
        (folder / ".part").write_text(text(record), "utf-8")
        (folder / ".part").rename(folder / f"{name}.jsonl")
        where = folder / ("done" if place == 1 else "refused")
        await until((where / "….jsonl").exists)
    assert sorted(one.name for one in (folder / "refused").iterdir()) == [
        "….jsonl",
        "….jsonl.errors.txt",
    ]


@in_inbox
async def test_what_is_no_file_is_refused_and_not_followed(folder: Path, world: World) -> None:
    secret = world.folder / "secret.jsonl"
    secret.write_text(text(world.masked("S7")), "utf-8")
    (folder / "a.jsonl").symlink_to(secret)
    (folder / "b.jsonl").symlink_to(folder / "nothing")
    (folder / "c.jsonl").symlink_to("/dev/zero")
    os.mkfifo(folder / "d.jsonl")
    (folder / "e.jsonl").mkdir()
    (folder / "z.jsonl").write_text(text(world.masked("S1")), "utf-8")
    await until((folder / "done" / "z.jsonl").exists)
    refused = {path.name for path in (folder / "refused").iterdir() if path.suffix == ".jsonl"}
    assert refused == {"a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl"}
    assert world.store.sales.by_id("S7") is None
    assert json.loads(secret.read_text("utf-8"))["sale_id"] == "S7"


# --- what happens inside --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError(), KeyError("x"), UnicodeError(), AssertionError()]
)
def test_a_defect_is_that_files_and_the_log_has_it(
    world: World,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real = world.store.feed.take_in

    async def broken(*args: Any, **given: Any) -> Any:
        if given["source"] == "a.jsonl":
            raise error
        return await real(*args, **given)

    async def story(folder: Path) -> None:
        monkeypatch.setattr(world.store.feed, "take_in", broken)
        (folder / "a.jsonl").write_text(text(world.masked("S1")), "utf-8")
        (folder / "b.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until((folder / "done" / "b.jsonl").exists)
        assert (folder / "refused" / "a.jsonl").exists()
        assert "support" in (folder / "refused" / "a.jsonl.errors.txt").read_text("utf-8")

    watched(story, world)
    assert any(record.exc_info for record in caplog.records)


def failing(code: int, times: int) -> Callable[..., NoReturn]:
    """``aside.put`` of a folder that takes ``a.jsonl`` not the first times."""
    real, left = aside.put, [times]

    def put(path: Path, *more: Any) -> Any:
        if path.name == "a.jsonl" and left[0] > 0:
            left[0] -= 1
            raise OSError(code, os.strerror(code))
        return real(path, *more)

    return put


def test_a_file_that_cannot_be_moved_stays_until_it_changes(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(folder: Path) -> None:
        monkeypatch.setattr(inbox, "put", failing(errno.EPERM, 1))
        (folder / "a.jsonl").write_text(text(world.masked("S1")), "utf-8")
        for number in range(2, 5):
            record = world.masked(f"S{number}", receipt_no=f"R{number}")
            (folder / f"{number}.jsonl").write_text(text(record), "utf-8")
            await until((folder / "done" / f"{number}.jsonl").exists)
        assert (folder / "a.jsonl").exists()
        assert len([one for one in caplog.messages if "stays in the inbox" in one]) == 1
        (folder / "a.jsonl").write_text(text(world.masked("S1")) + "\n", "utf-8")
        await until((folder / "done" / "a.jsonl").exists)

    watched(story, world)


def test_a_full_disk_is_tried_again_with_the_next_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(folder: Path) -> None:
        monkeypatch.setattr(inbox, "put", failing(errno.ENOSPC, 1))
        (folder / "a.jsonl").write_text("nonsense", "utf-8")
        (folder / "b.jsonl").write_text(text(world.masked("S1")), "utf-8")
        await until((folder / "done" / "b.jsonl").exists)
        assert (folder / "a.jsonl").exists()
        (folder / "c.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until((folder / "refused" / "a.jsonl").exists)

    watched(story, world)


def test_a_file_that_is_taken_back_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path) -> bool:
        if path.name == "a.jsonl":
            path.unlink()
        return is_outcome_file(path)

    async def story(folder: Path) -> None:
        monkeypatch.setattr("pos_terminal.services.intake.inbox.is_outcome_file", gone)
        (folder / "a.jsonl").write_text(text(world.masked("S1")), "utf-8")
        (folder / "b.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until((folder / "done" / "b.jsonl").exists)
        assert list((folder / "refused").iterdir()) == []

    watched(story, world)


def test_a_folder_that_can_not_be_used_is_said_in_words(tmp_path: Path) -> None:
    """By a file in the way, since no rights keep root out of a folder."""

    async def look() -> None:
        raise AssertionError("there is nothing to look at")

    (tmp_path / "inbox").touch()
    inbox = Watched(tmp_path / "inbox", watch_files)
    assert asyncio.run(failure_in(inbox.run(look))) == "feed.folder"
