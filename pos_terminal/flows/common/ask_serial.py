"""Which piece came back: the number on it, scanned or typed, must be the one sold (R72)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.goods_code import goods_of
from pos_terminal.core.normal import normal
from pos_terminal.core.rules.serial import Against, objection
from pos_terminal.core.sale import Sale, SaleLine
from pos_terminal.core.serials import MOST, PiecesBack, pieces, tail
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.secret_code import against_code
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.ports import InputEvent, Scanned
from pos_terminal.texts.domain import of_objection
from pos_terminal.ui.ask import Entry, Remark, Typed, confirm, digits_or, heading
from pos_terminal.ui.page import Line, Page

_TITLE = say("goods.serial")


async def ask_serials(
    desk: Desk, sale: Sale, line: SaleLine, count: int, taken: Sequence[str]
) -> Sequence[str]:
    """Of so many pieces of this line, one after the other; without those that can't be read, which
    a supervisor is told. Those that are ``taken``, or back, are none of them. Cancelled: none."""
    return await _each(_Asking(desk, sale, line, taken), count)


async def ask_serials_out(
    desk: Desk, sale: Sale, out: GivenOut, taken: Sequence[str]
) -> Sequence[str]:
    """Of the pieces that go out in place of those of a line of this sale (R37)."""
    asking = _AskingOut(desk, sale, sale.line(out.line), taken)
    count = pieces(out.quantity)
    asking.shown = (Line(say("exchange.out", name=out.name or out.code, quantity=count)),)
    return await _each(asking, count)


async def confirm_piece(
    desk: Desk, line: SaleLine, serial: str, together: Sequence[str], known: PiecesBack
) -> None:
    """Where something is against it: it may be misread, or mistyped, and only an agreed one goes to
    the supervisor."""
    against, told = objection(line, serial, together, known)
    if against is not None:
        lines = (heading(of_objection(against, told)),)
        paid = against is Against.SERIAL_PAID
        hint = say("goods.serial_again" if paid else "goods.serial_ask")
        page = Page("goods.serial_other", _TITLE, lines, hint=hint)
        await confirm(desk.ui, page)


async def _each(asking: _Asking, count: int) -> Sequence[str]:
    for number in range(1, count + 1):
        await asking.ask((say("goods.piece", number=number, count=count),) if count > 1 else ())
    return asking.found


class _Asking:
    def __init__(self, desk: Desk, sale: Sale, line: SaleLine, taken: Sequence[str]) -> None:
        self.shown: tuple[Line, ...] = (Line(line.name),)
        self._desk = desk
        self._sale = sale
        self._line = line
        self._taken = taken
        self._known = desk.ledger.refunds.pieces_back(sale.key)
        self.found: list[str] = []

    async def ask(self, which: tuple[Words, ...]) -> None:
        """One of them; none where it can't be read."""
        kept = Typed()
        wrong: Words | None = None
        while True:
            said = () if wrong is None else (heading(wrong),)
            lines = (*said, *self.shown, *map(Line, which))
            page = Page(
                "goods.serial",
                _TITLE,
                (*lines, Line(say("goods.serial_none"))),
                hint=say("goods.serial_hint"),
            )
            entry = Entry(0, MOST, letters=True)
            serial = normal(await digits_or(self._desk.ui, page, entry, self._scanned, kept=kept))
            wrong = self._against(serial)
            if wrong is None and serial not in self._line.known_serials:
                wrong = against_code(self._desk, serial)
            if wrong is not None:
                self._desk.ui.beep()
                kept.text = ""
                continue
            with BackHere():
                if serial:
                    await self._confirm(serial)
                self.found += [serial] if serial else []
                return

    def _scanned(self, event: InputEvent) -> str | Remark | None:
        """The box of such goods has their barcode beside it."""
        if not isinstance(event, Scanned):
            return None
        code = normal(event.text)
        if code in self._line.known_serials:
            return code
        patterns = self._desk.shop.scale_patterns
        if goods_of(self._sale.lines, code, patterns, event.symbology):
            return Remark(say("goods.serial_no_barcode"))
        return code if code.isprintable() and 0 < len(code) <= MOST else None

    def _against(self, serial: str) -> Words | None:
        if serial in self._known.back:
            return say("goods.serial_back", serial=tail(serial))
        if serial in self._taken or serial in self.found:
            return say("goods.serial_chosen", serial=tail(serial))
        if serial in self._line.known_serials:
            return None
        other = next((one for one in self._sale.lines if serial in one.known_serials), None)
        return None if other is None else say("goods.serial_of", name=other.name)

    async def _confirm(self, serial: str) -> None:
        together = (*self._taken, *self.found)
        await confirm_piece(self._desk, self._line, serial, together, self._known)


class _AskingOut(_Asking):
    """Any number, but of what the customer has already."""

    def _against(self, serial: str) -> Words | None:
        if serial in self._taken or serial in self.found:
            return say("goods.serial_chosen", serial=tail(serial))
        known = (one for line in self._sale.lines for one in line.known_serials)
        if serial in known and serial not in self._known.back:
            return say("goods.serial_theirs", serial=tail(serial))
        return None

    async def _confirm(self, serial: str) -> None:
        """It becomes the line's own."""
