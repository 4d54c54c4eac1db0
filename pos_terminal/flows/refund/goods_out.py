"""What goes out for goods that come back: scanned or typed, until it is worth as much (R37)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.blind import SoldBefore
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_code import ScaleCode, codes_for, goods_of, scale_code
from pos_terminal.core.looked import Sort
from pos_terminal.core.money import format_amount
from pos_terminal.core.normal import normal
from pos_terminal.core.pan import luhn_ok
from pos_terminal.core.price import list_worth
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.sale import Sale, SaleLine
from pos_terminal.core.serials import has_serials
from pos_terminal.core.sorts import coming_back, name_back
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.amount_hint import amount_hint
from pos_terminal.flows.common.ask_serial import ask_serials_out
from pos_terminal.flows.common.code_of_goods import is_paper, may_be_goods
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import InputEvent, Key, Scanned
from pos_terminal.ui.ask import Entry, digits, digits_or, heading, money_entry
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

_MOST_DIGITS: Final = 14
"""Of a code that is typed: a GTIN-14."""
_FEWEST_DIGITS: Final = 6
"""Of one that nobody here knows: fewer are a slip of the finger."""
_IMEI_DIGITS: Final = 15
TITLE: Final = say("exchange.title")


class NotEven(Exception):
    """It costs another price, or the customer will choose at the till (the menu key). ``lines`` say
    of the price that anybody told both what it is and what it is not."""

    def __init__(self, *lines: Line) -> None:
        super().__init__()
        self.lines = lines


class Back(Struct, frozen=True):
    """Goods that come back."""

    sale: Sale
    quantities: Mapping[int, int]
    """Thousandths by the number of the line."""
    worths: Mapping[int, int]
    """What others must be worth for them, minor units likewise."""
    sorts: Mapping[int, Sequence[Sort]]
    """What of them went out in an exchange itself, likewise."""

    def goods(self, number: int) -> Sequence[SaleLine]:
        """What comes back of this line now, each of the goods as a line of its own."""
        line = self.sale.line(number)
        return coming_back(line, self.quantities[number], self.sorts[number])

    def is_piece(self, number: int, label: ScaleCode) -> bool:
        """Whether what a scale labelled so is as much as comes back of this line: by its price,
        before or after discounts, and its weight."""
        line, quantity = self.sale.line(number), self.quantities[number]
        prices = (self.worths[number], list_worth(quantity, line.price))
        return label.price in (None, *prices) and label.weight in (None, quantity)

    def against(self, number: int, price: int | None) -> tuple[Line, ...]:
        """What these cost, and what came back for it; nothing where no price was told."""
        if price is None:
            return ()
        told = format_amount(price, self.sale.currency)
        back = replace(self.shown(number), words=say("exchange.back", **self._named(number)))
        return (back, heading(say("exchange.price"), told))

    def shown(self, number: int) -> Line:
        what = "{name} ×{quantity}".format(**self._named(number))
        return Line(what, format_amount(self.worths[number], self.sale.currency))

    def _named(self, number: int) -> dict[str, str]:
        quantity = self.quantities[number]
        name = name_back(self.sale.line(number), quantity, self.sorts[number])
        return {"name": name, "quantity": format_quantity(quantity)}


async def ask_goods_out(desk: Desk, back: Back) -> list[GivenOut]:
    """Line by line; cancel leads to the one before. NotEven where no even exchange comes of it."""
    lines, out = list(back.quantities), list[GivenOut]()
    while len(out) < len(lines):
        try:
            one = await _one_out(desk, back, lines[len(out)])
            with BackHere():
                out.append(await _numbered(desk, back, one, out))
        except LogOut:
            raise
        except Cancelled:
            if not out:
                raise
            out.pop()
    return out


def _is_number(back: Back, number: int, code: str) -> bool:
    """Of a piece, and none of its goods: one that the sale has; or shaped as an IMEI, where such
    goods come back (3GPP TS 23.003: fifteen digits, the last one Luhn's)."""
    if any(code in line.known_serials for line in back.sale.goods):
        return True
    shaped = len(code) == _IMEI_DIGITS and luhn_ok(code)
    return shaped and any(map(has_serials, (back.sale.line(number), *back.goods(number))))


async def _one_out(desk: Desk, back: Back, number: int) -> GivenOut:
    wrong: Words | None = None
    worth = back.worths[number]
    while True:
        scanned, typed = await _scan(desk, back, number, wrong)
        code = normal(scanned.text)
        goods, patterns = back.goods(number), desk.shop.scale_patterns
        same = goods_of(goods, code, patterns, scanned.symbology) == goods
        known = _sold_since(desk, back.sale, scanned)
        stray = typed and len(code) < _FEWEST_DIGITS
        new = may_be_goods(code) and not (stray or is_paper(desk, code))
        if not (same or known) and _is_number(back, number, code):
            wrong = say("exchange.no_number")
            desk.ui.beep()
            continue
        if not may_be_goods(code) or not (same or known or new):
            wrong = say("exchange.no_goods")
            desk.ui.beep()
            continue
        label = scale_code(code, patterns, scanned.symbology)
        if label is not None and not back.is_piece(number, label):
            raise NotEven(*back.against(number, label.price))
        of = goods[0] if same or known is None else known.line
        named = same or known is not None
        out = GivenOut(
            *(number, back.quantities[number], code),
            *((of.sku, of.name) if named else ()),
        )
        if same or (known is not None and known.sold_for(worth, out.quantity)):
            return out
        wrong = None
        with BackHere():
            if (price := await _price(desk, back, out)) != worth:
                raise NotEven(*back.against(number, price))
            last = None if known is None else known.cost_last(out.quantity)
            return replace(out, price=worth, last_sold_for=last)


async def _numbered(desk: Desk, back: Back, one: GivenOut, before: Sequence[GivenOut]) -> GivenOut:
    """With the numbers of its pieces, where those of the line have any."""
    if not has_serials(back.sale.line(one.line)):
        return one
    taken = [serial for each in before for serial in each.serials]
    serials = await ask_serials_out(desk, back.sale, one, taken)
    return replace(one, serials=tuple(serials))


async def _scan(desk: Desk, back: Back, number: int, wrong: Words | None) -> tuple[Scanned, bool]:
    """And whether it was typed."""
    told = () if wrong is None else (heading(wrong),)
    lines = (*told, back.shown(number), Line(say("exchange.scan")))
    page = Page("goods.scan", TITLE, lines, hint=say("exchange.scan_hint"))
    found = await digits_or(desk.ui, page, Entry(1, _MOST_DIGITS), _code_or_menu)
    if isinstance(found, Key):
        raise NotEven
    return (found, False) if isinstance(found, Scanned) else (Scanned(str(found)), True)


def _sold_since(desk: Desk, sale: Sale, scanned: Scanned) -> SoldBefore | None:
    """What the ledger knows of it, and for how little it was sold since this sale."""
    codes = codes_for(normal(scanned.text), desk.shop.scale_patterns, scanned.symbology)
    return desk.ledger.sales.sold_before(codes.whole, sale.sold_at)


async def _price(desk: Desk, back: Back, out: GivenOut) -> int:
    """Of all of it."""
    currency = back.sale.currency
    what = f"{out.name or out.code} ×{format_quantity(out.quantity)}"
    lines = (Line(what), Line(say("exchange.price")))
    page = Page("exchange.price", TITLE, lines, hint=amount_hint(currency))
    while not (price := int(await digits(desk.ui, page, money_entry(1, currency)))):
        desk.ui.beep()
        page = replace(page, hint=say("exchange.no_price"))
    return price


def _code_or_menu(event: InputEvent) -> Scanned | Key | None:
    return event if isinstance(event, Scanned) else menu_key(event)
