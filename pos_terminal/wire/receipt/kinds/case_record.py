"""What a case is about and all that was done about it, for whoever has to see it (R45, R77)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from pos_terminal.wire.receipt.body import Body
from pos_terminal.wire.receipt.figures import moment, money
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.pair import NO_TEXT, Pair
from pos_terminal.wire.receipt.parts.told import Told

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Noted(Struct, frozen=True):
    """One step."""

    kind: Pair
    at: str
    """ISO 8601."""
    operator: str
    text: str = ""
    evidence: tuple[Told, ...] = ()
    next_on: str = ""


class Ended(Struct, frozen=True):
    """Its closing by people."""

    at: str
    reference: str
    operator: str
    people: tuple[str, ...]
    cause: Pair = NO_TEXT
    shop: int = 0
    customer: int = 0
    acquirer: int = 0
    """Minor units that each bears."""


class CaseRecord(Body, frozen=True, tag="case_record"):
    state: Pair = NO_TEXT
    facts: tuple[Told, ...] = ()
    steps: tuple[Noted, ...] = ()
    ended: Ended | None = None

    def notes(self) -> tuple[str, ...]:
        return ("case_record_note",)

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """There is but one."""
        yield from ()

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        yield from blocks.facts(("case_state", " ".join(blocks.wording.pick(self.state))))
        yield from blocks.ruled(_told(blocks, self.facts))
        for number, step in enumerate(self.steps, 1):
            yield blocks.rule()
            yield from _step(blocks, number, step)
        if self.ended is not None:
            yield from blocks.ruled(_end(blocks, self.ended, head.currency), "case_closing")


def _told(blocks: Blocks, facts: tuple[Told, ...]) -> Iterator[Row]:
    for one in facts:
        label = " ".join(blocks.wording.pick(one.label))
        if one.value:
            yield from blocks.entry(label, one.value)
        else:
            yield from blocks.plain(label)


def _step(blocks: Blocks, number: int, step: Noted) -> Iterator[Row]:
    kind = " ".join(blocks.wording.pick(step.kind))
    yield from blocks.fact(f"{number}. {kind}", f"{moment(step.at)} {step.operator}", bold=True)
    if step.text:
        yield from blocks.plain(step.text, indent=2)
    yield from _told(blocks, step.evidence)
    yield from blocks.facts(("case_next", step.next_on))


def _end(blocks: Blocks, end: Ended, currency: str) -> Iterator[Row]:
    yield from blocks.facts(
        ("case_closed_at", moment(end.at)),
        ("case_reference", end.reference),
        ("operator", end.operator),
        *(("approval", one) for one in end.people),
        ("case_cause", " ".join(blocks.wording.pick(end.cause))),
    )
    losses = (("shop", end.shop), ("customer", end.customer), ("acquirer", end.acquirer))
    for who, amount in losses:
        yield from blocks.facts((f"case_loss_{who}", money(amount, currency)))
