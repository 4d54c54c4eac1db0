"""What the acquirer's file would settle waits in its own folder until a supervisor confirms it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from worlds.failures import failure_in
from worlds.host import PLASTIC, VOIDABLE_ID, World, told
from worlds.outcome_files import Files, inbox_of, lines, record, served

from pos_terminal.core.refund import Refund, State
from pos_terminal.core.settling import Settling
from pos_terminal.core.words import Failure
from pos_terminal.ports.outcome_files import WaitingFile
from pos_terminal.services.intake import outcome_inbox
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format

LONG = 14 * 3600.0
"""Past the acquirer's cut-off."""


async def three(world: World) -> tuple[Refund, Refund, Refund]:
    """Two of unknown outcome, and one that was declined."""
    declined = (await world.give_back(700, fault="code:05")).refund
    paid = await world.unknown("drop-answer")
    not_paid = await world.unknown("swallow", amount=100, sale_id="S-2")
    await asyncio.sleep(LONG)
    return paid, not_paid, declined


async def the_next(files: Files) -> WaitingFile:
    found = await files.next()
    assert found is not None
    return found


def logged(world: World, kind: str) -> list[dict[str, Any]]:
    rows = world.ledger.db.execute("SELECT facts FROM audit WHERE kind = ?", (kind,))
    return [json.loads(row["facts"]) for row in rows]


@told(repeat="never")
async def test_what_it_would_settle_is_told_and_taken_by_a_supervisor_s_word(world: World) -> None:
    paid, not_paid, declined = await three(world)
    async with served(world) as files:
        files.drop(
            "1121.jsonl",
            record(world, paid, "paid", paid_amount=4_000),
            record(world, not_paid, "not_paid"),
            record(world, declined, "paid"),
        )
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        assert (found.name, found.records, files.told) == ("1121.jsonl", 3, 1)
        assert found.settling == Settling(
            paid=1, paid_sum=4_000, not_paid=1, not_paid_sum=100, cases=1, over=700
        )
        assert world.refund(paid.refund_id).state is State.UNKNOWN
        assert logged(world, "outcomes") == []
        assert await files.take(found, "201")
        assert (files.waiting, await files.next()) == (0, None)
        assert files.lying("done") == ["1121.jsonl", "1121.jsonl.notes.txt"]
    assert world.refund(paid.refund_id).state is State.ACCEPTED
    assert world.refund(not_paid.refund_id).state is State.GIVEN_UP
    assert world.sale("S-1").locked
    assert [entry["supervisor"] for entry in logged(world, "outcomes")] == ["201"]
    verify_store(world.ledger)


@told(repeat="never")
async def test_what_settles_nothing_asks_nobody(world: World) -> None:
    done = (await world.give_back(100)).refund
    async with served(world) as files:
        files.drop("a.jsonl", record(world, done, "paid", rrn=done.rrn))
        await world.until((files.folder / "done" / "a.jsonl").exists, 5)
        assert (files.waiting, files.told) == (0, 0)


@told(repeat="never")
async def test_trusted_files_ask_nobody(world: World) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world, trusted=True) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until((files.folder / "done" / "a.jsonl").exists, 5)
        report = await files.receive(lines(record(world, refund, "paid")), Format.JSONL, "b")
    assert (report.imported, report.waiting) == (True, False)
    assert world.refund(refund.refund_id).state is State.ACCEPTED


@told(repeat="never")
async def test_what_a_supervisor_refuses_lies_in_refused_with_the_reason(world: World) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        await files.refuse(await the_next(files), "201")
        assert files.lying("refused") == ["a.jsonl", "a.jsonl.errors.txt"]
        why = (files.folder / "refused" / "a.jsonl.errors.txt").read_text("utf-8")
        assert why == "not taken, by supervisor 201 at the counter\n"
        assert files.waiting == 0
    assert world.refund(refund.refund_id).state is State.UNKNOWN
    (entry,) = logged(world, "outcomes_refused")
    assert (entry["source"], entry["supervisor"]) == ("a.jsonl", "201")


@told(repeat="never")
async def test_put_off_it_is_shown_again_to_who_logs_in_next(world: World) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        files.put_off(found)
        assert await files.next() is None
        assert files.waiting == 1
        files.ask_anew()
        assert await files.next() == found


