"""Stories of the counter beyond one payment: visits, forms, typed sales, goods without a receipt.

Each looks at the ledger before it does anything, so that told again after a kill it goes on where
it was; what it says is ``wrong`` is what is missing or twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from hw_sim.acquirer import records
from hw_sim.bench import identity
from hw_sim.bench.feed import acquirer_record
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_hands import exactly, lasting, sold, till_tells, to_the_end
from hw_sim.proofs.simulation.exchange_story import EXCHANGE
from hw_sim.proofs.simulation.mended_story import MENDED
from hw_sim.proofs.simulation.stories import Story
from pos_terminal.core import receipt_code
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import OPEN, Kind, Refund, State
from pos_terminal.core.sale import Sale, SaleOrigin

_GOODS: Final = "6901234567892"


# --- one visit: two cards, a voucher, points and cash, of three receipts --------------------------

_THIRD: Final = "VISIT-3"
_THIRD_PAID: Final = (
    {"kind": "cash", "amount": 700},
    {"kind": "points", "amount": 500},
    {"kind": "voucher", "amount": 1_000, "voucher_no": "2900017"},
)


async def _visit(clerk: SimClerk) -> None:
    """All of three receipts in one ticket; or what is left of it, and nobody is asked."""
    await clerk.home()
    if clerk.site.ledger.sales.by_id(_THIRD) is None:
        await till_tells(clerk, sold(_THIRD, *_THIRD_PAID))
    if clerk.site.ledger.applications.to_do():
        await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    else:
        shop = clerk.site.shop
        await clerk.find(shop.sale("two-cards-older"))
        await clerk.at("sale: menu", "sale.more: 1", "sale: enter", "refund.leg: 3")
        await clerk.at("refund.amount: enter", "refund.reason: 1", "ticket.plan")
        clerk.scan(shop.sale("cash-today").receipt_no)
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "ticket.plan")
        clerk.scan(_THIRD)
        await clerk.at("sale: enter", "refund.leg")
        await clerk.at(f"refund.leg: {len(_THIRD_PAID)}", "refund.amount: enter")
        await clerk.go("1", to="ticket.plan")
        clerk.press("enter")
        await clerk.approve()
    await to_the_end(clerk, approves=False)


def _of_visit(clerk: SimClerk) -> list[str]:
    """Each leg of its three receipts is back once, unless its sale waits for another's outcome."""
    shop, wrong = clerk.site.shop, []
    for name in (*(shop.sale(one).sale_id for one in ("two-cards-older", "cash-today")), _THIRD):
        sale = clerk.site.ledger.sales.by_id(name)
        if sale is None:
            return [f"{name} is not told yet"]
        own = lasting(clerk, sale)
        if any(one.state in OPEN for one in own):
            continue
        found = Counter(f"{one.leg} {one.done}" for one in own)
        wrong += [
            f"{name}: {what}"
            for what in exactly(found, {f"{leg.leg} {leg.amount}": 1 for leg in sale.tenders})
        ]
    return wrong


# --- forms: one paid, one withdrawn and paid all the same, one by an exception --------------------

_WALLET: Final = "qr-wallet-today"
_PAID, _WITHDRAWN, _LOST_CARD = 700, 300, 200
_PLATFORM: Final = "WX-4200002111-77"
_PLATFORM_LATER: Final = "WX-4200002111-78"


async def _forms(clerk: SimClerk) -> None:
    await clerk.home()
    for amount in (_PAID, _WITHDRAWN):
        if not _form(clerk, _WALLET, amount):
            await clerk.ask_for(clerk.site.shop.sale(_WALLET), amount)
            await to_the_end(clerk)
            if not _form(clerk, _WALLET, amount):  # what locks the sale is not for now
                raise Lost(f"no form of {amount}")
    if not _form(clerk, "visa-older", _LOST_CARD):
        await _for_a_lost_card(clerk)
    if form := _form(clerk, _WALLET, _PAID, State.FORM_PRINTED):
        await _told(clerk, form, 1, _PLATFORM, supervisors=1)
    if form := _form(clerk, _WALLET, _WITHDRAWN, State.FORM_PRINTED):
        await _told(clerk, form, 2, _code(clerk, form), supervisors=2)
    if _form(clerk, _WALLET, _WITHDRAWN, State.WITHDRAWN):
        await clerk.at(": menu", "menu: 3 7")
        open_ones = len(clerk.site.ledger.manual.open_ones())
        await clerk.at(f"manual.list: {open_ones + 1}", "manual.withdrawn: 1")
        await _reference(clerk, _PLATFORM_LATER, supervisors=2)


