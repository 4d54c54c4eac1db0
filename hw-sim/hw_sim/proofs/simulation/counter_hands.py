"""What every story of the counter does: the till tells, the clerk goes to the end of it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import PATIENCE, Lost, SimClerk
from pos_terminal.core.refund import LAPSED, Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure

_NONE: Final = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")
_TO_ITS_END: Final = (
    *("card.present", "refund.confirm", "cash.hand_over", "exchange.back"),
    *("ticket.left", "ticket.failed", "result", "failure", "home"),
)


async def till_tells(clerk: SimClerk, *some: Mapping[str, Any]) -> None:
    """Records of one file, through the door that tills use. Lost where they are not taken."""
    terminal = clerk.site.terminal
    await clerk.site.until(lambda: "import-sales" in terminal.verbs, PATIENCE, "open door")
    request = {"lines": [json.dumps(one) for one in some], "source": "till"}
    try:
        answer = await terminal.ask(lambda: terminal.verbs["import-sales"](request))
    except Failure as failure:
        raise Lost(f"the till is refused: {failure}") from None
    if answer is None:  # killed meanwhile: this story is over
        await asyncio.Event().wait()
    elif answer["report"]["problems"]:
        raise Lost(f"the till is refused: {answer['report']['problems']}")


def sold(name: str, *tenders: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A record of the sales feed; ``name`` is on the receipt, too."""
    return {
        "sale_id": name,
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        **_NONE,
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": identity.CURRENCY,
        "amount": sum(tender["amount"] for tender in tenders),
        "receipt_no": name,
        "tenders": tenders,
        "lines": [],
        **more,
    }


async def to_the_end(clerk: SimClerk, *, approves: bool = True) -> None:
    """Whatever is asked up to the home screen. Lost where a supervisor is asked for and nobody
    ``approves``: nobody does so twice."""
    expected = (*_TO_ITS_END, "supervisor.number") if approves else _TO_ITS_END
    shown, supervisor = "", 0
    while shown != "home":
        shown = await clerk.wait(*expected)
        if shown == "supervisor.number":
            await clerk.approve(supervisor % 2)
            supervisor += 1
        elif shown == "card.present":
            await clerk.show_card("unionpay-debit" if "622848" in clerk.text else "visa")
        elif shown != "home":
            clerk.press("enter")
            await clerk.leave(shown)


def exactly(found: Counter[str], due: Mapping[str, int]) -> list[str]:
    wanted = Counter(due)
    missing, twice = wanted - found, found - wanted
    return [f"{dict(missing)} missing, {dict(twice)} too many"] if missing or twice else []


def lasting(clerk: SimClerk, sale: Sale | None) -> list[Refund]:
    """What lasts of its refunds."""
    if sale is None:
        return []
    refunds = clerk.site.ledger.refunds.of_sale(sale.key)
    return [one for one in refunds if one.state not in LAPSED]
