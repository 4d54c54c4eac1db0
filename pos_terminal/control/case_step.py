"""A step of a case in free words, by a technician over the socket (R45): the keypad has digits, a
scan and the shop's phrases alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from pos_terminal.control.pace import A_MINUTE, Pace
from pos_terminal.control.requests import BadRequest
from pos_terminal.control.server import WHO, Verb
from pos_terminal.core.badge import holds_badge
from pos_terminal.core.case_step import MOST_TEXT, NewStep, StepKind
from pos_terminal.core.evidence import MOST_EVIDENCE, EvidenceItem, EvidenceKind
from pos_terminal.core.pan import holds_card_number, repeats
from pos_terminal.core.receipt_code import check_of
from pos_terminal.core.voucher import holds_number
from pos_terminal.core.words import Failure
from pos_terminal.ports import Case, Ledger

_KINDS: Final = {kind.value: kind for kind in StepKind if kind is not StepKind.REFUND}
_MOST_REFERENCE: Final = 40


def case_step_verbs(ledger: Ledger, merchant_id: str) -> dict[str, Verb]:
    """``case-step``: one step, in one commit. Failure ``cases.none_such``,
    ``cases.closed``, ``cases.secret``, ``cases.too_often``; BadRequest."""
    pace = Pace()

    async def case_step(request: dict[str, Any]) -> dict[str, Any]:
        uid = request.get(WHO, 0)
        number, new = _asked(request, uid)
        if not pace.take(uid, asyncio.get_running_loop().time()):
            raise Failure("cases.too_often", most=A_MINUTE)
        case = ledger.cases.by_id(number)
        if case is None:
            raise Failure("cases.none_such", number=number)
        if any(_is_secret(one, _cards(ledger, case), merchant_id) for one in _texts(new)):
            raise Failure("cases.secret")
        return {"case": number, "step": await ledger.cases.add_step(number, new)}

    return {"case-step": case_step}


def _texts(new: NewStep) -> Sequence[str]:
    return (new.text, *(one.reference for one in new.evidence))


def _is_secret(text: str, cards: Sequence[str], merchant_id: str) -> bool:
    """What is kept nowhere: a card's number, a badge, a number with which somebody could pay."""
    of_card = holds_card_number(text) or any(repeats(text, card) for card in cards)
    return of_card or holds_badge(text) or holds_number(text, check_of(merchant_id))


def _cards(ledger: Ledger, case: Case) -> Sequence[str]:
    """Masked, of its sale."""
    sale = ledger.sales.by_key(case.sale_key)
    tenders = () if sale is None else sale.tenders
    return [one.card.masked for one in tenders if one.card is not None and one.card.masked]


def _asked(request: dict[str, Any], uid: int) -> tuple[int, NewStep]:
    """The case and the step. Raises BadRequest."""
    number, kind, text = request.get("case"), request.get("kind"), request.get("text", "")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise BadRequest("case-step needs case, the number of a case")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise BadRequest(f"case-step needs kind, one of {' '.join(_KINDS)}")
    if not isinstance(text, str) or len(text) > MOST_TEXT or not _is_line(text):
        raise BadRequest(f"text has up to {MOST_TEXT} printable characters")
    evidence = _evidence(request.get("evidence", []))
    if not text.strip() and not evidence:
        raise BadRequest("case-step needs text, or evidence")
    by = f"uid {uid}"
    return number, NewStep(_KINDS[kind], by, text.strip(), evidence, _day(request.get("next_on")))


def _is_line(text: str) -> bool:
    return all(char.isprintable() or char == "\n" for char in text)


def _evidence(given: object) -> tuple[EvidenceItem, ...]:
    if not isinstance(given, list) or len(given) > MOST_EVIDENCE:
        raise BadRequest(f"evidence is a list of up to {MOST_EVIDENCE} texts, kind:reference")
    found = []
    for one in given:
        kind, _, reference = str(one).partition(":")
        reference = reference.strip()
        if kind not in [each.value for each in EvidenceKind]:
            raise BadRequest(f"evidence is of a kind of {' '.join(EvidenceKind)}, and a reference")
        if not 0 < len(reference) <= _MOST_REFERENCE or not reference.isprintable():
            raise BadRequest(f"a reference has 1 to {_MOST_REFERENCE} printable characters")
        found.append(EvidenceItem(EvidenceKind(kind), reference))
    return tuple(found)


def _day(given: object) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        raise BadRequest("next_on is a day, YYYY-MM-DD") from None
