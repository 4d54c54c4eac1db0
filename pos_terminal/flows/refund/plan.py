"""The plan of a ticket: which leg of which sale gets how much back, and why (R35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from pos_terminal.core.decision import Decision, with_gift, with_move, with_policy, with_way
from pos_terminal.core.eligibility import TO_HOLDER, Choice
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.invoice import InvoiceBack
from pos_terminal.core.items import (
    Deductions,
    Quantities,
    most_of,
    name_items,
    named_by,
    share_out,
    still_owed,
)
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Together
from pos_terminal.core.sale import Sale, Tender, TenderKind
from pos_terminal.core.scan_goods import Serials
from pos_terminal.core.sorts import Scanned as Scans
from pos_terminal.core.tenders import Another, Exceptional
from pos_terminal.core.ticket import PlannedLeg, fill, order_of, plan_digest
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.common.another_way import choice_of
from pos_terminal.flows.common.ask_rules import ask_rules
from pos_terminal.flows.common.cannot_be import against_leg, taken_as, usable_legs
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import NOTHING_SAID, Said, with_found, with_pieces
from pos_terminal.flows.common.name_leg import kind_of, leg_name
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.policy_options import Reason
from pos_terminal.texts.domain import of_holder, of_verdict

Leg = tuple[int, int]
"""A sale's key and the number of its leg."""


class Request(Struct, frozen=True):
    """What the customer wants back of one sale."""

    sale: Sale
    legs: tuple[int, ...]
    """To which of its payments: all that can be, or the one that the clerk chose."""
    asked: int
    """Minor units, before anything is taken off (R74)."""
    chosen: Quantities
    reason: Reason
    note: str
    by_gift: bool = False
    to_buyer: bool = False
    """The same, and yet to go back to who paid."""
    said: Said = NOTHING_SAID
    """Of the goods that it names."""
    serials: Serials = field(default_factory=dict)
    """Numbers of pieces of what was chosen."""
    sorts: Scans = field(default_factory=dict)
    """What of it was scanned, of lines of which some were exchanged."""
    answered: GoodsBack | None = None
    """Whether goods come back, where it names none and the clerk said so."""
    invoice: InvoiceBack | None = None
    """What became of its invoice; None where nobody was asked."""
    instead: Choice | None = None
    """What becomes of it in place of going back now."""

    @property
    def off(self) -> Deductions:
        """What of the goods is taken off."""
        return {line: one.deduction for line, one in self.said.items() if one.deduction}

    @property
    def goods(self) -> Quantities:
        """Those that it names: they were chosen, or are all that is left."""
        return self.chosen or named_by(self.sale, self.asked)

    @property
    def amount(self) -> int:
        """At most what the goods bring less what is taken off."""
        if not self.off:
            return self.asked
        left = sum(self.sale.tender(leg).most for leg in self.legs)
        return min(self.asked, most_of(self.sale, left, self.goods, self.off))

    @property
    def to_holder(self) -> bool:
        """As store credit, for who has the gift receipt."""
        return self.by_gift and not self.to_buyer


class PlanLeg(Struct, frozen=True):
    """``wanted`` and ``decision`` where something goes back to it; else perhaps the ground."""

    sale: Sale
    tender: Tender
    wanted: Wanted | None = None
    decision: Decision | None = None
    ground: Words | None = None
    another: Another | None = None
    """The way that was chosen for it, where that is not its tender's (R34)."""
    by_gift: bool = False
    to_holder: bool = False
    """Store credit for who has the gift receipt: by what was paid is the buyer's own affair."""

    @property
    def for_holder(self) -> bool:
        """As that, or as the shop lists it for a gift."""
        listed = self.another is not None and self.another.way.exception is Exceptional.GIFT
        return self.to_holder or listed

    @property
    def hidden(self) -> bool:
        """Back to who paid for a gift, by one of several payments: who stands here is not told by
        which."""
        return self.by_gift and not self.for_holder and len(self.sale.tenders) > 1

    @property
    def name(self) -> Words | str:
        """No card is named to who has no more than the gift receipt; nor anything, where it goes to
        them."""
        if self.for_holder:
            return of_holder(Kind.CREDIT if self.another is None else self.another.way.back)
        if self.hidden:
            return say("flows.gift_buyer")
        return kind_of(self.tender) if self.by_gift else leg_name(self.sale, self.tender)

    @property
    def key(self) -> Leg:
        return self.sale.key, self.tender.leg

    @property
    def amount(self) -> int:
        return 0 if self.wanted is None else self.wanted.amount