async def _for_a_lost_card(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale("visa-older"))
    await clerk.at("sale: menu", "sale.more: 3", "exception: 1")
    await clerk.answer("refund.amount", str(_LOST_CARD))
    await clerk.go("3", to="evidence.reference")
    clerk.scan("PR-2026-88")
    await clerk.wait_text("PR-2026-88")
    await clerk.at("evidence.reference: enter", "evidence.kind: menu", "refund.reason: 1")
    await to_the_end(clerk)


async def _told(clerk: SimClerk, form: Refund, way: int, said: str, *, supervisors: int) -> None:
    clerk.scan(_code(clerk, form))
    await clerk.at(f"manual.form: {way}")
    await _reference(clerk, said, supervisors)


async def _reference(clerk: SimClerk, said: str, supervisors: int) -> None:
    await clerk.wait("manual.reference")
    clerk.scan(said)
    await clerk.wait_text(said[-8:])
    clerk.press("enter")
    for place in range(supervisors):
        await clerk.approve(place)
    await clerk.at("manual.confirm: enter", "manual.done: enter", "home")


def _code(clerk: SimClerk, form: Refund) -> str:
    home = (identity.MERCHANT_ID, identity.TERMINAL_ID)
    return receipt_code.encode_application(*home, form.application)


def _form(clerk: SimClerk, sale: str, amount: int, state: State | None = None) -> Refund | None:
    known = clerk.site.sale(clerk.site.shop.sale(sale).sale_id)
    own = [one for one in lasting(clerk, known) if one.kind is Kind.MANUAL and one.amount == amount]
    return next((one for one in own if state in (None, one.state)), None)


def _of_forms(clerk: SimClerk) -> list[str]:
    shop, sales = clerk.site.shop, clerk.site.ledger.sales
    own = (sales.by_id(shop.sale(name).sale_id) for name in (_WALLET, "visa-older"))
    refunds = [one for sale in own for one in lasting(clerk, sale) if one.kind is Kind.MANUAL]
    found = Counter(f"{one.amount} {one.state}" for one in refunds)
    due = [
        (_PAID, State.CONFIRMED),
        (_WITHDRAWN, State.OVERPAID),
        (_LOST_CARD, State.FORM_PRINTED),
    ]
    wrong = exactly(found, {f"{amount} {state}": 1 for amount, state in due})
    if wrong:
        return wrong
    sale = clerk.site.sale(clerk.site.shop.sale(_WALLET).sale_id)
    if not sale.locked or len(clerk.site.ledger.cases.open_about(sale.key)) != 1:
        wrong.append("what was withdrawn and paid has not locked its sale with one case")
    if (sale.done, sale.held) != (_PAID, 0):
        wrong.append(f"{sale.done} done and {sale.held} held of the wallet")
    return wrong + [
        f"form {one.application} has {count} papers"
        for one in refunds
        if (count := len(clerk.site.ledger.slips.of_refund(one.refund_id))) < _PAPERS[one.state]
    ]


_PAPERS: Final = {State.FORM_PRINTED: 2, State.CONFIRMED: 4, State.OVERPAID: 4}
"""Both copies of the form, and both of what came of it."""


# --- typed: a sale that no till has told yet, and one told without its reference ------------------

_ON: Final = date(2026, 11, 19)
_AT: Final = f"{_ON}T10:00:00+08:00"
_RRN, _RRN_OF_BARE, _RRN_OF_TWIN = "632313000951", "632313000952", "632313000953"
_WRONG: Final = "632313000959"
_TYPED, _BARE, _TWIN = 5_000, 6_000, 7_000
_FIRST: Final = 2_000
_OF_BARE: Final = 1_000
_OF_TWIN: Final = 1_500


async def _typed(clerk: SimClerk) -> None:
    """What is typed becomes the till's when it tells; what is back counts on it."""
    await clerk.home()
    ledger = clerk.site.ledger
    _acquirer_has(clerk, {_RRN: _TYPED, _RRN_OF_BARE: _BARE, _RRN_OF_TWIN: _TWIN})
    if ledger.sales.by_id("BARE") is None:
        await till_tells(clerk, _by_visa("BARE", _BARE))
    if ledger.sales.by_id("LATE") is None:
        if not lasting(clerk, _by_rrn(clerk, _RRN)):
            await _type_in(clerk, _RRN, _TYPED)
            await _give(clerk, _FIRST)
            if not lasting(clerk, _by_rrn(clerk, _RRN)):  # the till tells it when that is back
                raise Lost("nothing of the typed sale is back")
        await till_tells(clerk, _by_visa("LATE", _TYPED, rrn=_RRN))
    if clerk.site.sale("LATE").remaining == _TYPED - _FIRST:
        clerk.scan("LATE")
        await clerk.wait("sale")
        await _give(clerk, _TYPED - _FIRST)
    if clerk.site.sale("BARE").remaining == _BARE:
        await _mistype(clerk)
        await _type_in(clerk, _RRN_OF_BARE, _BARE)
        await _give(clerk, _OF_BARE)
    if clerk.site.sale("BARE").tenders[0].typed:
        await till_tells(clerk, _by_visa("BARE", _BARE, rrn=_RRN_OF_BARE))
    await _told_without_its_reference(clerk)


