"""What became of what was paid, told by the acquirer's file: on the account, or come back (R50).

Late, twice, in the wrong order and of a part. What it comes to is written down from the order and
the days of the lines alone, by the rules of ``docs/acquirer-file.md``: the terminal's own word is
never asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.case import CaseKind

DAYS: Final = 0.25
"""Of the days: with an acquirer that tells what became of what it paid."""
_EARLY, _LATE = "2026-11-24", "2026-11-26"
_TOLD: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "credited": (("credited", _EARLY),),
    "returned": (("returned", _EARLY),),
    "returned, told twice": (("returned", _EARLY), ("returned", _EARLY)),
    "returned by two references": (("returned", _EARLY), ("returned again", _LATE)),
    "credited, then returned": (("credited", _EARLY), ("returned", _LATE)),
    "returned, and credited before that": (("returned", _LATE), ("credited", _EARLY)),
    "credited after it had come back": (("returned", _EARLY), ("credited", _LATE)),
}
"""Each line in a file of its own, in this order."""
_IN_PART: Final = "returned in part"
WAYS: Final = (*_TOLD, _IN_PART)
"""One of them is drawn for each payment that is told of."""
_CASES: Final = """SELECT refund_id, kind, over, facts ->> 'amount' AS amount FROM cases
    WHERE refund_id IS NOT NULL AND kind IN ('returned', 'overpayment')"""


class Afterwards:
    """``tell`` once everything is at rest; ``problems`` of what it came to."""

    def __init__(self, site: Site, clerk: SimClerk, chance: Random, counts: Counter[str]) -> None:
        self._site = site
        self._clerk = clerk
        self._chance = chance
        self._counts = counts
        self.back: dict[tuple[str, str], int] = {}
        """By batch and trace: what came back, minor units."""
        self.after_all: set[tuple[str, str]] = set()
        """On the account although it had come back."""

    async def tell(self) -> None:
        """Files in turn, then the cases of some of them closed."""
        lines = [line for record in self._paid() for line in self._became_of(record)]
        turns = sorted({turn for turn, _ in lines})
        self._site.came_back = {
            refund.refund_id: self.back[key]
            for key in self.back
            if (refund := self._site.ledger.refunds.by_number(*key)) is not None
        }
        for turn in turns:
            await self._take([line for at, line in lines if at == turn], turn)
        if turns and self._chance.random() < 0.5:
            await self._take([line for _, line in lines if line["outcome"] == "credited"], 0)
        if self._chance.random() < 0.5:
            closed = await close_cases(self._site, CaseKind.RETURNED)
            self._counts["cases of what came back closed"] += closed

    def _paid(self) -> Iterator[dict[str, Any]]:
        """Refunds of the line, each paid once."""
        text = outcome_file(self._site.acquirer.book.entries(), None, as_csv=False)
        for record in map(json.loads, text.splitlines()):
            if record["kind"] == "refund" and record["outcome"] == "paid":
                yield record

    def _became_of(self, record: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        """With the turn of each line. Most is never told of."""
        if self._chance.random() < 0.3:
            return
        key = (record["batch"], record["trace"])
        paid = int(record.get("paid_amount", record["amount"]))
        what = self._chance.choice(WAYS)
        self._counts[f"acquirer tells: {what}"] += 1
        yield 0, record  # that it was paid is known by then, also where the line left it open
        if what == _IN_PART:
            self.back[key] = part = self._chance.randint(1, paid)
            came = _line(record, "returned", _EARLY) | {"paid_amount": part}
            if part == record["amount"]:
                del came["paid_amount"]
            yield 0, came
            return
        told = _TOLD[what]
        if any(outcome != "credited" for outcome, _ in told):
            self.back[key] = paid
        if what == "credited after it had come back":
            self.after_all.add(key)
        for turn, (outcome, day) in enumerate(told):
            yield turn, _line(record, outcome, day)

    async def _take(self, lines: list[dict[str, Any]], turn: int) -> None:
        self._chance.shuffle(lines)
        text = "".join(json.dumps(one) + "\n" for one in lines)
        order = {"text": text, "source": f"became-{turn}.jsonl"}
        answer = await self._site.terminal.verbs["import-outcomes"](order)
        report = answer["report"]
        assert report["imported"], report["problems"]

    def problems(self) -> Iterator[str]:
        """Each refund is as its lines say, with one case of what came back, and never two."""
        cases: dict[tuple[int, str], list[Any]] = {}
        for row in self._site.ledger.db.execute(_CASES):
            cases.setdefault((row["refund_id"], row["kind"]), []).append(row)
        for refund in self._site.ledger.refunds.recent(10_000):
            key = (refund.batch or "", refund.stan or "")
            about = f"refund {refund.refund_id} ({refund.kind} {refund.state})"
            back = self.back.get(key, 0) if refund.stan else 0
            told = [int(row["amount"]) for row in cases.get((refund.refund_id, "returned"), ())]
            if told != ([back] if back else []) or (refund.state == "returned") != bool(back):
                yield f"{about}: {back} came back by the acquirer's files, in cases {told}"
            if key in self.after_all:
                over = [
                    int(row["over"]) for row in cases.get((refund.refund_id, "overpayment"), ())
                ]
                if over != [back]:
                    yield f"{about}: {back} is on the account after all, in cases {over}"


def _line(record: dict[str, Any], outcome: str, day: str) -> dict[str, Any]:
    kind = outcome.split(maxsplit=1)[0]
    reference = f"{outcome[0].upper()}{len(outcome)}-{record['reference']}"
    return record | {"outcome": kind, "happened_on": day, "reference": reference, "rrn": ""}
