"""The plan of a ticket: how an amount fills its legs, and what its digest covers (R35)."""

from __future__ import annotations

import pytest

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.items import Item
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.core.ticket import (
    ORDER,
    PlannedLeg,
    Standing,
    TicketState,
    fill,
    moved,
    order_of,
    plan_digest,
    state_of,
)

LETTER = (EvidenceItem(EvidenceKind.BANK_LETTER, "4711"),)
ROOM = {"card": 2_000, "shut": 0, "other": 1_000, "cash": 500}


def test_what_waits_on_a_leg_is_touched_last() -> None:
    room = {"card": 900, "cash": 500}
    assert fill(500, room, {"card": 900}) == {"card": 0, "cash": 500}
    assert fill(600, room, {"card": 900}) == {"card": 100, "cash": 500}
    assert fill(600, room, {"card": 1_000, "cash": 200}) == {"card": 300, "cash": 300}


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        (1_999, (1_999, 0, 0, 0)),
        (2_000, (2_000, 0, 0, 0)),
        (2_001, (2_000, 0, 1, 0)),
        (3_500, (2_000, 0, 1_000, 500)),
        (9_999, (2_000, 0, 1_000, 500)),
    ],
)
def test_an_amount_fills_the_legs_in_their_order(amount: int, parts: tuple[int, ...]) -> None:
    assert tuple(fill(amount, ROOM).values()) == parts


@pytest.mark.parametrize(
    ("leg", "wanted", "parts"),
    [
        ("cash", 500, (1_500, 0, 0, 500)),
        ("other", 9_999, (1_000, 0, 1_000, 0)),
        ("card", 0, (0, 0, 1_000, 500)),  # 500 would have nowhere to go: the sum is kept
        ("shut", 700, (2_000, 0, 0, 0)),
    ],
)
def test_what_is_moved_comes_from_the_others_in_their_order(
    leg: str, wanted: int, parts: tuple[int, ...]
) -> None:
    total = sum(parts)
    assert tuple(moved(fill(total, ROOM), ROOM, leg, wanted).values()) == parts


def test_less_than_the_others_can_take_is_not_moved_away() -> None:
    assert moved(fill(3_000, ROOM), ROOM, "card", 0) == {
        "card": 1_500,
        "shut": 0,
        "other": 1_000,
        "cash": 500,
    }


def test_cards_come_first_and_cash_last() -> None:
    order = sorted(TenderKind, key=ORDER.__getitem__)
    assert order[:2] == [TenderKind.CARD, TenderKind.WALLET]
    assert order[-1] is TenderKind.CASH
    assert set(order[2:4]) == {TenderKind.VOUCHER, TenderKind.POINTS}


def test_each_tender_has_its_place_in_the_filling() -> None:
    """Card, wallet, voucher and points, what is carried out elsewhere, cash (R35)."""
    kinds = ("card", "wallet", "voucher", "transfer", "cash")
    places = [order_of(TenderKind(kind)) for kind in kinds]
    assert places == sorted(set(places))
    assert order_of(TenderKind.POINTS) == order_of(TenderKind.VOUCHER)
    assert order_of(TenderKind.EXCHANGE) == order_of(TenderKind.TRANSFER)


def test_the_digest_covers_all_that_was_approved() -> None:
    first = PlannedLeg(1, 1, Kind.REFUND, 2_000, (Item(1, 1_000, 2_000, 2_000),))
    second = PlannedLeg(1, 2, Kind.CASH, 500)
    plans = [
        [first, second],
        [second, first],
        [first],
        [first, PlannedLeg(2, 2, Kind.CASH, 500)],
        [first, PlannedLeg(1, 2, Kind.CASH, 500, basis=Basis(Exceptional.CARD_LOST))],
        [first, PlannedLeg(1, 2, Kind.CASH, 500, basis=Basis(Exceptional.CARD_LOST, LETTER))],
        [first, PlannedLeg(1, 2, Kind.CASH, 500, basis=Basis(Exceptional.DECLINED))],
        [first, PlannedLeg(1, 3, Kind.CASH, 500)],
        [first, PlannedLeg(1, 2, Kind.CREDIT, 500)],
        [first, PlannedLeg(1, 2, Kind.CASH, 501)],
        [PlannedLeg(1, 1, Kind.REFUND, 2_000), second],
        [PlannedLeg(1, 1, Kind.REFUND, 2_000, (Item(1, 2_000, 2_000, 2_000),)), second],
    ]
    assert len({plan_digest(plan) for plan in plans}) == len(plans)


@pytest.mark.parametrize(
    ("applications", "state"),
    [
        (["done accepted", "refused -"], "done"),
        (["done accepted", "open-kept declined"], "todo"),
        (["sealed unknown", "open-kept -"], "todo"),
        (["done accepted", "sealed unknown"], "open"),
        (["done to_hand_over"], "open"),
        (["open -"], "open"),
        (["failed declined", "cancelled -"], "done"),
    ],
)
def test_a_ticket_is_what_its_applications_are(applications: list[str], state: str) -> None:
    standings = []
    for one in applications:
        stands, _, refund = one.partition(" ")
        name, _, kept = stands.partition("-")
        of_refund = None if refund == "-" else State(refund)
        standings.append(Standing(ApplicationState(name), kept == "kept", of_refund))
    assert state_of(standings) is TicketState(state)


def test_a_leg_by_another_way_has_its_place_by_where_it_goes() -> None:
    ways = [(Kind.CREDIT, 2), (Kind.MANUAL, 3), (Kind.CASH, 4)]
    assert [order_of(TenderKind.CARD, back) for back, _ in ways] == [place for _, place in ways]
    assert order_of(TenderKind.CARD) == 0