async def _mistype(clerk: SimClerk) -> None:
    """A wrong reference of the till's sale, and taken back with a supervisor."""
    sale = clerk.site.sale("BARE")
    if clerk.site.ledger.journal.taken_back(sale.key):
        return
    if not sale.tenders[0].typed:
        await _type_in(clerk, _WRONG, _BARE)
        await clerk.home()
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 4")
    await clerk.approve()
    await clerk.at("typed.withdrawn: enter", "home")


async def _told_without_its_reference(clerk: SimClerk) -> None:
    """What was typed before: the clerk says that both are one, and it goes back once."""
    ledger = clerk.site.ledger
    if ledger.sales.by_id("TWIN") is None:
        if _by_rrn(clerk, _RRN_OF_TWIN) is None:
            await _type_in(clerk, _RRN_OF_TWIN, _TWIN)
            await clerk.home()
        await till_tells(clerk, _by_visa("TWIN", _TWIN))
    twin = clerk.site.sale("TWIN")
    if twin.remaining == _TWIN:
        await _type_in(clerk, _RRN_OF_TWIN, _TWIN)
        if not twin.tenders[0].typed:
            await clerk.at("sale: enter", "typed.same: 1", "sale")
        await _give(clerk, _OF_TWIN)
    if clerk.site.sale("TWIN").tenders[0].typed:
        await till_tells(clerk, _by_visa("TWIN", _TWIN, rrn=_RRN_OF_TWIN))


def _acquirer_has(clerk: SimClerk, amounts: Mapping[str, int]) -> None:
    """The sale of each RRN; those that it has stay as they are. The book that a cut leaves may be
    older than what the terminal knows of them."""
    (record,) = acquirer_record(clerk.site.shop.sale("visa-older"))
    sales = []
    for rrn, amount in amounts.items():
        own = {"sale_id": f"ELSEWHERE-{rrn}", "rrn": rrn, "amount": amount}
        own |= {"batch": "000003", "trace": f"000{rrn[-3:]}", "auth_code": None, "sold_at": _AT}
        sales.append(record | own)
    clerk.site.acquirer.add_sales(records.parse_sales(sales))


def _by_visa(name: str, amount: int, rrn: str = "") -> dict[str, Any]:
    card = {
        "kind": "card",
        "amount": amount,
        "masked": "************0010",
        "scheme": "",
    }
    own = {"batch": "000003", "trace": f"000{rrn[-3:]}", "rrn": rrn} if rrn else {}
    return sold(name, card, sold_at=_AT, **own)


def _by_rrn(clerk: SimClerk, rrn: str) -> Sale | None:
    sales = clerk.site.ledger.sales
    return next((sales.by_key(one.key) for one in sales.by_rrn(rrn, _ON)), None)


async def _type_in(clerk: SimClerk, rrn: str, amount: int) -> None:
    """To the sale on the screen; what the ledger has is asked nothing more of."""
    await clerk.at("home: menu", "menu: 1 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", rrn)
    await clerk.answer("typed.date", f"{_ON:%m%d}")
    if await clerk.wait("sale", "typed.amount") == "sale":
        return
    await clerk.answer("typed.amount", str(amount))
    if await clerk.wait("sale", "typed.batch") == "sale":
        return
    await clerk.at("typed.batch: enter", "typed.trace: enter", "typed.last4: enter")
    if await clerk.wait("typed.offered", "typed.review") == "typed.offered":
        clerk.press("1")
    await clerk.at("typed.review: enter", "sale")
    await clerk.wait("sale")


async def _give(clerk: SimClerk, amount: int) -> None:
    """Of the sale on the screen; the card is one that nobody knows, so another supervisor."""
    clerk.press("enter")
    await clerk.answer("refund.amount", str(amount))
    await clerk.at("refund.reason: 1")
    await to_the_end(clerk)


def _of_typed(clerk: SimClerk) -> list[str]:
    found: Counter[str] = Counter()
    for name in ("LATE", "BARE", "TWIN"):
        sale = clerk.site.ledger.sales.by_id(name)
        for one in lasting(clerk, sale):
            found[f"{name} {one.amount} {one.state}"] += 1
        if sale is None or (sale.origin, sale.locked, sale.tenders[0].typed) != (
            *(SaleOrigin.FEED, False, 0),
        ):
            return [f"{name} is not the till's: {sale}"]
    due = [("LATE", _FIRST), ("LATE", _TYPED - _FIRST), ("BARE", _OF_BARE)]
    due.append(("TWIN", _OF_TWIN))
    wrong = exactly(found, {f"{name} {amount} {State.ACCEPTED}": 1 for name, amount in due})
    book = (row for row in clerk.site.acquirer.ledger() if row["kind"] == "sale")
    paid = {row["rrn"]: row["given_back"] for row in book}
    back = ((_RRN, _TYPED), (_RRN_OF_BARE, _OF_BARE), (_RRN_OF_TWIN, _OF_TWIN))
    for rrn, amount in back:
        if paid.get(rrn) != amount:
            wrong.append(f"the acquirer gave back {paid.get(rrn)} of {rrn}")
    return wrong


