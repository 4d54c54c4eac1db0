"""Exchange credits on the ledger of a world: a sale of three cups and a tea, paid by card and in
cash, and what comes back of it (R37)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from worlds.ledger import World

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Disposition, Looked
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.ports import Application, Draft, ExchangeTaking, Taking

CUP = {"sku": "C-1", "name": "Cup", "quantity": 3, "unit_price": 500, "barcodes": ["6901"]}
TEA = {"sku": "T-1", "name": "Tea", "quantity": 1, "unit_price": 900}
POT = {"sku": "P-1", "name": "Pot", "quantity": 1}
AS_NEW = Looked("4", "1", Disposition.RESTOCK)
CUPS = (Item(1, 3_000, 1_500, 1_500, AS_NEW),)
THE_TEA = (Item(2, 1_000, 900, 900, AS_NEW),)
TENDERS = [
    {"kind": "card", "amount": 1_000, "pan": World.visa.reveal(), "scheme": "VISA"},
    {"kind": "cash", "amount": 1_400},
]


def sell(world: World) -> World:
    world.sell(amount=2_400, lines=[CUP, TEA], tenders=TENDERS)
    return world


def drafts(
    world: World,
    parts: Sequence[int] = (1_000, 500),
    kind: Kind = Kind.EXCHANGE_CREDIT,
    goods: Sequence[Item] = CUPS,
    legs: Sequence[int] = (1, 2),
) -> list[int]:
    """Applications of one ticket: so much of each leg, in their order, the first with the goods."""
    asked = [
        Draft(
            sale_key=world.sale().key,
            leg=leg,
            kind=kind,
            amount=part,
            reason="4",
            note="",
            operator="101",
            items=() if place else goods,
            place=place + 1,
        )
        for place, (leg, part) in enumerate(zip(legs, parts, strict=False))
    ]
    return [one.number for one in world.do(world.store.applications.open_ticket(asked))]


def made(
    world: World, parts: Sequence[int] = (1_000, 500), goods: Sequence[Item] = CUPS
) -> ExchangeCredit:
    return of_applications(world, drafts(world, parts, goods=goods))


def of_applications(world: World, numbers: Sequence[int]) -> ExchangeCredit:
    lasts = timedelta(hours=2)
    work = world.store.make_exchange_credit(numbers, lasts, lambda _, __: (world.slip(),))
    credit: ExchangeCredit = world.do(work)
    return credit


def legs(world: World, credit: ExchangeCredit) -> Sequence[Refund]:
    found: Sequence[Refund] = world.store.exchange_credits.legs(credit.ticket)
    return found


def take(world: World, credit: ExchangeCredit, amount: int, request: str = "T1") -> ExchangeTaking:
    work = world.store.take_exchange_credit(Taking(credit.number, amount, request=request))
    taken: ExchangeTaking = world.do(work)
    return taken


def buy(world: World, sale_id: str, number: str, amount: int, beside: int = 0, **more: Any) -> None:
    """The till tells of one pot, paid by an exchange credit, and the rest of it in cash."""
    tenders = [{"kind": "exchange", "amount": amount, "exchange_no": number}]
    if beside:
        tenders.append({"kind": "cash", "amount": beside})
    line = POT | {"unit_price": amount + beside}
    world.sell(sale_id, trace="", amount=amount + beside, lines=[line], tenders=tenders, **more)


def bring_back(
    world: World, sale_id: str, amount: int, *back: tuple[int, Kind, int], goods: bool = True
) -> tuple[Refund, Sequence[Application]]:
    """What an exchange credit paid of it; ``back``: how much by what goes to which leg of the first
    sale."""
    items = (Item(1, 1_000, amount, amount, AS_NEW),) if goods else ()
    number = world.apply_for(amount, sale_id, Kind.EXCHANGE_BACK, items=items).number
    work = world.store.reopen_exchange_credit(number, rest(world, *back), (world.slip(),))
    found: tuple[Refund, Sequence[Application]] = world.do(work)
    return found


def rest(world: World, *parts: tuple[int, Kind, int]) -> list[Draft]:
    """Of each leg what kind of refund is to give how much back."""
    return [
        Draft(
            sale_key=world.sale().key,
            leg=leg,
            kind=kind,
            amount=part,
            reason="4",
            note="",
            operator="102",
        )
        for leg, kind, part in parts
    ]


def settle(
    world: World, credit: ExchangeCredit, *parts: tuple[int, Kind, int]
) -> Sequence[Application]:
    work = world.store.settle_exchange_credit(credit.number, rest(world, *parts), "102")
    opened: Sequence[Application] = world.do(work)
    return opened
