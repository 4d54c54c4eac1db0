"""Pieces with a number of their own must be those that were sold (R72)."""

from __future__ import annotations

from enum import StrEnum

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.looked import NOBODY_LOOKED
from pos_terminal.core.rules.facts import Facts, Params, Rule
from pos_terminal.core.serials import has_serials, pieces, tail


class Against(StrEnum):
    OTHER_SERIAL = "other_serial"
    """A piece that came has a number that the till did not sell."""
    SERIAL_UNSEEN = "serial_unseen"
    """Nobody read the number of a piece that came."""
    SERIAL_UNNAMED = "serial_unnamed"
    """An amount was typed that can't be but for such pieces, and names none."""


def judge(params: Params, facts: Facts, _: None) -> Verdict:
    """Of goods that are named; who looked at them is asked for both numbers. And of an amount that
    leaves too little for those that are not."""
    if not facts.items and not facts.about:
        return _of_amount(facts)
    looked_at = 0
    for item in facts.items:
        line = facts.sale.line(item.line)
        if not has_serials(line):
            continue
        seen = (item.looked or NOBODY_LOOKED).serials
        figures = {"line": line.line, "pieces": pieces(item.quantity), "seen": len(seen)}
        other = next((one for one in seen if one not in line.known_serials), None)
        if other is not None:
            sold = next(
                (one for one in line.known_serials if one not in seen), line.known_serials[0]
            )
            told = {"name": line.name, "given": tail(other), "sold": tail(sold)}
            return _asks(Against.OTHER_SERIAL, figures, told)
        if len(seen) < pieces(item.quantity):
            return _asks(Against.SERIAL_UNSEEN, figures, {"name": line.name})
        looked_at += len(seen)
    return allow("serial", {"seen": looked_at})


def _of_amount(facts: Facts) -> Verdict:
    kept = [line for line in facts.sale.lines if line.remaining and has_serials(line)]
    asked, most = facts.leaves(kept)
    if not kept or asked <= most:
        return allow("serial", {"seen": 0})
    figures = {"amount": facts.amount, "most": most, "line": kept[0].line, "seen": 0}
    return _asks(Against.SERIAL_UNNAMED, figures, {"name": kept[0].name})


def _asks(against: Against, figures: dict[str, int], told: dict[str, str]) -> Verdict:
    return Verdict("serial", Answer.ASK_SUPERVISOR, against, figures, told)


RULE = Rule("serial", Phase.BEFORE_CARD, Params, Against, judge, of_goods=True)
