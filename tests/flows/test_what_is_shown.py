"""What a person must see before the next key: the sale and the amount, what is held, which card."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, NEVER, at_the_counter, logged_in, sell

from pos_terminal.core.receipt_code import encode
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.words import say
from pos_terminal.flows.find import show_sale
from pos_terminal.zones import zone_of

SHANGHAI = zone_of("Asia/Shanghai")


def rows(clerk: SimClerk) -> list[str]:
    return clerk.text.splitlines()


def row_of(clerk: SimClerk, label: str) -> str:
    """The one row that begins with this label."""
    found = [row for row in rows(clerk) if row.strip().startswith(label)]
    assert len(found) == 1, rows(clerk)
    return found[0]


@logged_in()
async def test_a_supervisor_sees_which_sale_and_how_much(clerk: SimClerk) -> None:
    """Beside the number and beside the PIN: an approval is of this sale and this amount (R23)."""
    sale = clerk.site.shop.sale("visa-older")
    await clerk.ask_for(sale, 1_234)
    boss = clerk.site.shop.staff[2]
    for prompt, keys in (("supervisor.number", boss.number), ("supervisor.pin", boss.pin)):
        await clerk.wait(prompt)
        assert sale.trace in row_of(clerk, "Refund")
        assert "¥12.34" in row_of(clerk, "Amount")
        clerk.press(keys, "enter")
    await clerk.wait("card.present")


@logged_in(NEVER)
async def test_what_is_back_and_what_is_held_stand_on_the_sale(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale("visa-older")
    await clerk.give_back(sale, 45)
    await clerk.home()
    clerk.site.acquirer.set_mode("drop-answer", 1)
    await clerk.give_back(sale, 123)
    await clerk.home()
    assert clerk.site.refunds_of(sale.sale_id)[-1].state is State.UNKNOWN
    now = clerk.site.sale(sale.sale_id)
    shown = [(line.words, line.value) for line in show_sale._of(now, None)]
    left = f"¥{(sale.amount - 168) / 100:.2f}"
    for label, amount in (("done", "¥0.45"), ("held", "¥1.23"), ("remaining", left)):
        assert (say(f"flows.{label}"), amount) in shown


@pytest.mark.parametrize(("card", "said"), [("phone", True), ("unionpay-credit", False)])
@logged_in()
async def test_another_card_of_the_account_is_said(clerk: SimClerk, card: str, said: bool) -> None:
    sale = clerk.site.shop.sale("unionpay-credit-older")
    await clerk.give_back(sale, 100, card=card)
    await clerk.wait("result")
    assert ("Same account, another card" in rows(clerk)) is said


@logged_in()
async def test_a_tills_own_number_comes_before_ours(clerk: SimClerk) -> None:
    """A till may print 13 digits that happen to be a valid code of this terminal (R3)."""
    sale = clerk.site.shop.sale("visa-older")
    await clerk.give_back(sale, 100)
    await clerk.home()
    (refund,) = clerk.site.refunds_of(sale.sale_id)
    ids = (identity.MERCHANT_ID, identity.TERMINAL_ID)
    code = encode(Kind.REFUND, *ids, refund.refund_id)
    await sell(clerk, code, {"kind": "cash", "amount": 4_321}, **CASH)
    clerk.scan(code)
    await clerk.wait("sale")
    assert "¥43.21" in row_of(clerk, "Amount")


async def stopped_by(clerk: SimClerk, text: str) -> None:
    """The sale's screen never comes, nothing is written, and why is said."""
    await clerk.log_in()
    clerk.scan(clerk.site.shop.sale("cash-today").receipt_no)
    await clerk.wait("failure", "sale")
    assert text in clerk.text
    assert clerk.site.ledger.applications.by_number(1) is None


@at_the_counter()
async def test_no_cash_goes_out_on_a_clock_that_is_not_believed(clerk: SimClerk) -> None:
    """A cash leg asks no acquirer, so that no sign-on would stop it later (R70)."""
    clerk.site.acquirer.set_mode("refuse")
    clerk.site.parts.wall.set(clerk.site.time.now() - timedelta(days=2))
    await stopped_by(clerk, "Clock is behind")


@at_the_counter()
async def test_without_a_printer_no_refund_begins(clerk: SimClerk) -> None:
    clerk.site.parts.printer.unplug()
    await stopped_by(clerk, "No printer: cannot refund")