class Plan(Struct, frozen=True):
    requests: tuple[Request, ...]
    legs: tuple[PlanLeg, ...]
    """In their order, with those that get nothing."""
    moved: bool = False
    """By the clerk, from what the order alone would give."""
    another: Mapping[Leg, Another] = field(default_factory=lambda: MappingProxyType({}))
    """What goes back by another tender than it was paid with, by a listed exception."""
    refused: tuple[Wanted, Decision] | None = None
    """The rules give nothing at all."""

    @property
    def going(self) -> tuple[tuple[Wanted, Decision], ...]:
        """The legs to which something goes back."""
        return tuple(
            (leg.wanted, leg.decision)
            for leg in self.legs
            if leg.wanted is not None and leg.decision is not None
        )

    @property
    def amount(self) -> int:
        return sum(leg.amount for leg in self.legs)

    @property
    def short(self) -> int:
        """What was asked for and goes nowhere, as a rule refuses it of some payment."""
        return sum(one.amount for one in self.requests) - self.amount

    @property
    def room(self) -> dict[Leg, int]:
        """How much each leg can have."""
        return {one.key: one.tender.most if one.ground is None else 0 for one in self.legs}

    @property
    def must_be_seen(self) -> bool:
        """One leg stands on the sale's screen, and on the supervisor's; less than was asked for
        stands nowhere else."""
        several = len(self.going) > 1 or len(self.requests) > 1
        return several or bool(self.another) or self.short > 0

    @property
    def digest(self) -> str:
        return plan_digest(planned(one) for one, _ in self.going)


def planned(one: Wanted) -> PlannedLeg:
    """What of it is approved."""
    kind = one.choice.kind
    return PlannedLeg(one.sale.key, one.tender.leg, kind, one.amount, one.items, one.basis)


def make_plan(
    desk: Desk,
    requests: Sequence[Request],
    given: Mapping[Leg, int] | None = None,
    *,
    moved: bool = False,
    another: Mapping[Leg, Another] = MappingProxyType({}),
) -> Plan:
    """Each amount over the legs of its sale in their order, or as they were ``given``, perhaps
    ``moved`` by the clerk; ``another`` way for some of them.

    What is against a leg stands with it, and it gets nothing; what is against their sum is against
    all of them.
    """
    legs = [
        _plan_leg(desk, one, tender, another.get((one.sale.key, tender.leg)))
        for one in requests
        for tender in one.sale.tenders
        if tender.remaining > 0
        and (tender.leg in one.legs or (len(one.legs) > 1 and not one.to_holder))
    ]
    legs.sort(key=_place)
    passed = any(_passes_one(desk, one) for one in requests)
    refused: tuple[Wanted, Decision] | None = None
    while True:
        plan = Plan(tuple(requests), tuple(legs), moved=passed or moved, another=another)
        wanted = _wanted(desk, plan, given)
        judged = {key: (one, decide(desk, one, moved=plan.moved)) for key, one in wanted.items()}
        denied = {key: one for key, one in judged.items() if one[1].refuses}
        refused = refused or next(iter(denied.values()), None)
        if not judged or any(not _alone(desk, one).refuses for one, _ in denied.values()):
            return replace(plan, refused=refused)
        if not denied:
            done = [replace(leg, wanted=one[0], decision=one[1])
                    if (one := judged.get(leg.key)) else leg for leg in legs]  # fmt: skip
            return replace(plan, legs=tuple(done))
        legs = [replace(leg, ground=_words(denied, leg)) for leg in legs]


