"""What no start waits for: imported behind it in small pieces, and keys are answered in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pos_terminal.control.server import Verb

PIECES: Final = (
    # what tills and tools ask
    "pos_terminal.control.outcomes",
    "pos_terminal.control.state",
    "pos_terminal.control.voucher",
    "pos_terminal.control.case_step",
    "pos_terminal.control.tools",
    # the slips
    "pos_terminal.wire.receipt.parts.goods",
    "pos_terminal.wire.receipt.parts.original",
    "pos_terminal.wire.receipt.parts.request",
    "pos_terminal.services.paper.facts",
    "pos_terminal.wire.receipt.parts.given_back",
    "pos_terminal.wire.receipt.parts.not_given_back",
    "pos_terminal.wire.receipt.kinds.case_record",
    "pos_terminal.wire.receipt.kinds.claim",
    "pos_terminal.wire.receipt.kinds.complaint",
    "pos_terminal.wire.receipt.kinds.payout",
    "pos_terminal.wire.receipt.kinds.recovery",
    "pos_terminal.wire.receipt.kinds.to_acquirer",
    "pos_terminal.wire.receipt.all_kinds",
    "pos_terminal.services.paper.slips",
    # the clerk's flows
    "pos_terminal.flows.credit.show_voucher",
    "pos_terminal.flows.find.show_sale",
    "pos_terminal.flows.find.find_by_card",
    "pos_terminal.flows.paper.reprint",
    "pos_terminal.wire.card_identity",
    "pos_terminal.wire.card_candidates",
    "pos_terminal.wire.card_dialogue",
    "pos_terminal.flows.refund.present_card",
    "pos_terminal.flows.common.ask_serial",
    "pos_terminal.flows.refund.choose_lines",
    "pos_terminal.flows.refund.hand_out_cash",
    "pos_terminal.flows.refund.pay_card",
    "pos_terminal.flows.refund.ways",
    "pos_terminal.flows.refund.ask_amount",
    "pos_terminal.flows.refund.show_plan",
    "pos_terminal.flows.refund.approve_plan",
    "pos_terminal.flows.refund.carry_out",
    "pos_terminal.flows.refund.give_back",
    "pos_terminal.flows.case.remedy",
    "pos_terminal.flows.case.see_cases",
    "pos_terminal.flows.trouble.confirm_outcomes",
    "pos_terminal.flows.menu",
    "pos_terminal.flows.home",
)
"""In this order each brings few others with it; where one is left out, a later one brings more."""


def verbs_later(names: Iterable[str], make: Callable[[], Mapping[str, Verb]]) -> dict[str, Verb]:
    """Verbs of the control socket under these names; ``make`` makes all of them with the first
    request, which waits for what is imported there."""
    made = cache(make)

    async def ask(name: str, request: dict[str, Any]) -> dict[str, Any]:
        return await made()[name](request)

    return {name: partial(ask, name) for name in names}


def come_in(last: Iterable[Callable[[], object]], *, after: float) -> None:
    """Begin ``after`` so many seconds; the loop goes round between one piece and the next.

    ``last`` are called behind the pieces, one at a time too.
    """
    loop = asyncio.get_running_loop()
    pieces = _pieces(last)

    def one_more() -> None:
        for piece in pieces:
            piece()
            loop.call_soon(one_more)
            return

    loop.call_later(after, one_more)


def _pieces(last: Iterable[Callable[[], object]]) -> Iterator[Callable[[], object]]:
    yield from (partial(import_module, name) for name in PIECES)
    yield from last
