"""``docs/mistakes.md`` is played on the whole terminal, as it stands there (R45, R46, R50)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, logged_in, sell
from worlds.other_tenders import shop, way
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

PAGE: Final = Path(__file__).parents[2] / "docs" / "mistakes.md"
TEA: Final = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 1_500}


def played() -> dict[str, list[str]]:
    """What is done, by the scenario's English name, in order."""
    chapters = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {}
    for chapter in chapters:
        name = chapter.partition("\n")[0].partition(" · ")[2]
        rows = [row for row in chapter.splitlines() if row.startswith("|")]
        if rows:
            found[name] = [one for row in rows[2:] for one in re.findall("`([^`]+)`", row)]
    return found


async def scan_receipt(clerk: SimClerk) -> None:
    clerk.scan(clerk.site.shop.sale("visa-older").receipt_no)


async def scan_goods(clerk: SimClerk) -> None:
    await sell(clerk, "GOODS", {"kind": "cash", "amount": 4_500}, lines=[TEA], **CASH)
    clerk.scan("GOODS")


def code_of(clerk: SimClerk, kind: str) -> str:
    jobs = clerk.site.ledger.slips.before(None, 50)
    return next(job.slip.head.barcode for job in jobs if job.slip.body.kind == kind)


async def scan_refund(clerk: SimClerk) -> None:
    clerk.scan(code_of(clerk, "refund"))


async def scan_slip(clerk: SimClerk) -> None:
    clerk.scan(code_of(clerk, "recovery"))


async def till_sells(clerk: SimClerk, amount: str) -> None:
    await clerk.home()
    paid = {"kind": "cash", "amount": int(amount)}
    await sell(clerk, "NEW", paid, recovery_no=code_of(clerk, "recovery"), **CASH)


async def file_tells(clerk: SimClerk, outcome: str) -> None:
    record = json.loads(file_of(clerk).splitlines()[-1])
    became = {"outcome": outcome, "reference": f"{outcome}-1", "arn": "74537605312345678901234"}
    report = await take_in(clerk, json.dumps(record | became))
    assert report[outcome] == 1


async def days_later(clerk: SimClerk, days: str) -> None:
    await asyncio.sleep(int(days) * 86_400)  # virtual time
    if clerk.prompt != "home":
        await clerk.at(f"lock.pin: {clerk.me.pin} enter", "home")


DOES: Final[dict[str, Callable[..., Awaitable[Any]]]] = {
    r"scan receipt": scan_receipt,
    r"scan goods": scan_goods,
    r"scan refund": scan_refund,
    r"scan slip": scan_slip,
    r"approve": lambda clerk: clerk.approve(),
    r"pay out": lambda clerk: clerk.pay_out(),
    r"card (\w+)": lambda clerk, card: clerk.show_card(card),
    r"till sells (\d+) by the slip": till_sells,
    r"file (returned|credited)": file_tells,
    r"days (\d+)": days_later,
    r"([a-z_.]*: .+)": lambda clerk, step: clerk.at(step),
}


async def play(clerk: SimClerk, steps: list[str]) -> None:
    for step in steps:
        does, found = next(
            (does, m) for how, does in DOES.items() if (m := re.fullmatch(how, step))
        )
        await does(clerk, *found.groups())
    await clerk.home()


def ends(clerk: SimClerk) -> dict[str, tuple[str, str, dict[str, int], list[str]]]:
    """Of each kind of case: its state, cause and loss, and its kinds of steps."""
    ledger = clerk.site.ledger
    found = overview(ledger.db)["cases"]
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    return {
        one["kind"]: (
            *(one["state"], one["cause"], one["loss"]),
            [step["kind"] for step in one["steps"]],
        )
        for one in found
    }


NOTHING: Final = {"shop": 0, "customer": 0, "acquirer": 0}
SCENARIOS: Final[dict[str, dict[str, Any]]] = {
    "Too little": {"amount_little": ("closed", "typing", NOTHING, ["refund"])},
    "Too much": {"amount_much": ("closed", "typing", NOTHING, ["slip"])},
    "To the wrong account": {
        "account": ("closed", "acquirer", NOTHING, ["slip"]),
        "returned": ("closed", "acquirer", NOTHING, ["refund"]),
    },
    "The wrong goods": {
        "goods": ("closed", "wrong_goods", NOTHING | {"shop": 500}, ["decision"]),
    },
    "Too late": {"time": ("closed", "acquirer", NOTHING, ["slip", "call"])},
}


def test_the_page_has_all_of_them() -> None:
    assert list(played()) == list(SCENARIOS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", SCENARIOS)
def test_from_the_first_wrong_key_to_the_closed_case(name: str, language: Language) -> None:
    setting = shop(way("cash", "returned"), repeat="never")

    @logged_in(replace(setting, language=language))
    async def story(clerk: SimClerk) -> None:
        await play(clerk, played()[name])
        assert ends(clerk) == SCENARIOS[name]
        refunds = [one for one in clerk.site.ledger.refunds.recent(9) if one.done]
        given = [(one.kind, one.state, one.done) for one in reversed(refunds)]
        accepted = (Kind.REFUND, State.ACCEPTED)
        assert (
            given
            == {
                "Too little": [(*accepted, 1_000), (*accepted, 9_000)],
                "Too much": [(*accepted, 10_000)],
                "To the wrong account": [
                    (Kind.REFUND, State.RETURNED, 1_000),
                    (Kind.CASH, State.HANDED_OVER, 1_000),
                ],
                "The wrong goods": [(Kind.CASH, State.HANDED_OVER, 4_500)],
                "Too late": [(*accepted, 1_000)],
            }[name]
        )
        verify_store(clerk.site.ledger)

    story()