def _plan_leg(desk: Desk, request: Request, tender: Tender, another: Another | None) -> PlanLeg:
    ground = None if another is not None else _ground(desk, request, tender)
    if tender.kind is TenderKind.EXCHANGE and request.instead is not None:
        ground = say("flows.original_channel")  # what a credit spent is not set aside again
    return PlanLeg(
        request.sale,
        tender,
        ground=ground,
        another=another,
        by_gift=request.by_gift,
        to_holder=another is None and request.to_holder,
    )


def _order(leg: PlanLeg) -> int:
    if leg.to_holder:
        return order_of(TenderKind.VOUCHER)
    return order_of(leg.tender.kind, None if leg.another is None else leg.another.way.back)


def _place(leg: PlanLeg) -> tuple[int, int]:
    """In their order; store credit for a gift is of as few payments as can be."""
    return _order(leg), -leg.tender.most if leg.to_holder else 0


def _passes_one(desk: Desk, request: Request) -> bool:
    """Whether the clerk chose a payment that the order would not have come to."""
    if len(request.legs) > 1 or len(request.sale.tenders) == 1:
        return False
    if request.to_holder:  # nobody chose: see ``gift.for_holder``
        return False
    first = next(iter(usable_legs(desk, request.sale)), None)
    return first is not None and first.leg != request.legs[0]


def _ground(desk: Desk, request: Request, tender: Tender) -> Words | None:
    """What is against this leg whatever is asked for; None where nothing is, as of those that the
    clerk was offered a moment ago."""
    if tender.leg in request.legs:
        return None
    try:
        away = against_leg(desk, request.sale, tender)
    except Failure as failure:
        return failure.words
    return None if away is None else away.words


def _words(denied: Mapping[Leg, tuple[Wanted, Decision]], leg: PlanLeg) -> Words | None:
    verdict = denied[leg.key][1].strictest if leg.key in denied else None
    return leg.ground if verdict is None else of_verdict(verdict)


def _wanted(desk: Desk, plan: Plan, given: Mapping[Leg, int] | None) -> dict[Leg, Wanted]:
    rooms: dict[int, dict[Leg, int]] = {}
    parts: dict[Leg, int] = {}
    for request in plan.requests:
        rooms[request.sale.key] = _room(plan, request, parts)
        own = _parts(desk, request, rooms[request.sale.key], given)
        parts |= {key: n for key, n in own.items() if n}
    in_cash = {leg.key for leg in plan.legs if _order(leg) == order_of(TenderKind.CASH)}
    cash = {key: n for key, n in parts.items() if key in in_cash}
    found: dict[Leg, Wanted] = {}
    for request in plan.requests:
        own = {key: part for key, part in parts.items() if key[0] == request.sale.key}
        room = sum(rooms[request.sale.key].values())
        found |= _of_sale(desk, plan, request, own, room=room, cash=sum(cash.values()))
    ordered = {leg.key: found[leg.key] for leg in plan.legs if leg.key in found}
    return {
        key: replace(
            one,
            together=Together(
                legs=len(parts) - 1,
                amount=sum(parts.values()) - one.amount,
                of_sale=sum(n for (sale, _), n in parts.items() if sale == key[0]) - one.amount,
                cash=sum(cash.values()) - cash.get(key, 0) if key in cash else 0,
                voucher=_before_it(one, ordered.values()),
            ),
        )
        for key, one in ordered.items()
    }


def _before_it(one: Wanted, ordered: Iterable[Wanted]) -> int:
    """Of what the same voucher paid, minor units: the earlier legs have it."""
    number = one.tender.voucher_no
    before = takewhile(lambda other: other is not one, ordered) if number else ()
    return sum(other.amount for other in before if other.tender.voucher_no == number)


