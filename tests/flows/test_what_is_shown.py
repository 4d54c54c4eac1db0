"""What a person must see before the next key: the sale and the amount, what is held, which card."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting

from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.words import say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.find import show_sale
from pos_terminal.texts import Language
from pos_terminal.wire.feed.lines import Format

Counter = Callable[..., None]
NEVER = Setting(repeat="never", language=Language.EN)


def rows(clerk: SimClerk) -> list[str]:
    return clerk.site.terminal.screen.text.splitlines()


def row_of(clerk: SimClerk, label: str) -> str:
    """The one row that begins with this label."""
    found = [row for row in rows(clerk) if row.strip().startswith(label)]
    assert len(found) == 1, rows(clerk)
    return found[0]


def test_a_supervisor_sees_which_sale_and_how_much(at_the_counter: Counter) -> None:
    """Beside the number and beside the PIN: an approval is of this sale and this amount (R23)."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        await clerk.ask_for(sale, 1_234)
        boss = clerk.site.shop.staff[2]
        for prompt, keys in (("supervisor.number", boss.number), ("supervisor.pin", boss.pin)):
            await clerk.wait(prompt)
            assert sale.trace in row_of(clerk, "Refund")
            assert "¥12.34" in row_of(clerk, "Amount")
            clerk.press(keys, "enter")
        await clerk.wait("card.present")

    at_the_counter(story)


def test_what_is_back_and_what_is_held_stand_on_the_sale(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        await clerk.give_back(sale, 45)
        await clerk.home()
        clerk.site.acquirer.set_mode("drop-answer", 1)
        await clerk.give_back(sale, 123)
        await clerk.home()
        assert clerk.site.ledger.refunds.of_sale(sale.sale_id)[-1].state is State.UNKNOWN
        now = clerk.site.ledger.sales.by_id(sale.sale_id)
        assert now is not None
        shown = [(line.words, line.value) for line in show_sale._lines(quiet_desk(clerk), now)]
        left = f"¥{(sale.amount - 168) / 100:.2f}"
        for label, amount in (("done", "¥0.45"), ("held", "¥1.23"), ("remaining", left)):
            assert (say(f"flows.{label}"), amount) in shown

    at_the_counter(story, NEVER)


def quiet_desk(clerk: SimClerk) -> Desk:
    """With what the sale's lines are made of, and no trouble."""
    desk = SimpleNamespace(
        clock=clerk.site.parts.wall,
        ledger=clerk.site.ledger,
        printing=SimpleNamespace(trouble=None, near_end=False),
        shop=SimpleNamespace(book=make_book({}), cut_off="23:00"),
    )
    return cast(Desk, desk)


@pytest.mark.parametrize(("card", "said"), [("phone", True), ("unionpay-credit", False)])
def test_another_card_of_the_account_is_said(
    at_the_counter: Counter, card: str, said: bool
) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("unionpay-credit-older")
        await clerk.give_back(sale, 100, card=card)
        await clerk.wait("result")
        assert ("Same account, another card" in rows(clerk)) is said

    at_the_counter(story)


def test_a_tills_own_number_comes_before_ours(at_the_counter: Counter) -> None:
    """A till may print 13 digits that happen to be a valid code of this terminal (R3)."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        sale = clerk.site.shop.sale("visa-older")
        await clerk.give_back(sale, 100)
        await clerk.home()
        (refund,) = clerk.site.ledger.refunds.of_sale(sale.sale_id)
        ids = (identity.MERCHANT_ID, identity.TERMINAL_ID)
        code = encode(Kind.REFUND, *ids, refund.refund_id)
        await sell(clerk, receipt_no=code)
        clerk.scan(code)
        await clerk.wait("sale")
        assert "¥43.21" in row_of(clerk, "Amount")

    at_the_counter(story)


async def sell(clerk: SimClerk, receipt_no: str) -> None:
    """A cash sale of 4321."""
    record = {
        "sale_id": "TILL",
        "merchant_id": identity.MERCHANT_ID,
        "terminal_id": identity.TERMINAL_ID,
        **dict.fromkeys(("batch", "trace", "rrn", "auth_code"), ""),
        "sold_at": "2026-11-20T10:00:00+08:00",
        "currency": "156",
        "amount": 4_321,
        "receipt_no": receipt_no,
        "tenders": [{"kind": "cash", "amount": 4_321}],
        "lines": [],
    }
    report = await clerk.site.ledger.feed.take_in(
        [json.dumps(record)], source="test", form=Format.JSONL, allow_pan=False
    )
    assert report.added == 1, report


async def stopped_by(clerk: SimClerk, text: str) -> None:
    """The sale's screen never comes, nothing is written, and why is said."""
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("cash-today").receipt_no)
    await clerk.wait("failure", "sale")
    assert text in clerk.site.terminal.screen.text
    assert clerk.site.ledger.applications.by_number(1) is None


def test_no_cash_goes_out_on_a_clock_that_is_not_believed(at_the_counter: Counter) -> None:
    """A cash leg asks no acquirer, so that no sign-on would stop it later (R70)."""

    async def story(clerk: SimClerk) -> None:
        clerk.site.acquirer.set_mode("refuse")
        clerk.site.parts.wall.set(clerk.site.time.now() - timedelta(days=2))
        await stopped_by(clerk, "Clock is behind")

    at_the_counter(story)


def test_without_a_printer_no_refund_begins(at_the_counter: Counter) -> None:
    async def story(clerk: SimClerk) -> None:
        clerk.site.parts.printer.unplug()
        await stopped_by(clerk, "No printer: cannot refund")

    at_the_counter(story)
