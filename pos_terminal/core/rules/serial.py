"""Pieces with a number of their own must be those that were sold (R72)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, Protocol

from pos_terminal.core.decision import Answer, Phase, StoredVerdict, Verdict, allow
from pos_terminal.core.items import Item
from pos_terminal.core.looked import NOBODY_LOOKED
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.sale import SaleLine
from pos_terminal.core.serials import PiecesBack, has_serials, pieces, tail, unread
from pos_terminal.core.sorts import has_unread
from pos_terminal.core.words import Value


class Against(StrEnum):
    SERIAL_PAID = "serial_paid"
    """A piece was paid for before and, as somebody said then or since, did not come."""
    SERIAL_PERHAPS_PAID = "serial_perhaps_paid"
    """It may be one that was paid for, whose number nobody read, and that did not come then."""
    OTHER_SERIAL = "other_serial"
    """A piece that came has a number that the till did not sell."""
    SERIAL_PERHAPS = "serial_perhaps"
    """Likewise; it may be one whose number nobody read when it went out."""
    SERIAL_UNREAD = "serial_unread"
    """Likewise; it can be but such a one."""
    SERIAL_UNSEEN = "serial_unseen"
    """Nobody read the number of a piece that came."""
    SERIAL_UNSEEN_OUT = "serial_unseen_out"
    """Nor of one that goes out for it."""
    SERIAL_UNNAMED = "serial_unnamed"
    """An amount was typed that can't be but for such pieces, and names none."""


class Past(Protocol):
    def pieces_back(self, sale_key: int) -> PiecesBack:
        """What became of the pieces of this sale."""


_PAID: Final = "paid_by"
_PAID_FOR: Final = (Against.SERIAL_PAID, Against.SERIAL_PERHAPS_PAID)


def asks(params: Params, facts: Facts, past: Past) -> PiecesBack:
    named = facts.items and any(map(has_serials, facts.sale.lines))
    return past.pieces_back(facts.sale.key) if named else PiecesBack()


def judge(params: Params, facts: Facts, known: PiecesBack) -> Verdict:
    """Of goods that are named; who looked at them is asked for both numbers. And of an amount that
    leaves too little for those that are not."""
    if not facts.items and not facts.about:
        return _of_amount(facts)
    found = list(_objections(facts, known))
    if not found:
        return allow("serial", {"seen": sum(len(one) for _, _, one in _named(facts))})
    # what was paid for before is read before all else
    return min(found, key=lambda one: (one.against not in _PAID_FOR, one.against != _PAID_FOR[0]))


def _named(facts: Facts) -> Iterator[tuple[SaleLine, Item, tuple[str, ...]]]:
    for item in facts.items:
        line = facts.sale.line(item.line)
        if has_serials(line):
            yield line, item, (item.looked or NOBODY_LOOKED).serials


def _came(item: Item) -> bool:
    return (item.looked or NOBODY_LOOKED).disposition is not None


def _objections(facts: Facts, known: PiecesBack) -> Iterator[Verdict]:
    numbers = [one for _, _, seen in _named(facts) for one in seen]
    paid = {known.absent[one] for one in numbers if one in known.absent}
    for line, item, read in _named(facts):
        seen = read if _came(item) else ()  # by who says the number of what is not there, at most
        figures: dict[str, Value] = {"line": line.line, "pieces": pieces(item.quantity)}
        figures["seen"] = len(seen)
        for one in read:
            against, told = objection(line, one, read, known)
            if against is Against.SERIAL_PAID:
                by = " ".join(map(str, sorted(paid)))
                yield _asks(against, {**figures, _PAID: by}, told)
            elif against is not None:
                yield _asks(against, figures, told)
        if _came(item) and line.line in known.unnamed:
            by = str(known.unnamed[line.line])
            told = {"name": line.name, "paid": by}
            yield _asks(Against.SERIAL_PERHAPS_PAID, {**figures, _PAID: by}, told)
        if unread(line, item.quantity, seen):
            yield _asks(Against.SERIAL_UNSEEN, figures, {"name": line.name})
    for out in facts.out:
        if unread(facts.sale.line(out.line), out.quantity, out.serials):
            figures = {"line": out.line, "pieces": pieces(out.quantity), "seen": len(out.serials)}
            yield _asks(Against.SERIAL_UNSEEN_OUT, figures, {"name": out.name or out.code})


def objection(
    line: SaleLine, given: str, together: Collection[str], known: PiecesBack
) -> tuple[Against | None, Mapping[str, str]]:
    """What is against a piece with this number, and what of it is told; None where it was sold.
    What comes ``together`` with it, is back or paid for is not the one that should have come."""
    told = {"name": line.name, "given": tail(given)}
    if given in known.absent:
        return Against.SERIAL_PAID, told | {"paid": str(known.absent[given])}
    if given in line.known_serials:
        return None, told
    not_these = {*together, *known.settled}
    sold = next((one for one in line.known_serials if one not in not_these), None)
    if sold is None:
        return Against.SERIAL_UNREAD, told
    perhaps = has_unread(line, known.settled)
    against = Against.SERIAL_PERHAPS if perhaps else Against.OTHER_SERIAL
    return against, told | {"sold": tail(sold)}


def _of_amount(facts: Facts) -> Verdict:
    kept = [line for line in facts.sale.lines if line.remaining and has_serials(line)]
    asked, most = facts.leaves(kept)
    if not kept or asked <= most:
        return allow("serial", {"seen": 0})
    figures = {"amount": facts.amount, "most": most, "line": kept[0].line, "seen": 0}
    return _asks(Against.SERIAL_UNNAMED, figures, {"name": kept[0].name})


def told_of(verdicts: Iterable[Verdict | StoredVerdict]) -> set[int] | None:
    """The applications that had paid for a piece, as people read who were asked; None where this
    rule was not."""
    own = [one for one in verdicts if one.rule == RULE.name]
    found = (str(one.figures.get(_PAID, "")) for one in own)
    return {int(number) for told in found for number in told.split()} if own else None


def _asks(against: Against, figures: Mapping[str, Value], told: Mapping[str, str]) -> Verdict:
    always = against in _PAID_FOR
    return Verdict("serial", Answer.ASK_SUPERVISOR, against, figures, told, always_read=always)


def never(params: Params) -> bool:
    return False


RULE = Rule("serial", Phase.BEFORE_CARD, Params, Against, judge, asks, denies=never, of_goods=True)
