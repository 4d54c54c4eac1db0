"""Which goods come back: lines of the sale, and how much of each (R11, R14, R72)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.goods_code import lines_of
from pos_terminal.core.items import Quantities, brings
from pos_terminal.core.money import format_amount, with_symbol
from pos_terminal.core.normal import normal
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.rules.book import STATUTORY_DAYS
from pos_terminal.core.sale import LineKind, Sale, SaleLine
from pos_terminal.core.scan_goods import Chosen, Missed, Scan, take_one, take_piece
from pos_terminal.core.serials import PiecesBack, has_serials, pieces, tail
from pos_terminal.core.sorts import most_scanned, others_of, scanned_as
from pos_terminal.core.words import say
from pos_terminal.core.worth import Worths, worth_of_part, worths
from pos_terminal.flows.common.ask_serial import ask_serials, confirm_piece
from pos_terminal.flows.common.charged import charged
from pos_terminal.flows.common.desk import Desk, LogOut
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.ask_quantity import ask_quantity
from pos_terminal.ports import InputEvent, Key, Scanned
from pos_terminal.texts.domain import of_missed, of_objection
from pos_terminal.ui.ask import choose_or, confirm, heading, large
from pos_terminal.ui.page import Line, Page
from pos_terminal.ui.prompt import Cancelled

_DEFECTIVE: Final = say("goods.defective_hint")


async def choose_lines(
    desk: Desk,
    sale: Sale,
    left: int,
    chosen: Chosen,
    *,
    by_gift: bool = False,
    leaves: bool = False,
) -> Chosen:
    """One after the other, beginning with what is ``chosen``: by digit, which asks how much, or by
    scanning each piece, which asks nothing (R72). Of goods whose pieces have numbers it asks for
    that, unless it was what was scanned. The menu key ends it, and so does cancel: what was chosen
    stays.

    ``by_gift``: a price stands behind what is chosen alone. ``leaves``: cancel does not end it but
    goes back, and the menu key alone ends it.

    What can't be chosen stands in the list like on the till's receipt, and says why when picked;
    what the shop does not take, and may be defective, is asked about when picked once more (R14).
    """
    choosing = _Choosing(desk, sale, left, chosen, by_gift=by_gift)
    while not isinstance(picked := await choosing.pick(leaves=leaves), Key):
        if isinstance(picked, Scanned):
            with BackHere():
                await choosing.scan(picked)
        else:
            await choosing.by_digit(picked)
    return choosing.chosen


class _Choosing:
    """The list, as it stands."""

    def __init__(self, desk: Desk, sale: Sale, left: int, chosen: Chosen, *, by_gift: bool) -> None:
        self._desk = desk
        self._sale = sale
        self._left = left
        self._by_gift = by_gift
        self._lines = [one for one in sale.lines if one.remaining or one.kind is LineKind.DISCOUNT]
        self._places = {one.line: place for place, one in enumerate(self._lines)}
        self._whole = worths(sale)
        self._taken = dict(chosen.quantities)
        self._serials = dict(chosen.serials)
        self._sorts = dict(chosen.sorts)
        named = any(map(has_serials, sale.lines))
        self._known = desk.ledger.refunds.pieces_back(sale.key) if named else PiecesBack()
        self._opened = set(chosen.defective)
        """Lines that the shop does not take, but as defective."""
        self._said_shut: int | None = None
        """The line of which that was said last."""
        self._options = [self._option(line) for line in self._lines]
        """Of 999 the one alone is made anew that changed."""
        self._at = 0
        self._against: tuple[Line, ...] = ()

    @property
    def chosen(self) -> Chosen:
        taken = self._taken
        quantities = {one.line: taken[one.line] for one in self._lines if taken.get(one.line)}
        serials = {n: self._serials.get(n, ()) for n in quantities}
        sorts = {n: each for n, each in self._sorts.items() if n in quantities}
        return Chosen(quantities, serials, frozenset(self._opened & quantities.keys()), sorts)

    async def pick(self, *, leaves: bool) -> int | Scanned | Key:
        """The place of a line, a code that was scanned, or the menu key that ends it."""
        total = with_symbol(goods_sum(self._sale, self._left, self._taken), self._sale.currency)
        page = Page(
            "refund.lines",
            say("flows.lines"),
            (*self._against, large(say("flows.goods_sum"), total)),
            hint=say("flows.lines_hint"),
        )
        try:
            return await choose_or(self._desk.ui, page, self._options, _key_or_code, first=self._at)
        except LogOut:
            raise
        except Cancelled:
            if leaves:
                raise
            return Key.MENU

    async def by_digit(self, place: int) -> None:
        self._at = place
        line = self._lines[place]
        if not self._may(line) and not await self._open(line):
            return
        self._against = ()
        worth = worth_of_part(self._whole.get(line.line, 0), line, line.remaining)
        with BackHere():
            answer = await ask_quantity(self._desk, line, worth, self._sale.currency)
            if isinstance(answer, Scanned):
                await self.scan(answer, first=line)
            else:
                await self._take_and_name(line, answer)

    async def scan(self, scanned: Scanned, first: SaleLine | None = None) -> None:
        """One more of what the code is of, of the line ``first`` if it is of that as well."""
        scan = self._scanned(scanned, first)
        if scan.missed is Missed.SHUT and scan.line is not None and await self._open(scan.line):
            scan = self._scanned(scanned, first)
        if scan.line is not None:
            self._at = self._places.get(scan.line.line, self._at)
        if scan.missed is Missed.SHUT:
            return
        code = normal(scanned.text)
        self._against = self._missed(scan, tail(code))
        if self._against:
            self._desk.ui.beep()
        if scan.line is None or scan.missed is not None:
            return
        if code in scan.line.known_serials and has_serials(scan.line):
            seen = self._serials.get(scan.line.line, ())
            await confirm_piece(self._desk, scan.line, code, seen, self._known)
            self._take(scan.line, scan.quantity, [*seen, code])
        else:
            named = len(self._serials.get(scan.line.line, ()))
            await self._take_and_name(scan.line, scan.quantity)
            if len(self._serials.get(scan.line.line, ())) == named:  # else the number says it
                self._keep_sort(scan.line, scanned)

    def _scanned(self, scanned: Scanned, first: SaleLine | None) -> Scan:
        code, patterns = normal(scanned.text), self._desk.shop.scale_patterns
        of_serial = next((line for line in self._sale.lines if code in line.known_serials), None)
        if of_serial is not None and has_serials(of_serial):
            return take_piece(of_serial, code, self.chosen, self._known.back, self._may)
        found = lines_of(self._sale.lines, code, patterns, scanned.symbology)
        if first is not None:
            found.sort(key=lambda line: line.line != first.line)
        return take_one(found, self._taken, self._may, lambda line: self._most(line, scanned))

    def _keep_sort(self, line: SaleLine, scanned: Scanned) -> None:
        if sort := self._sort(line, scanned):
            self._sorts[line.line] = (*self._sorts.get(line.line, ()), *sort)

    def _sort(self, line: SaleLine, scanned: Scanned) -> Sequence[tuple[str, str]]:
        """What of a line of which some were exchanged the code is of, and there is more of."""
        if not line.went_out:
            return ()
        code, patterns = normal(scanned.text), self._desk.shop.scale_patterns
        return scanned_as(
            line,
            lambda one: bool(lines_of([one], code, patterns, scanned.symbology)),
            self._sorts.get(line.line, ()),
            self._serials.get(line.line, ()),
        )

    def _most(self, line: SaleLine, scanned: Scanned) -> int:
        before, now = self._sorts.get(line.line, ()), self._sort(line, scanned)
        return most_scanned(line, self._taken.get(line.line, 0), before, now)

    async def _open(self, line: SaleLine) -> bool:
        """Whether it was picked as defective: what is against it is said first, and who picks it
        once more is asked."""
        told = _against(self._desk, line)
        again, self._said_shut = self._said_shut == line.line, line.line
        softens = line.kind is not LineKind.DISCOUNT and defect_softens(self._desk, self._sale)
        if again and softens:
            with BackHere():
                page = Page("goods.defective", say("flows.lines"), told, hint=_DEFECTIVE)
                await confirm(self._desk.ui, page)
                self._opened.add(line.line)
                return True
        else:
            self._desk.ui.beep()
        self._against = (*told, *((Line(say("goods.if_defective")),) if softens else ()))
        return False

    async def _take_and_name(self, line: SaleLine, quantity: int) -> None:
        """Those that came before keep their numbers where there are more now; of fewer pieces it is
        not known which ones are left."""
        if quantity < self._taken.get(line.line, 0):
            self._sorts.pop(line.line, None)
        if not has_serials(line):
            self._take(line, quantity, ())
            return
        before = self._taken.get(line.line, 0)
        seen = self._serials.get(line.line, ()) if quantity >= before else ()
        more = pieces(quantity - before if quantity >= before else quantity)
        taken = [one for n, each in self._serials.items() if n != line.line for one in each]
        new = await ask_serials(self._desk, self._sale, line, more, [*taken, *seen])
        self._take(line, quantity, [*seen, *new])

    def _missed(self, scan: Scan, code: str) -> tuple[Line, ...]:
        """Why a scan took nothing; nothing where it did."""
        if scan.missed is None:
            return ()
        name = "" if scan.line is None else scan.line.name
        return (heading(of_missed(scan.missed, name=name, serial=code)),)

    def _may(self, line: SaleLine) -> bool:
        return line.line in self._opened or not _against(self._desk, line)

    def _take(self, line: SaleLine, quantity: int, serials: Sequence[str]) -> None:
        self._taken[line.line] = quantity
        self._serials[line.line] = serials
        self._options[self._places[line.line]] = self._option(line)

    def _option(self, line: SaleLine) -> Line:
        taken = self._taken.get(line.line, 0)
        shut = not self._may(line)
        option = _option(line, taken, self._whole, self._sale.currency, shut=shut)
        return option if taken or not self._by_gift else replace(option, value="")


def defect_softens(desk: Desk, sale: Sale) -> bool:
    """Whether a supervisor may be asked for goods that the shop does not take."""
    return desk.shop.defect is not None and sale.age_days(desk.clock.now()) <= STATUTORY_DAYS


def _key_or_code(event: InputEvent) -> Key | Scanned | None:
    return event if isinstance(event, Scanned) else menu_key(event)


def goods_sum(sale: Sale, left: int, chosen: Quantities) -> int:
    """What the chosen goods bring by themselves of what is ``left``, minor units."""
    return min(left, brings(sale, chosen))


def _against(desk: Desk, line: SaleLine) -> tuple[Line, ...]:
    """Why it can't be chosen, however much of it is left; nothing where it can."""
    if line.kind is LineKind.DISCOUNT:
        return (heading(say("flows.no_discount")),)
    objection = desk.shop.book.not_taken(line)
    return () if objection is None else (heading(of_objection(*objection)),)


def _option(line: SaleLine, taken: int, whole: Worths, currency: str, *, shut: bool) -> Line:
    """What remains of it and its worth; once chosen, how much of that, and the worth of it."""
    left = format_quantity(line.remaining)
    name = " / ".join((line.name, *(one.known_as for one in others_of(line))))
    if line.kind is LineKind.DISCOUNT:
        return Line(say("flows.discount", name=line.name), charged(line, currency))
    worth = worth_of_part(whole.get(line.line, 0), line, taken or line.remaining)
    total = format_amount(worth, currency)
    if taken:
        words = say("flows.taken", name=name, taken=format_quantity(taken), left=left)
        return heading(words, total)
    if shut:
        return Line(say("flows.shut_line", name=name, left=left), total)
    if line.kind is LineKind.FEE:
        return Line(say("flows.fee", name=line.name, left=left), total)
    return Line(f"{name} ×{left}", total)
