"""Files dropped into the inbox folder: taken in whole, or refused with every reason (R9)."""

from __future__ import annotations

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
async def test_a_broken_file_is_refused_whole_with_its_lines(folder: Path, world: World) -> None:
    broken = text(world.masked("S1")) + "nonsense\n" + text(world.masked("S2") | {"colour": "red"})
    (folder / "x.jsonl").write_text(broken, "utf-8")
    refused = folder / "refused" / "x.jsonl"
    await until(refused.exists)
    reasons = (folder / "refused" / "x.jsonl.errors.txt").read_text("utf-8")
    assert "line 2" in reasons
    assert "line 3" in reasons
    assert refused.read_text("utf-8") == broken
    assert world.store.sales.by_id("S1") is None


def test_full_numbers_are_refused_or_wiped(world: World) -> None:
    async def refused(folder: Path) -> None:
        (folder / "p.jsonl").write_text(text(world.record("S1")), "utf-8")
        await until((folder / "refused" / "p.jsonl").exists)

    async def wiped(folder: Path) -> None:
        (folder / "q.jsonl").write_text(text(world.record("S1")), "utf-8")
        await until(lambda: world.store.sales.by_id("S1") and not (folder / "q.jsonl").exists())
        assert not (folder / "done" / "q.jsonl").exists()

    watched(refused, world, allow_pan=False)
    assert world.store.sales.by_id("S1") is None
    watched(wiped, world)


@in_inbox
async def test_hidden_and_other_files_are_left_alone(folder: Path, world: World) -> None:
    (folder / ".half.jsonl").write_text("{", "utf-8")
    (folder / "notes.txt").write_text("x", "utf-8")
    (folder / "b.jsonl").write_text(text(world.masked("S1")), "utf-8")
    await until((folder / "done" / "b.jsonl").exists)
    assert (folder / ".half.jsonl").exists()
    assert (folder / "notes.txt").exists()


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
