"""Nothing that decides is preselected: whoever only presses Enter pays, commits, approves and opens
nothing, wherever it begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import logged_in, tell
from worlds.everything_waits import something_of_everything

from pos_terminal.core.people import Role
from pos_terminal.texts import Language

ENTERS: Final = 10
"""The issue's four, and some that a tired finger adds."""
DECIDED: Final = {
    "applications": "SELECT * FROM applications WHERE state <> 'refused'",
    "drawer": "SELECT count(*) FROM audit WHERE kind LIKE 'drawer%'",
    **{
        table: f"SELECT * FROM {table}"  # noqa: S608 - a name from here
        for table in (
            *("approvals", "refunds", "print_jobs", "cases", "closings", "vouchers"),
            *(
                "redemptions",
                "cleared_cards",
                "findings",
                "refusals",
                "outcomes",
                "tenders",
                "lines",
            ),
        )
    },
}
"""What would be otherwise if anything had been paid, committed, approved or opened."""
NOBODY_ASKED: Final = Setting(
    repeat="never",
    language=Language.EN,
    acquirer={"files": "confirm"},
    policy={"supervisor": "by-rule"},
)
"""No supervisor stands between the Enters and the money."""
Start = Callable[[SimClerk], Awaitable[None]]


def decided(clerk: SimClerk) -> Mapping[str, Any]:
    db = clerk.site.ledger.db
    tables = {name: [tuple(row) for row in db.execute(sql)] for name, sql in DECIDED.items()}
    return tables | {"pulses": clerk.site.parts.drawer}


async def only_enters(clerk: SimClerk) -> list[str]:
    """The prompts on the way."""
    seen = [clerk.prompt]
    for _ in range(ENTERS):
        clerk.press("enter")
        await asyncio.sleep(2)
        seen.append(clerk.prompt)
    return seen


async def from_here(clerk: SimClerk, start: Start) -> list[str]:
    before = decided(clerk)
    await start(clerk)
    await asyncio.sleep(2)
    seen = await only_enters(clerk)
    assert decided(clerk) == before, seen
    await clerk.home(reprint=False)
    return seen


@logged_in(NOBODY_ASKED)
async def test_from_a_scan_of_each_sale(clerk: SimClerk) -> None:
    """All kinds of tenders, ages and goods; those that can't go back, too."""
    reached = set()
    for sale in clerk.site.shop.sales:

        async def scan(clerk: SimClerk, code: str = sale.receipt_no) -> None:
            clerk.scan(code)

        reached |= set(await from_here(clerk, scan))
    assert {"sale", "refund.amount", "refund.reason", "refund.leg", "failure"} <= reached
    assert not reached & {"card.present", "refund.confirm", "cash.hand_over", "result"}


@logged_in(NOBODY_ASKED)
async def test_no_payment_of_several_is_chosen_by_enters(clerk: SimClerk) -> None:
    """It decides to which card or drawer the money goes."""

    async def scan(clerk: SimClerk) -> None:
        clerk.scan(clerk.site.shop.sale("two-cards-today").receipt_no)

    assert await from_here(clerk, scan) == ["sale", *["refund.leg"] * ENTERS]


@logged_in(NOBODY_ASKED)
async def test_from_a_number_a_card_and_a_voucher(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("same-trace")

    async def trace(clerk: SimClerk) -> None:
        clerk.press(*sale.trace.lstrip("0"))

    async def card(clerk: SimClerk) -> None:
        clerk.insert("visa")

    async def unknown(clerk: SimClerk) -> None:
        clerk.press("999998", "enter")

    assert "find.choose" in await from_here(clerk, trace)
    assert "find.choose" in await from_here(clerk, card)
    assert "failure" in await from_here(clerk, unknown)


def test_from_a_voucher() -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await clerk.find(clerk.site.shop.sale("cash-today"))
        await clerk.at(": enter", "refund.amount: enter", "refund.reason: 1")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("result: enter", "home")
        (number,) = clerk.site.ledger.db.execute("SELECT number FROM vouchers").fetchone()

        async def scan(clerk: SimClerk) -> None:
            clerk.scan(number)

        assert set(await from_here(clerk, scan)) == {"voucher"}

    tell(story, Setting(language=Language.EN, rules={"cash_limit": {"limit": 1}}))


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
def test_from_each_entry_of_the_menu_while_everything_waits(role: Role, tmp_path: Path) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await something_of_everything(clerk, tmp_path)
        if role is Role.SUPERVISOR:
            await clerk.at(": menu", "menu: 5 1", "login.number")
            clerk.me = clerk.site.shop.person(role, 1)
            await clerk.at(f": {clerk.me.number} enter", f"login.pin: {clerk.me.pin} enter")
            await clerk.at("outcomes.confirm: cancel", "home")
        reached: set[str] = set()
        ended: dict[str, str] = {}
        for way in (
            "",
            "1",
            "11",
            "12",
            "2",
            "21",
            "3",
            "31",
            "32",
            "33",
            "34",
            "35",
            "4",
            "41",
            "42",
        ):

            async def open_it(clerk: SimClerk, way: str = way) -> None:
                clerk.press("menu", *way)

            seen = await from_here(clerk, open_it)
            ended[way] = seen[-1]
            reached |= set(seen)
        ends = {"31": "unknown.outcome", "32": "cash.choose", "21": "reprint.refund"}
        assert {way: ended[way] for way in ends} == ends, "where somebody has to decide"
        assert {"outcomes.confirm", "case.facts", "sale", "feed.refused"} <= reached

    tell(story, Setting(repeat="never", language=Language.EN, acquirer={"files": "confirm"}))


@logged_in(NOBODY_ASKED)
async def test_from_the_question_about_a_slip(clerk: SimClerk) -> None:
    printer = clerk.site.parts.printer
    printer.printer.after(20, printer.power_cycle)
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at(": enter", "refund.amount: 123 enter", "refund.reason: 1")
    await clerk.show_card("visa")
    await clerk.at("result: enter", "print.unsure")
    before = decided(clerk)
    assert set(await only_enters(clerk)) == {"print.unsure"}
    assert decided(clerk) == before


@logged_in(NOBODY_ASKED)
async def test_the_amount_of_cash_stands_alone_before_it_is_committed(clerk: SimClerk) -> None:
    """Also where the approval was typed in advance: no key from before answers it."""
    sale = clerk.site.shop.sale("cash-today")
    await clerk.find(sale)
    await clerk.at(": enter", "refund.amount: 500 enter", "refund.reason")
    clerk.press("4", "enter", "enter", "enter")
    await clerk.wait("refund.confirm")
    await asyncio.sleep(2)
    assert clerk.prompt == "refund.confirm"
    assert "¥5.00" in clerk.text
    assert clerk.site.refunds_of(sale.sale_id) == []
    await clerk.go("cancel", to="home")
    (state,) = clerk.site.ledger.db.execute("SELECT state FROM applications").fetchone()
    assert (state, clerk.site.parts.drawer) == ("cancelled", 0)


@logged_in(NOBODY_ASKED)
async def test_after_a_refund_enters_leave_the_outcome_and_no_more(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at(": enter", "refund.amount: 123 enter", "refund.reason: 1")
    await clerk.show_card("visa")
    await clerk.wait("result")
    before = decided(clerk)
    assert set(await only_enters(clerk)) == {"result", "home"}
    assert decided(clerk) == before