# --- store credit: a gift, and goods without a receipt; and goods for goods -----------------------

_GIFT, _CUP = 3_900, 3_500


async def _credits(clerk: SimClerk) -> None:
    """A proof of purchase, a gift to its holder, a cup without a receipt, and one for another."""
    await clerk.home()
    ledger = clerk.site.ledger
    if ledger.sales.by_id("GIFT") is None:
        await till_tells(clerk, *_gift_and_cup())
    if not _credit(clerk, _GIFT):
        await clerk.go("menu", "2", "3", to="find.trace")
        clerk.scan("CUP")
        await clerk.at("proof.confirm: enter", "proof.done: enter", "home")
        clerk.scan("G-1")
        await clerk.at("sale: enter", "gift.way: 1", "refund.lines: 1", "refund.quantity: enter")
        await clerk.at("refund.lines: menu", "refund.amount: enter", "refund.reason: 4")
        await to_the_end(clerk)
    if not _credit(clerk, _CUP):
        await clerk.at("home: menu", "menu: 1 5", "blind.card: enter", "find.by: cancel")
        await clerk.at("blind.begin: enter", "blind.customer: 13800138000 enter", "blind.goods")
        clerk.scan(_GOODS)
        await clerk.at("blind.price: enter", "blind.goods: enter", "refund.reason: 1")
        await to_the_end(clerk)
    if not _exchanged(clerk):
        clerk.scan("CUP")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan")
        clerk.scan(_GOODS)
        await to_the_end(clerk)


def _gift_and_cup() -> Iterator[dict[str, Any]]:
    cash = {"kind": "cash", "amount": _GIFT}
    goods = [{"sku": "S", "name": "Scarf", "quantity": "1", "unit_price": _GIFT}]
    yield sold("GIFT", cash, lines=goods, gift_receipt_no="G-1")
    goods = [{"sku": _GOODS, "name": "Cup", "quantity": "1", "unit_price": _CUP}]
    yield sold("CUP", cash | {"amount": _CUP}, lines=goods)


def _exchanged(clerk: SimClerk) -> list[Refund]:
    return [one for one in clerk.site.ledger.refunds.recent(99) if one.kind is Kind.EXCHANGE]


def _credit(clerk: SimClerk, amount: int) -> list[Refund]:
    credits_ = (one for one in clerk.site.ledger.refunds.recent(99) if one.kind is Kind.CREDIT)
    return [one for one in credits_ if one.amount == amount]


def _of_credits(clerk: SimClerk) -> list[str]:
    refunds = (*_credit(clerk, _GIFT), *_credit(clerk, _CUP))
    found = Counter(f"{one.amount} {one.state}" for one in refunds)
    wrong = exactly(found, {f"{amount} {State.ISSUED}": 1 for amount in (_GIFT, _CUP)})
    stock = [
        one for by in _exchanged(clerk) for one in clerk.site.ledger.stock.of_refund(by.refund_id)
    ]
    wrong += exactly(Counter(f"{one.quantity}" for one in stock), {"1000": 1, "-1000": 1})
    if clerk.site.ledger.slips.in_state(*UNPRINTED):
        wrong.append("slips are not out")
    return wrong


VISIT: Final = Story("visit", "two-cards-older", _visit, by_card=False, wrong=_of_visit)
FORMS: Final = Story(
    "forms",
    _WALLET,
    _forms,
    by_card=False,
    policy={"tenders": [{"paid": "card", "back": "manual", "exception": "card_lost"}]},
    wrong=_of_forms,
    repeats=("identical",),
)
TYPED: Final = Story(
    "typed", "visa-older", _typed, by_card=False, wrong=_of_typed, repeats=("identical",)
)
CREDITS: Final = Story(
    "credits",
    "cash-today",
    _credits,
    by_card=False,
    rules={
        "no_receipt": {
            "enabled": True, "ceiling": 10_000, "unknown_goods": 2_000,
            "customer_count": 9, "card_count": 9,
        },
        "window": {"free_days": 30, "supervisor_days": 90},
    },
    wrong=_of_credits,
    repeats=("identical",),
)  # fmt: skip
COUNTER: Final = (VISIT, FORMS, TYPED, CREDITS, EXCHANGE, MENDED)
