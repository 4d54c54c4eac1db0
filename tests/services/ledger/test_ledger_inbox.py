"""Files dropped into the inbox folder: the good records taken, every bad one kept (R9)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from worlds.inbox import in_inbox, text, until, watched
from worlds.ledger import World

from pos_terminal.core.words import Failure


def test_what_is_there_and_what_is_dropped_is_taken_in(world: World) -> None:
    early = world.folder / "inbox" / "a.jsonl"
    early.parent.mkdir()
    early.write_text(text(world.masked("S1")), "utf-8")

    async def story(folder: Path) -> None:
        await until(lambda: world.store.sales.by_id("S1"))
        (folder / "b.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until(lambda: world.store.sales.by_id("S2"))
        moved = world.folder / "outside.jsonl"
        moved.write_text(text(world.masked("S3", receipt_no="R3")), "utf-8")
        moved.rename(folder / "c.jsonl")
        await until((folder / "done" / "c.jsonl").exists)
        assert sorted(path.name for path in folder.iterdir()) == ["done", "refused"]

    watched(story, world)
    assert world.store.sales.by_id("S3") is not None


@in_inbox
async def test_a_file_without_records_is_kept_and_said_to_be_empty(
    folder: Path, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.jsonl").write_text("\n", "utf-8")
    await until((folder / "done" / "a.jsonl").exists)
    await until(lambda: "a.jsonl has no record" in caplog.text)
    assert [record.levelname for record in caplog.records if "no record" in record.message] == [
        "WARNING"
    ]


@in_inbox
async def test_bad_lines_are_kept_and_the_others_taken(folder: Path, world: World) -> None:
    bad = "nonsense\n" + text(world.masked("S2") | {"colour": "red"})
    (folder / "x.jsonl").write_text(text(world.masked("S1")) + bad, "utf-8")
    await until((folder / "done" / "x.jsonl").exists)
    assert (folder / "refused" / "x.jsonl").read_text("utf-8") == bad
    errors = (folder / "refused" / "x.jsonl.errors.txt").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in errors]
    assert [row[:2] for row in rows] == [["2", "json"], ["3", "unknown_field"]]
    assert "colour" in rows[1][2]
    assert "colour" in rows[1][3]
    assert world.store.sales.by_id("S1") is not None
    assert world.store.feed.refused() == 2


@in_inbox
async def test_what_was_mended_counts_no_more(folder: Path, world: World) -> None:
    records = world.masked("S1"), world.masked("S2") | {"colour": "red"}
    (folder / "x.jsonl").write_text(text(*records), "utf-8")
    await until(lambda: world.store.feed.refused() == 1)
    (folder / "again.jsonl").write_text(text(*records), "utf-8")
    await until((folder / "done" / "again.jsonl").exists)
    assert world.store.feed.refused() == 1, "the same bad record again is no news"
    (folder / "mended.jsonl").write_text(text(world.masked("S2")), "utf-8")
    await until(lambda: world.store.feed.refused() == 0)
    assert world.store.feed.refusals() == []


@in_inbox
async def test_a_table_of_which_all_is_bad_can_be_mended_and_come_again(
    folder: Path, world: World
) -> None:
    head, row = "kind;sale_id;at", "sale_voided;S1;"
    (folder / "t.csv").write_bytes(f"{head}\r\n{row}茶\r\n".encode("gb18030"))
    refused = folder / "refused" / "t.csv"
    await until(lambda: refused.exists() and not (folder / "t.csv").exists())
    assert refused.read_bytes().decode("gb18030") == f"{head}\r\n{row}茶\r\n"
    assert not (folder / "done" / "t.csv").exists()
    mended = refused.read_text("gb18030").replace("茶", "2026-01-05T10:00:00+08:00")
    (folder / "t.csv").write_text(mended, "gb18030")
    await until((folder / "done" / "t.csv").exists)


@in_inbox
async def test_files_of_other_kinds_are_said(folder: Path, world: World) -> None:
    (folder / "notes.txt").write_text(f"card {world.visa.reveal()}\n", "utf-8")
    await until(lambda: world.store.feed.refused() == 1)
    await until(lambda: not (folder / "notes.txt").exists())
    kept = (folder / "refused" / "notes.txt").read_text("utf-8")
    assert kept == f"card {world.visa.masked}\n"
    errors = (folder / "refused" / "notes.txt.errors.txt").read_text("utf-8")
    assert errors.startswith("0\tfile_format\t")


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("S1,card,9558801234567890123", "S1,card,955880*********0123"),
        ("S1,card,4761 7390 0101 0011", "S1,card,4761 73** **** 0011"),
        ("S1,card,4761739001010011,,", "S1,card,476173******0011,,"),
    ],
)
def test_what_a_table_calls_a_number_is_one(world: World, row: str, kept: str) -> None:
    """Whatever its beginning and its check digit are, and where the row has cells too many."""

    async def story(folder: Path) -> None:
        head = "sale_id,tender.kind,tender.pan\n"
        (folder / "t.csv").write_text(f"{head}{row}\n", "utf-8")
        await until((folder / "refused" / "t.csv").exists)
        await until(lambda: not (folder / "t.csv").exists())
        assert (folder / "refused" / "t.csv").read_text("utf-8") == f"{head}{kept}\n"
        assert list((folder / "done").iterdir()) == []

    watched(story, world, allow_pan=False)


@in_inbox
async def test_a_link_is_put_aside_and_what_it_leads_to_is_left(folder: Path, world: World) -> None:
    target = world.folder / "elsewhere.jsonl"
    target.write_text(text(world.record("S1")), "utf-8")
    before = target.read_bytes()
    (folder / "a.jsonl").symlink_to(target)
    (folder / "b.jsonl").write_text(text(world.masked("S2")), "utf-8")
    await until((folder / "done" / "b.jsonl").exists)
    assert (folder / "refused" / "a.jsonl").is_symlink()
    assert world.store.sales.by_id("S1") is None
    assert target.read_bytes() == before
    await until(lambda: world.store.feed.refused() == 1)


@in_inbox
async def test_a_name_that_is_no_text_keeps_nothing_waiting(folder: Path, world: World) -> None:
    name = os.fsencode(folder) + b"/a\xff.jsonl"
    Path(os.fsdecode(name)).write_text(text(world.masked("S1")) + "{\n", "utf-8")
    (folder / "b.jsonl").write_text("[" * 200_000 + "\n" + text(world.masked("S2")), "utf-8")
    await until((folder / "done" / "b.jsonl").exists)
    assert world.store.sales.by_id("S1") is not None
    assert world.store.sales.by_id("S2") is not None
    assert world.store.feed.refused() == 2


@in_inbox
async def test_a_defect_puts_its_file_aside_and_the_next_one_is_taken(
    folder: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> Any:
        monkeypatch.undo()
        raise RecursionError

    monkeypatch.setattr(world.store.feed, "take_in", broken)
    (folder / "a.jsonl").write_text(text(world.masked("S1")), "utf-8")
    await until(lambda: world.store.feed.refused() == 1)
    (folder / "b.jsonl").write_text(text(world.masked("S2")), "utf-8")
    await until((folder / "done" / "b.jsonl").exists)
    errors = (folder / "refused" / "a.jsonl.errors.txt").read_text("utf-8")
    assert errors.startswith("0\tfile_defect\t")


@pytest.mark.parametrize("full", [True, False])
@in_inbox
async def test_a_file_that_was_written_to_meanwhile_is_read_again(
    folder: Path, world: World, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """With full numbers it is wiped then, without it goes to done/."""
    real, make = world.store.feed.take_in, world.record if full else world.masked

    async def slow(*words: Any, **named: Any) -> Any:
        report = await real(*words, **named)
        if world.store.sales.by_id("S2") is None:
            with (folder / "a.jsonl").open("a", encoding="utf-8") as file:
                file.write(text(make("S2")))
        return report

    monkeypatch.setattr(world.store.feed, "take_in", slow)
    (folder / "a.jsonl").write_text(text(make("S1")), "utf-8")
    await until(lambda: not (folder / "a.jsonl").exists())
    assert world.store.sales.by_id("S2") is not None
    assert [one.name for one in (folder / "done").iterdir()] == ([] if full else ["a.jsonl"])


def test_full_numbers_are_refused_or_wiped(world: World) -> None:
    async def refused(folder: Path) -> None:
        (folder / "p.jsonl").write_text(text(world.record("S1"), world.masked("S0")), "utf-8")
        held = (folder / "p.jsonl").open("rb")
        await until(lambda: not (folder / "p.jsonl").exists())
        kept = (folder / "refused" / "p.jsonl").read_text("utf-8")
        assert world.visa.reveal() not in kept
        assert world.visa.masked in kept
        assert world.visa.reveal().encode() not in held.read()
        held.close()
        assert list((folder / "done").iterdir()) == []

    async def wiped(folder: Path) -> None:
        (folder / "q.jsonl").write_text(text(world.record("S1")), "utf-8")
        await until(lambda: world.store.sales.by_id("S1") and not (folder / "q.jsonl").exists())
        assert not (folder / "done" / "q.jsonl").exists()

    watched(refused, world, allow_pan=False)
    assert world.store.sales.by_id("S1") is None
    watched(wiped, world)


@in_inbox
async def test_hidden_files_are_left_alone(folder: Path, world: World) -> None:
    (folder / ".half.jsonl").write_text("{", "utf-8")
    (folder / "b.jsonl").write_text(text(world.masked("S1")), "utf-8")
    await until((folder / "done" / "b.jsonl").exists)
    assert (folder / ".half.jsonl").exists()


def test_a_file_waits_while_the_ledger_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = world.store.feed.take_in

    async def full(*_: Any, **__: Any) -> Any:
        monkeypatch.undo()
        raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")

    async def story(folder: Path) -> None:
        monkeypatch.setattr(world.store.feed, "take_in", full)
        (folder / "a.jsonl").write_text(text(world.masked("S1")), "utf-8")
        await until(lambda: world.store.feed.take_in == real)
        assert (folder / "a.jsonl").exists()
        (folder / "b.jsonl").write_text(text(world.masked("S2", receipt_no="R2")), "utf-8")
        await until((folder / "done" / "b.jsonl").exists)
        assert (folder / "done" / "a.jsonl").exists()
        assert list((folder / "refused").iterdir()) == []

    watched(story, world)
    assert world.store.sales.by_id("S1") is not None


@in_inbox
async def test_a_second_file_of_the_same_name_replaces_neither(folder: Path, world: World) -> None:
    for number, name in ((1, "day.jsonl"), (2, "day.2.jsonl"), (3, "day.3.jsonl")):
        record = world.masked(f"S{number}", receipt_no=f"R{number}")
        (folder / "day.jsonl").write_text(text(record), "utf-8")
        await until((folder / "done" / name).exists)
    assert world.store.sales.by_id("S3") is not None


def outcome(trace: str = "000127", **changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = {"terminal_id": "12345678", "batch": "42"}
    record |= {
        "merchant_id": "898310012340001",
        "trace": trace,
        "kind": "refund",
        "amount": 500,
        "outcome": "paid",
    }
    return record | {"reference": "P1"} | changes


@in_inbox
async def test_a_file_of_outcomes_is_refused_and_told_where_it_belongs(folder: Path) -> None:
    """Who may bring sales may not say what was paid."""
    (folder / "o.jsonl").write_text(text(outcome()), "utf-8")
    (folder / "o.csv").write_text(",".join(outcome()) + "\n", "utf-8")
    for name in ("o.jsonl", "o.csv"):
        await until((folder / "refused" / name).exists)
        reason = (folder / "refused" / f"{name}.errors.txt").read_text("utf-8")
        assert "from the folder [acquirer] inbox" in reason
