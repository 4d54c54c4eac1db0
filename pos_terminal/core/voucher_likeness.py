"""A voucher's number that is none of ours as it stands, and may be one all the same: masked by the
till, or with a sign lost, added or another (R37).

Numbers of other schemes are not to be held against ours by chance: of 13 random digits one in
100,000 begins as those of this terminal do, and next to none is one sign off an issued one. A mask
says less; whoever looks for what it may stand for holds the sale's day and amount against it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pos_terminal.core import receipt_code
from pos_terminal.core.pan import in_plain_signs

_HIDDEN: Final = r"[*•●∗]+|[xX#]{2,}|\.{2,}|…"
_MASKED: Final = rf"(?a)(?:\d|{_HIDDEN})+"
_LEAST_SHOWN: Final = 2
"""Digits that a masked number must show: a till that hides them all tells no number."""


def masked_as(told: str) -> str | None:
    """What a masked number shows of ours: its digits, ``?`` for one that is hidden, ``*`` for some.
    None where it is not masked, or shows too little."""
    bare = re.sub(r"[ -]|(?<!\.)\.(?!\.)", "", in_plain_signs(told))
    shown = re.sub(r"(?a)\D", "", bare)
    hidden = re.search(_HIDDEN, bare) is not None
    if not hidden or len(shown) < _LEAST_SHOWN or not re.fullmatch(_MASKED, bare):
        return None
    whole = len(bare) == receipt_code.LENGTH and "." not in bare and "…" not in bare
    return re.sub(_HIDDEN, lambda run: "?" * len(run[0]) if whole else "*", bare)


def near(told: str) -> frozenset[str]:
    """Numbers shaped as ours that differ from this one in a sign that is lost, added or another, in
    two that changed places, or in what stands around them. The check digit tells all of it but a 0
    and a 9 that changed places: of one that is shaped as ours only such."""
    plain = in_plain_signs(told)
    runs = {re.sub(r"(?a)\D", "", plain), *re.findall(r"(?a)\d+", plain)}
    found = {other for run in runs for other in _one_off(run.lstrip("0"))}
    return frozenset(one for one in found if _is_whole(one) and one != told)


def begins_as_ours(told: str, merchant_id: str, terminal_id: str) -> bool:
    """Whether it has the length, about, and the beginning of this terminal's vouchers, and is none
    by its check digit."""
    return not _is_whole(told) and _begins_here(_digits(told), merchant_id, terminal_id)


def seems_drawn_here(told: str, merchant_id: str, terminal_id: str) -> bool:
    """Whether it is a number of this terminal's by its beginning, whole or wrong or masked: another
    terminal of the shop draws its own."""
    shown = masked_as(told)
    if shown is not None:
        return shown.startswith(_beginning(merchant_id, terminal_id))
    return _begins_here(_digits(told), merchant_id, terminal_id)


def _beginning(merchant_id: str, terminal_id: str) -> str:
    checks = receipt_code.check_of(merchant_id) + receipt_code.check_of(terminal_id)
    return receipt_code.VOUCHER_DIGIT + checks


def _begins_here(digits: str, merchant_id: str, terminal_id: str) -> bool:
    return digits.startswith(_beginning(merchant_id, terminal_id)) and _about_as_long(digits)


def _digits(told: str) -> str:
    return re.sub(r"(?a)\D", "", in_plain_signs(told)).lstrip("0")


def _is_whole(number: str) -> bool:
    code = receipt_code.decode(number)
    return code is not None and code.kind == receipt_code.VOUCHER_DIGIT


def _about_as_long(digits: str) -> bool:
    return abs(len(digits) - receipt_code.LENGTH) <= 1


def _one_off(run: str) -> Iterator[str]:
    """Of the right length."""
    if not _about_as_long(run):
        return
    if len(run) > receipt_code.LENGTH:
        yield from (run[:at] + run[at + 1 :] for at in range(len(run)))
        return
    if len(run) < receipt_code.LENGTH:
        places = range(len(run) + 1)
        yield from (run[:at] + sign + run[at:] for at in places for sign in "0123456789")
        return
    yield run
    whole = _is_whole(run)
    for at in range(len(run)):
        if not whole:  # or another sign would not have passed the check digit
            yield from (run[:at] + sign + run[at + 1 :] for sign in "0123456789")
        yield run[:at] + run[at + 1 : at + 2] + run[at] + run[at + 2 :]
