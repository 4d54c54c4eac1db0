"""A file goes in by commits of at most 500 records; between them others come first (R9)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from worlds.ledger import World

from pos_terminal.core.refund import State
from pos_terminal.services.ledger.books.feed import face
from pos_terminal.services.ledger.step import Step
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.feed.lines import Format

T = TypeVar("T")


def lines(world: World, count: int, first: int = 1) -> list[str]:
    records = (world.masked(f"S{n}", trace=f"{n:06d}") for n in range(first, first + count))
    return [json.dumps(record) for record in records]


def take(world: World, many: Any) -> Any:
    return world.store.feed.take_in(many, source="day", form=Format.JSONL, allow_pan=False)


def steps_of(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Names of the steps from now on, with the sales that there were after each."""
    seen: list[tuple[str, int]] = []
    real = world.store.step

    async def step(name: str, work: Callable[[Step], T]) -> T:
        done = await real(name, work)
        count = world.store.db.execute("SELECT count(*) FROM sales").fetchone()[0]
        seen.append((name, count))
        return done

    monkeypatch.setattr(world.store, "step", step)
    return seen


def test_no_commit_has_more_than_five_hundred(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = steps_of(world, monkeypatch)
    report = world.do(take(world, lines(world, 1201)))
    assert (report.added, report.records, report.refused) == (1201, 1201, 0)
    assert seen == [("import_sales", count) for count in (500, 1000, 1201)]
    verify_store(world.store)


def test_a_clerk_goes_between_two_commits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = steps_of(world, monkeypatch)

    async def both() -> None:
        importing = asyncio.ensure_future(take(world, lines(world, 1500)))
        while not (seen or importing.done()):
            await asyncio.sleep(0)
        await world.store.journal.note("clerk", {})
        await importing

    asyncio.run(both())
    assert [name for name, _ in seen].index("note.clerk") == 1


def test_a_refund_on_its_way_ends_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sell("S0")
    sealed = world.seal(1_000, "S0")
    naps: list[float] = []
    seen = steps_of(world, monkeypatch)

    async def nap(seconds: float) -> None:
        if seconds:
            naps.append(seconds)
            if len(naps) == 3:
                world.store.writer.transact(
                    "conclude", lambda step: step.db.execute("UPDATE refunds SET state = 'unknown'")
                )

    monkeypatch.setattr(f"{face.__name__}.asyncio.sleep", nap)
    world.do(take(world, lines(world, 501)))
    assert len(naps) == 3
    assert [name for name, _ in seen] == ["import_sales", "import_sales"]
    assert sealed.refund.state is State.SEALED


def test_a_refund_without_end_holds_nothing_up_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sell("S0")
    world.seal(1_000, "S0")
    waited: list[float] = []

    async def nap(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(f"{face.__name__}.asyncio.sleep", nap)
    assert world.do(take(world, lines(world, 501))).added == 501
    assert sum(waited) == pytest.approx(face.PATIENCE, abs=2 * face.GIVE_WAY)


def test_a_kill_goes_on_where_it_was(world: World) -> None:
    many = lines(world, 1100)

    class Killed(BaseException):
        pass

    def cut() -> Iterator[str]:
        yield from many[:700]
        raise Killed

    with pytest.raises(Killed):
        world.do(take(world, cut()))
    world.reopen()
    verify_store(world.store)
    report = world.do(take(world, many))
    assert (report.known, report.added) == (500, 600)
    assert world.do(take(world, many)).known == 1100
    verify_store(world.store)


def test_a_bad_record_takes_none_of_its_commit_with_it(world: World) -> None:
    many = lines(world, 1000)
    many[250], many[750] = "{", many[750].replace("000751", "1234567")
    report = world.do(take(world, many))
    assert (report.added, report.refused) == (998, 2)
    assert [(p.line, p.sale_id) for p in report.problems] == [(251, ""), (751, "S751")]
    verify_store(world.store)


MEASURE = """
import sys
from pathlib import Path
from pos_terminal.services.ledger.books.feed.taking import Taking
from pos_terminal.services.intake.feed_files import FeedFile
from pos_terminal.wire.feed.lines import Format, Reader
from pos_terminal.wire.feed.rules import Rules
reader = Reader(Format.JSONL, Rules("898310012340001", None, False))
with FeedFile(Path(sys.argv[1])) as file:
    taking = Taking(file.lines(), "x", reader, None)
    while told := taking.read():
        taking.entries(told)
        taking.keep_bad(told)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1], taking.report().records)
"""


def test_reading_takes_no_more_memory_for_a_larger_file(world: World, tmp_path: Path) -> None:
    """Two and ten megabytes: the larger one needs hardly more."""
    one = "\n".join(lines(world, 100)) + "\n"
    peaks = []
    for times in (50, 250):
        path = tmp_path / f"{times}.jsonl"
        path.write_text(one * times, "utf-8")
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
        )
        peak, records = map(int, done.stdout.split())
        assert records == 100 * times
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 2_048, peaks