@told(repeat="never")
async def test_over_the_socket_it_waits_in_the_folder_and_outlives_a_restart(world: World) -> None:
    refund = await world.unknown("drop-answer")
    text = lines(record(world, refund, "paid"))
    async with served(world) as files:
        for _ in range(3):
            report = await files.receive(text, Format.JSONL, "../../etc/1121 ü.jsonl")
            assert (report.imported, report.waiting) == (False, True)
            assert report.as_json()["waiting"] is True
        assert files.lying() == ["1121__.jsonl"]
        assert (files.waiting, files.told) == (1, 1)
        assert (files.folder / "1121__.jsonl").read_text("utf-8") == text
    async with served(world) as files:
        await world.until(lambda: files.waiting == 1, 5)
        assert await files.take(await the_next(files), "201")
    assert world.refund(refund.refund_id).state is State.ACCEPTED


@told(repeat="never")
async def test_what_it_is_called_over_the_socket_keeps_no_card_number(world: World) -> None:
    refund = await world.unknown("drop-answer")
    text = lines(record(world, refund, "paid"))
    async with served(world) as files:
        await files.receive(text, Format.JSONL, f"{PLASTIC}.jsonl")
        assert files.lying() == ["outcomes.jsonl"]
        assert await files.take(await the_next(files), "201")
    (evidence,) = world.ledger.outcomes.evidence(refund.refund_id)
    assert evidence.source == "outcomes.jsonl"
    async with served(world) as files:
        report = await files.receive(text, Format.JSONL, f"{PLASTIC}.jsonl")
    assert report.as_json()["source"] == "….jsonl"
    assert all(
        PLASTIC not in row["facts"] for row in world.ledger.db.execute("SELECT * FROM audit")
    )


@told(repeat="never")
async def test_no_more_of_them_are_kept_than_a_counter_can_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_inbox, "MOST_WAITING", 2)
    refund = await world.unknown("drop-answer")
    files = inbox_of(world)
    line = record(world, refund, "paid")
    for number in (1, 2):
        text = lines(line | {"reference": f"F-{number}"})
        assert (await files.receive(text, Format.JSONL, "x.jsonl")).waiting
    assert files.lying() == ["x.2.jsonl", "x.jsonl"]
    third = files.receive(lines(line), Format.JSONL, "x.jsonl")
    assert await failure_in(third) == "outcomes.too_many"
    assert files.lying() == ["x.2.jsonl", "x.jsonl"]


@told(repeat="never")
async def test_a_file_that_was_changed_after_it_was_shown_is_shown_anew(world: World) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        path = files.folder / "a.jsonl"
        path.write_text(lines(record(world, refund, "paid", paid_amount=1)), "utf-8")
        assert not await files.take(found, "201")
        assert world.refund(refund.refund_id).state is State.UNKNOWN
        assert (await the_next(files)).settling == Settling(paid=1, paid_sum=1)


