"""kill -9 at every point of a ticket and of a form, one life after the other (R33, R35, R38).

A first life tells the story to its end and says which points it passed. Each of them kills a life
after it; the next one finds where it was and goes on with it, and no supervisor is asked for what
they have approved. ``KILLS=all`` takes every point, else each n-th is enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pytest
from hw_sim.bench import identity
from hw_sim.bench.clerk import changed_from
from hw_sim.bench.running import PATIENCE, until
from hw_sim.cards import catalogue
from hw_sim.proofs.crash.crashing import Crashing, Row
from worlds.crash import Crash, kicks

from pos_terminal.core import receipt_code

Story = Callable[[Crashing, int], None]
"""With an amount that no other life has."""
EVERY = 1 if os.environ.get("KILLS") == "all" else 20
FIRST_AMOUNT = 200
LEGS = {"amex-older": "amex", "opened-older": "mastercard", "cash-today": ""}
WALLET = "qr-wallet-today"
SHOP = (identity.MERCHANT_ID, identity.TERMINAL_ID)
TO_ITS_END = (
    "home|card.present|refund.confirm|cash.hand_over|ticket.left|ticket.failed|result|failure"
)


@pytest.fixture
def crash(crashing: Crash) -> Crashing:
    """With a clerk at work who may give back as often as there are points to kill at."""
    crash = crashing()
    crash.stage.change_config("policy.rules.daily", enabled=False)
    crash.open_up()
    return crash


def keys(crash: Crashing, *steps: str) -> None:
    """From prompt to prompt: ``keys(crash, "sale: enter", "refund.reason: 1")``."""
    for step in steps:
        prompt, _, pressed = step.partition(": ")
        crash.clerk.see(prompt)
        if pressed:
            crash.hands.press(*pressed.split())


def to_home(crash: Crashing) -> None:
    """Whatever an approved plan asks for; a supervisor's prompt ends the test."""
    while (screen := crash.clerk.see(TO_ITS_END))["prompt"] != "home":
        if screen["prompt"] == "card.present":
            shown = " ".join(screen["rows"])
            cards = {card: catalogue()[card].pan.masked[:6] for card in LEGS.values() if card}
            crash.hands.tap(next(card for card, first in cards.items() if first in shown))
            crash.clerk.see("result|ticket.failed|failure")
            crash.hands.remove()
            screen = crash.hands.screen()
        crash.hands.press("enter")
        until(crash.hands.screen, changed_from(screen), PATIENCE, "the next prompt")


def ticket(crash: Crashing, amount: int) -> None:
    """The same of each of three receipts: two cards, then cash."""
    crash.ready()
    for place, name in enumerate(LEGS):
        crash.clerk.scan(crash.hands.sample(name))
        if place == 0:
            keys(crash, "sale: menu", "sale.more: 1")
        keys(crash, "sale: enter")
        crash.clerk.answer("refund.amount", str(amount))
        keys(crash, "refund.reason: 1")
        crash.clerk.see("ticket.plan")
    crash.hands.press("enter")
    crash.clerk.approve()
    to_home(crash)


def form(crash: Crashing, amount: int) -> None:
    """Two of a wallet: one is paid, the other withdrawn by two."""
    crash.ready()
    for each in (amount, amount + 1):
        crash.clerk.scan(crash.hands.sample(WALLET))
        crash.clerk.ask_for(str(each))
        crash.clerk.approve()
        to_home(crash)
    tell(crash)


def tell(crash: Crashing) -> None:
    """What became of each form that is open: of an even amount it was paid."""
    while one := next((one for one in refunds(crash) if one["state"] == "form_printed"), None):
        crash.clerk.see("home")
        crash.hands.scan(receipt_code.encode_application(*SHOP, one["application"]))
        paid = one["amount"] % 2 == 0
        keys(crash, f"manual.form: {1 if paid else 2}", "manual.reference")
        crash.hands.scan("WX-42-77")
        crash.clerk.see_text("WX-42-77")
        crash.hands.press("enter")
        for place in range(1 if paid else 2):
            crash.clerk.approve(place)
        keys(crash, "manual.confirm: enter", "manual.done: enter", "home")


def refunds(crash: Crashing, amount: int | None = None) -> list[Row]:
    return [one for one in crash.refunds() if amount is None or one["amount"] == amount]


def points_of(crash: Crashing, story: Story) -> list[str]:
    """As they are armed: ``seal#2:after``. The line's and the slips' own are not among them."""
    before = len(crash.reached())
    story(crash, FIRST_AMOUNT)
    names = [name for name in crash.reached()[before:] if name.split(":")[0] not in OTHERS]
    return [
        "{}#{}:{}".format(name.split(":")[0], names[: at + 1].count(name), name.split(":")[1])
        for at, name in enumerate(names)
    ]


OTHERS = ("0800", "print", "job_sending", "jobs_done", "draw_stan")


def approved_before(points: list[str], point: str, step: str = "approve#1:after") -> bool:
    return points.index(point) >= points.index(step)


def test_a_ticket_is_finished_wherever_it_was_killed_and_nobody_is_asked_twice(
    crash: Crashing,
) -> None:
    points = points_of(crash, ticket)
    for number, point in list(enumerate(points, 1))[number_of(points) :: EVERY]:
        amount = FIRST_AMOUNT + number
        opened = kicks(crash)
        crash.dies_at(partial(ticket, amount=amount), point)
        crash.open_up()
        crash.ready()
        if any(one["state"] == "todo" for one in crash.hands.ledger()["tickets"]):
            keys(crash, "home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
            to_home(crash)
        crash.quiet()
        assert kicks(crash) - opened <= 1, point
        if any(one["state"] == "to_hand_over" for one in refunds(crash, amount)):
            keys(crash, "home: menu", "menu: 3 2", "cash.choose: 1")
            crash.clerk.approve()
            keys(crash, "cash.hand_over: enter", "result: enter", "home")
        states = sorted(one["state"] for one in refunds(crash, amount))
        approved = approved_before(points, point)
        assert states == (["accepted", "accepted", "handed_over"] if approved else []), point
        assert crash.differences() == [], point
    assert {one["state"] for one in crash.hands.ledger()["tickets"]} == {"done"}


def number_of(points: list[str]) -> int:
    """Where to begin: another place of each n for each number of points."""
    return len(points) % EVERY


def test_a_form_is_there_once_or_not_at_all_wherever_it_was_killed(crash: Crashing) -> None:
    points = points_of(crash, form)
    for number, point in list(enumerate(points, 1))[number_of(points) :: EVERY]:
        amount = FIRST_AMOUNT + 2 * number
        crash.dies_at(partial(form, amount=amount), point)
        crash.open_up()
        tell(crash)
        crash.quiet()
        found = {one["amount"]: one["state"] for one in refunds(crash) if one["amount"] >= amount}
        due = {
            each: state
            for turn, (each, state) in enumerate(
                [(amount, "confirmed"), (amount + 1, "withdrawn")], 1
            )
            if approved_before(points, point, f"commit_form#{turn}:after")
        }
        assert found == due, point
        sale = crash.hands.sample(WALLET)
        done = sum(one["done"] for one in refunds(crash) if one["kind"] == "manual")
        assert crash.tender(sale) == (done, 0), point
    assert {one["state"] for one in crash.hands.ledger()["manual"]} == {"confirmed", "withdrawn"}
