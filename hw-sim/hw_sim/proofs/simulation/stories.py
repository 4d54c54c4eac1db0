"""Ready-made stories, each from the log-in to the home screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.voucher import Voucher

Tell = Callable[[SimClerk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Story:
    """One sale, and how money of it goes back."""

    name: str
    sale: str
    tell: Tell
    amount: int | None = None
    """What goes back when the story is told to its end; None is the whole sale."""
    fault: str | None = None
    """A mode of the acquirer, for the first message of money."""
    leg: int = 0
    """Which of several payments, from 0."""
    by_card: bool = True
    """Whether the acquirer pays it."""
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the shop's owner must have chosen (``Setting.rules``)."""
    policy: dict[str, Any] = field(default_factory=dict)
    """The same of ``[policy]``."""
    wrong: Callable[[SimClerk], list[str]] | None = None
    """What of the story is not told to its end, where it is more than one sale's money: told
    again, it goes on there."""
    repeats: tuple[str, ...] = ("identical", "never")
    """What its acquirer may promise; by the others people have to wait for an outcome."""

    def due(self, clerk: SimClerk) -> int:
        return clerk.site.shop.sale(self.sale).amount if self.amount is None else self.amount


def _give_back(sale: str, card: str, amount: int | None = None, *, tapped: bool = True) -> Tell:
    async def tell(clerk: SimClerk) -> None:
        await clerk.home()
        await clerk.ask_for(clerk.site.shop.sale(sale), amount)
        await clerk.approve()
        await clerk.show_card(card, tapped=tapped)
        await clerk.home()

    return tell


async def _second_leg(clerk: SimClerk) -> None:
    """A part of the second of two payments by one card, for the same amount each."""
    await clerk.home()
    await clerk.find(clerk.site.shop.sale("card-twice-older"))
    await clerk.go("enter", to="refund.leg")
    await clerk.go("2", to="refund.amount")
    await clerk.go("123", "enter", to="refund.reason")
    await clerk.go("1", to="supervisor.number")
    await clerk.approve()
    await clerk.show_card("visa", tapped=False)
    await clerk.home()


async def _cash(clerk: SimClerk) -> None:
    await clerk.home()
    await clerk.ask_for(clerk.site.shop.sale("cash-today"))
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("cash.hand_over")
    clerk.press("enter")
    await clerk.wait("result")
    await clerk.home()


async def _issue(clerk: SimClerk) -> Voucher:
    await clerk.home()
    await clerk.ask_for(clerk.site.shop.sale("cash-today"))
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("result")
    await clerk.home()
    voucher = clerk.site.ledger.vouchers.of_refund(1)
    if voucher is None:
        raise Lost("no voucher was issued")
    return voucher


async def _lost_voucher(clerk: SimClerk) -> None:
    """The voucher is issued, and its paper lost before anybody used it."""
    voucher = await _issue(clerk)
    await clerk.site.until(
        lambda: not clerk.site.ledger.slips.in_state(*UNPRINTED), 60, "the slips"
    )
    await clerk.at(": menu", "menu: 2 1", "reprint.refund")
    clerk.scan(voucher.number)
    await clerk.at("reprint.slip: 2", "supervisor.number")
    await clerk.approve_by_badge()
    await clerk.wait("voucher.replaced")
    clerk.press("enter")
    await clerk.home()


async def _credit(clerk: SimClerk) -> None:
    """The voucher is issued, and comes back to be redeemed by hand."""
    voucher = await _issue(clerk)
    clerk.scan(voucher.number)
    await clerk.wait("voucher")
    clerk.press("1")
    await clerk.answer("voucher.amount", "")
    await clerk.approve()
    await clerk.wait("voucher.done")
    clerk.press("enter")
    await clerk.home()


async def _one_of_two(clerk: SimClerk) -> None:
    """The first article of a promotion comes back."""
    await clerk.home()
    await clerk.find(clerk.site.shop.sale("promotion-older"))
    await clerk.at(
        "sale: enter",
        "refund.amount: menu",
        "refund.lines: 1",
        "refund.quantity: enter",
    )
    await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.home()


REFUND: Final = Story(
    "refund",
    "unionpay-debit-older",
    _give_back("unionpay-debit-older", "unionpay-debit"),
)
PARTIAL: Final = Story("partial", "visa-older", _give_back("visa-older", "visa", 123), amount=123)
VOID: Final = Story("void", "visa-today", _give_back("visa-today", "visa", tapped=False))
SECOND_LEG: Final = Story("second leg", "card-twice-older", _second_leg, amount=123, leg=1)
CASH: Final = Story("cash", "cash-today", _cash, by_card=False)
CREDIT: Final = Story(
    "credit", "cash-today", _credit, by_card=False, rules={"cash_limit": {"limit": 1}}
)
LOST_VOUCHER: Final = Story(
    "lost voucher", "cash-today", _lost_voucher, by_card=False, rules=CREDIT.rules
)
REFUND_UNANSWERED: Final = Story("refund unanswered", REFUND.sale, REFUND.tell, fault="drop-answer")
VOID_UNANSWERED: Final = Story("void unanswered", VOID.sale, VOID.tell, fault="drop-answer")
SECOND_NUMBER: Final = Story(
    "second number",
    "two-numbers-credit-older",
    _give_back("two-numbers-credit-older", "two-numbers", 123),
    amount=123,
)
PROMOTED: Final = Story("promoted", "promotion-older", _one_of_two, amount=1_295)