def _room(plan: Plan, request: Request, before: Mapping[Leg, int]) -> dict[Leg, int]:
    """Of each leg of this sale. What ``before`` goes back of the same exchange credit in other
    sales is not left for this one."""
    credits = {one.key: one.tender.exchange_no for one in plan.legs}
    room = {key: most for key, most in plan.room.items() if key[0] == request.sale.key}
    for key, most in room.items():
        if credits[key]:
            gone = sum(n for one, n in before.items() if credits[one] == credits[key])
            room[key] = min(most, max(0, request.sale.tender(key[1]).reopens - gone))
    return room


def _parts(
    desk: Desk, request: Request, room: Mapping[Leg, int], given: Mapping[Leg, int] | None
) -> dict[Leg, int]:
    if given is None or not any(key in given for key in room):
        return fill(request.amount, room, _waits(desk) if request.instead is not None else {})
    return {key: min(given.get(key, 0), most) for key, most in room.items()}


def _waits(desk: Desk) -> Mapping[Leg, int]:
    """What is to do already: it goes back there as long as nobody sets it aside."""
    applications, found = desk.ledger.applications, Counter[Leg]()
    for one in (*applications.kept(), *applications.to_do()):
        if one.sale_key is not None:
            found[one.sale_key, one.leg] += one.amount
    return found


def _of_sale(
    desk: Desk, plan: Plan, request: Request, parts: Mapping[Leg, int], *, room: int, cash: int
) -> dict[Leg, Wanted]:
    """The legs of one sale. Its first leg names the goods; the others pay for the same ones."""
    sale, off, here = request.sale, request.off, desk.here
    total = sum(parts.values())
    alone = sum(most for (key, _), most in plan.room.items() if key == sale.key)
    # all of it was asked for, and other sales of the visit have some of the same credit
    too_little = total == room < min(alone, request.amount)
    chosen = request.goods if off or too_little else request.chosen
    found: dict[Leg, Wanted] = {}
    for (key, leg), part in parts.items():
        tender, another = sale.tender(leg), plan.another.get((key, leg))
        choice = TO_HOLDER
        if another is not None:
            choice = choice_of(desk, sale, another.way, part, beside=cash - part)
        elif request.instead is not None:
            choice = request.instead
        elif not request.to_holder:
            in_cash = cash - part if tender.kind is TenderKind.CASH else 0
            choice = taken_as(desk, here, sale, tender, part, beside=in_cash)
        items = name_items(sale, choice.kind, total, chosen)
        quantities = {item.line: item.quantity for item in items}
        shared = share_out(sale, quantities, part, off)
        shared = with_found(desk, sale, shared, request.reason, request.said)
        shared = with_pieces(sale, shared, request.serials, request.sorts)
        first = not found
        found[key, leg] = Wanted(
            sale,
            tender,
            part,
            choice,
            request.reason,
            request.note,
            items=shared if first else (),
            owed=still_owed(sale, room, total, chosen, off) if first else 0,
            by_gift=request.by_gift,
            goods=() if first else shared,
            another=another,
            answered=request.answered,
            invoice=request.invoice,
        )
    return found


def decide(desk: Desk, wanted: Wanted, *, moved: bool = False) -> Decision:
    """The rules, and the shop's own of gifts, other ways, and what the clerk moved."""
    decision = ask_rules(desk, wanted)
    if wanted.by_gift:
        decision = with_gift(decision, to_buyer=not wanted.to_holder)
    if wanted.another is not None:
        decision = with_way(decision, wanted.another.way.approvals)
    decision = with_policy(decision, desk.shop.supervisor)
    return with_move(decision) if moved else decision


def _alone(desk: Desk, wanted: Wanted) -> Decision:
    """What the rules would say of this leg without the others, but for what they leave of its
    voucher."""
    alone = Together(voucher=wanted.together.voucher)
    return ask_rules(desk, replace(wanted, together=alone))
