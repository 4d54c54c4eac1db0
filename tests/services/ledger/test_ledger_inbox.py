"""Files dropped into the inbox folder: taken in whole, or refused with every reason (R9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds.inbox import in_inbox, text, until, watched
from worlds.ledger import World

from pos_terminal.core.effect import Effect
from pos_terminal.core.words import Failure
from pos_terminal.ports.books.outcomes import Judged, OutcomeReport
from pos_terminal.wire.feed.outcome import OutcomeFile


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


def test_a_file_of_outcomes_is_told_by_itself_and_its_notes_are_kept(world: World) -> None:
    async def left(file: OutcomeFile) -> OutcomeReport:
        (one,) = file.outcomes
        return OutcomeReport(file, (Judged(one, Effect.LEFT, 1, reason="too early"),))

    async def story(folder: Path) -> None:
        (folder / "o.jsonl").write_text(text(outcome()), "utf-8")
        await until((folder / "done" / "o.jsonl").exists)
        notes = (folder / "done" / "o.jsonl.notes.txt").read_text("utf-8")
        assert notes == "line 1: too early\n"

    watched(story, world, outcomes=left)


def test_a_refused_file_of_outcomes_has_its_reasons_beside_it(world: World) -> None:
    async def refused(file: OutcomeFile) -> OutcomeReport:
        return OutcomeReport(file, problems=file.problems)

    async def story(folder: Path) -> None:
        (folder / "o.jsonl").write_text(text(outcome(), outcome(amount=501)), "utf-8")
        await until((folder / "refused" / "o.jsonl").exists)
        reasons = (folder / "refused" / "o.jsonl.errors.txt").read_text("utf-8")
        assert reasons == "line 2: contradicts line 1\n"

    watched(story, world, outcomes=refused)


def test_outcomes_wait_while_the_ledger_fails(world: World) -> None:
    tried = []

    async def full(file: OutcomeFile) -> OutcomeReport:
        tried.append(file.source)
        if len(tried) == 1:
            raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")
        return OutcomeReport(file)

    async def story(folder: Path) -> None:
        (folder / "o.jsonl").write_text(text(outcome()), "utf-8")
        await until(lambda: tried)
        assert (folder / "o.jsonl").exists()
        (folder / "p.jsonl").write_text(text(outcome()), "utf-8")
        await until((folder / "done" / "p.jsonl").exists)
        assert (folder / "done" / "o.jsonl").exists()

    watched(story, world, outcomes=full)
