"""From a slip to rows of paper: marks, head and foot, and between them what its kind has (R39)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pos_terminal.wire.receipt.blocks import Blocks
from pos_terminal.wire.receipt.figures import moment
from pos_terminal.wire.receipt.head import Copy, Head
from pos_terminal.wire.receipt.paper import Cut, Gap, Row
from pos_terminal.wire.receipt.slip import Slip

AIR: Final = 12
"""Dots above and beneath the title."""


def lay_out(slip: Slip, blocks: Blocks, *, attempt: int, duplicate: int) -> tuple[Row, ...]:
    """All rows of the slip, its marks and the cut included."""
    return (
        *_marks(slip.head, blocks, attempt, duplicate),
        *_top(slip, blocks),
        *_facts(slip.head, blocks),
        *slip.body.rows(blocks, slip.head),
        *_foot(slip, blocks, duplicate),
        Cut(),
    )


def _marks(head: Head, blocks: Blocks, attempt: int, duplicate: int) -> Iterator[Row]:
    if head.training:
        yield from blocks.mark("training")
    if duplicate:
        yield from blocks.mark("duplicate", n=duplicate)
    if attempt > 1:
        yield from blocks.mark("attempt", n=attempt)
        yield from blocks.notes("attempt_note")


def _top(slip: Slip, blocks: Blocks) -> Iterator[Row]:
    body = slip.body
    yield from blocks.centred(slip.head.merchant_name, bold=True, tall=2)
    yield Gap(AIR)
    yield from blocks.title(body.title(slip.copy), alarm=body.alarming)
    for note in body.notes():
        yield from blocks.notes(note)
    yield Gap(AIR)
    yield from body.whose(blocks, slip.copy)


def _facts(head: Head, blocks: Blocks) -> Iterator[Row]:
    yield blocks.rule("=")
    yield from blocks.facts(
        ("merchant", head.merchant_id),
        ("terminal", head.terminal_id),
        ("operator", head.operator),
        ("at", moment(head.at)),
        ("application", str(head.application) if head.application else ""),
        ("case", str(head.case) if head.case else ""),
    )


def _foot(slip: Slip, blocks: Blocks, duplicate: int) -> Iterator[Row]:
    head, body = slip.head, slip.body
    yield blocks.rule()
    if body.agreement and head.copy is Copy.MERCHANT:
        yield from blocks.signature(body.agreement, body.bearer)
    if body.for_people:
        yield from blocks.facts(("contact", head.contact))
        if head.copy is Copy.CUSTOMER:
            yield from blocks.notes("keep")
    yield from blocks.barcode(head.barcode)
    if duplicate:
        yield from blocks.notes("duplicate", n=duplicate)
    if head.training:
        yield from blocks.mark("training")