@told(repeat="never")
async def test_so_is_one_that_settles_as_much_of_another_refund(world: World) -> None:
    world.acquirer.set_mode("drop-answer")
    shown = await world.unknown(amount=100)
    other = await world.unknown(amount=100, sale_id=VOIDABLE_ID)
    async with served(world) as files:
        files.drop("a.jsonl", record(world, shown, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        (files.folder / "a.jsonl").write_text(lines(record(world, other, "paid")), "utf-8")
        assert not await files.take(found, "201")
        assert await files.take(await the_next(files), "201")
    states = [world.refund(one.refund_id).state for one in (shown, other)]
    assert states == [State.UNKNOWN, State.ACCEPTED]


@told(repeat="never")
async def test_what_would_settle_something_else_by_now_is_shown_anew(world: World) -> None:
    paid, not_paid, _ = await three(world)
    records = [record(world, paid, "paid"), record(world, not_paid, "not_paid")]
    async with served(world) as files:
        files.drop("a.jsonl", *records)
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        await world.host.conclude_by_file(files_of(world, records[:1]))
        assert not await files.take(found, "201")
        assert world.refund(not_paid.refund_id).state is State.UNKNOWN
        again = await the_next(files)
        assert again.settling == Settling(not_paid=1, not_paid_sum=100)
        await world.host.conclude_by_file(files_of(world, records[1:]))
        assert await files.next() is None  # nothing is left to ask: it is taken by itself
        assert files.lying("done") == ["a.jsonl"]


def files_of(world: World, records: list[dict[str, Any]]) -> Any:
    from pos_terminal.wire.feed.outcomes import parse

    return parse(lines(*records), Format.JSONL, "other.jsonl", world.ledger.home)


@told(repeat="never")
async def test_a_bad_file_is_refused_at_once_and_the_next_one_has_its_turn(world: World) -> None:
    refund = await world.unknown("drop-answer")
    sale = {"kind": "sale", "sale_id": "S-9"}
    async with served(world) as files:
        outside = world.folder / "outside.jsonl"
        outside.write_text("secret", "utf-8")
        files.folder.mkdir(exist_ok=True)
        (files.folder / "a-link.jsonl").symlink_to(outside)
        files.drop("b.jsonl", "{" * 100_000)
        files.drop("c.jsonl", sale)
        files.drop("d.jsonl", record(world, refund, "paid", amount=1))
        files.drop("e.txt", "no file of ours")
        files.drop("f.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        assert files.lying() == ["e.txt", "f.jsonl"]
        reasons = {
            name: (files.folder / "refused" / f"{name}.errors.txt").read_text("utf-8")
            for name in ("a-link.jsonl", "b.jsonl", "c.jsonl", "d.jsonl")
        }
        assert "Files of sales go into the folder [sales] inbox" in reasons["c.jsonl"]
        assert "here that trace is a refund of 50.00" in reasons["d.jsonl"]
        assert all(reasons.values())
        assert outside.read_text("utf-8") == "secret"
    assert [entry["problems"] for entry in logged(world, "outcomes_refused")] == [1]


@told(repeat="never")
async def test_what_is_refused_loses_its_card_numbers(world: World) -> None:
    """The file is wiped, and what is kept of it has stars."""
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        path = files.drop("a.jsonl", record(world, refund, "paid") | {"card": PLASTIC})
        with path.open("rb") as held:
            await world.until(lambda: files.lying() == [], 5)
            assert PLASTIC.encode() not in held.read()
    kept, reasons = (files.folder / "refused" / f"a.jsonl{end}" for end in ("", ".errors.txt"))
    assert PLASTIC not in kept.read_text("utf-8")
    assert "476173******0010" in kept.read_text("utf-8")
    assert reasons.read_text("utf-8") == "line 1: unknown field card\n"


@told(repeat="never")
async def test_while_the_ledger_fails_it_stays_and_is_taken_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)

        async def full(*_: object) -> object:
            raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")

        with monkeypatch.context() as broken:
            broken.setattr(type(world.ledger.outcomes), "take_in", full)
            assert await failure_in(files.take(found, "201")) == "ledger.full"
        assert files.lying() == ["a.jsonl"]
        assert await files.take(await the_next(files), "201")
    assert world.refund(refund.refund_id).state is State.ACCEPTED


@told(repeat="never")
async def test_a_file_that_was_taken_back_is_asked_about_no_more(world: World) -> None:
    refund = await world.unknown("drop-answer")
    async with served(world) as files:
        files.drop("a.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.waiting == 1, 5)
        found = await the_next(files)
        (files.folder / "a.jsonl").unlink()
        assert await files.take(found, "201")
        assert (files.waiting, await files.next()) == (0, None)
    assert world.refund(refund.refund_id).state is State.UNKNOWN


@told(repeat="never")
async def test_one_that_is_too_large_is_refused_unread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_inbox, "MOST_BYTES", 1024 * 1024)
    async with served(world) as files:
        path: Path = files.drop("a.jsonl", " " * (1024 * 1024 + 1))
        await world.until((files.folder / "refused" / path.name).exists, 5)


@told(repeat="never")
async def test_what_the_ledger_could_not_take_is_tried_again_with_the_next_drop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = await world.unknown("drop-answer")
    tried = []

    async def full(*_: object) -> object:
        tried.append(1)
        raise Failure("ledger.full", file="ledger.db", cause="SQLITE_FULL")

    async with served(world, trusted=True) as files:
        with monkeypatch.context() as broken:
            broken.setattr(type(world.ledger.outcomes), "take_in", full)
            files.drop("a.jsonl", record(world, refund, "paid"))
            await world.until(lambda: bool(tried), 5)
        assert files.lying() == ["a.jsonl"]
        files.drop("b.jsonl", record(world, refund, "paid"))
        await world.until(lambda: files.lying() == [], 5)
    assert world.refund(refund.refund_id).state is State.ACCEPTED
