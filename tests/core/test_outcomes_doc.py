"""docs/outcomes.md shows the table of answers and the moves as they are in core.

``GOLDEN=record`` draws all of it anew.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from pos_terminal import profiles
from pos_terminal.core.answers import (
    TABLE,
    Action,
    Meaning,
    Place,
    Sending,
    can_be,
    moves,
    reversal_reason,
    state_after,
)
from pos_terminal.core.refund import MOVES, By, Kind, State

PAGE: Final = Path(__file__).parents[2] / "docs" / "outcomes.md"

#: moves of the line that no answer makes, and what does
NO_ANSWER: Final = {
    (State.SEALED, State.NOT_SENT): "sealed anew under another STAN",
    (State.SEALED, State.UNKNOWN): "refund (found at start-up)",
    (State.SEALED, State.REVERSING): "void (found at start-up)",
    (State.UNKNOWN, State.UNKNOWN): "certificate, case, other cause",
    (State.REVERSING, State.REVERSING): "certificate, case, other cause",
}
OTHERS: Final = {
    By.TOLD: "people or the acquirer's file",
    By.CLERK: "the clerk's word",
    By.TILL: "the till takes of it",
}
BEGINNINGS: Final = {
    State.SEALED: "seal",
    State.TO_HAND_OVER: "cash committed",
    State.ISSUED: "voucher issued",
    State.FORM_PRINTED: "form printed",
    State.BOOKED: "points given back",
    State.EXCHANGED: "goods for goods, no money",
    State.SET_ASIDE: "exchange credit made",
    State.REOPENED: "goods of an exchange credit back",
}
COLUMNS: Final = {
    Place.FIRST: "first send",
    Place.SECOND: "sent again after a sign-on",
    Place.UNPROVEN: "again after one that no MAC proved",
    Place.LATE: "late, to a first send",
    Place.REPEAT: "repeat",
    Place.REVERSAL: "reversal",
    Place.GIVEN_UP: "given up before",
    Place.REFUSED: "declined, or not sent",
}


def diagram() -> str:
    """The states and every move between them, for mermaid."""
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}: {why}" for state, why in BEGINNINGS.items()]
    labels = _labels()
    for old in State:
        for new in State:
            lines += [f"    {old} --> {new}: {label}" for label in labels[old, new]]
    return "\n".join(lines)


def _labels() -> dict[tuple[State, State], list[str]]:
    found: defaultdict[tuple[State, State], list[str]] = defaultdict(list)
    said: defaultdict[tuple[State, State, Sending], set[Meaning]] = defaultdict(set)
    for old, new, sending, meaning in moves():
        said[old, new, sending].add(meaning)
    for (old, new, sending), meanings in said.items():
        found[old, new].append(f"{sending} ({_names(meanings)})")
    for pair, why in NO_ANSWER.items():
        found[pair].append(why)
    for old, new, by in sorted(MOVES):
        if by in OTHERS:
            found[old, new].append(OTHERS[by])
    return found


def _names(meanings: set[Meaning]) -> str:
    declines = {meaning for meaning in Meaning if meaning.declines}
    every = declines <= meanings
    rest = [str(one) for one in Meaning if one in meanings - (declines if every else set())]
    return ", ".join([*rest, *(["any decline"] if every else [])])


def table() -> str:
    """What is done with each meaning, by where the answer meets its refund."""
    head = ["meaning", *COLUMNS.values()]
    rows = [head, ["---"] * len(head)]
    rows += [
        [f"`{meaning}`", *(_cell(where, meaning) for where in COLUMNS)]
        for meaning in Meaning
        if any(meaning in TABLE[where] for where in COLUMNS)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


_SENT: Final = {
    Place.FIRST: [Sending.REFUND, Sending.VOID],
    Place.SECOND: [Sending.REFUND, Sending.VOID],
    Place.UNPROVEN: [Sending.REFUND, Sending.VOID],
    Place.LATE: [Sending.REFUND],
    Place.REPEAT: [Sending.REPEAT],
    Place.REVERSAL: [Sending.REVERSAL],
    Place.GIVEN_UP: [Sending.REFUND, Sending.VOID, Sending.REPEAT],
    Place.REFUSED: [Sending.REFUND, Sending.VOID, Sending.REPEAT],
}


_STILL_OWED: Final = {Action.STILL_OWED, Action.STILL_OWED_SIGN_ON, Action.STILL_OWED_BAD_MAC}


def _cell(where: Place, meaning: Meaning) -> str:
    done = TABLE[where].get(meaning)
    able = [sending for sending in _SENT[where] if can_be(sending, meaning)]
    if done is None or not able:
        return "–"
    only = "" if len(able) == len(_SENT[where]) else f" ({' and '.join(able)} only)"
    return f"`{done}`{only}"


def causes() -> str:
    """What is kept of a action, and told in the 0400 of a void."""
    rows = [("action", "kept as", "0400 says"), ("---", "---", "---")]
    for one in Action:
        if one.cause is not None:
            opens = state_after(one, Kind.VOID) is State.REVERSING or one in _STILL_OWED
            told = f"`{reversal_reason(one.cause)}`" if opens else "–"
            rows.append((f"`{one}`", f"`{one.cause}`", told))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def opens() -> str:
    """Which answers of the national table are of the account that paid."""
    rows = ["| answer | field 39 |", "| --- | --- |"]
    rows += [
        f"| `{one.says}` | {', '.join(one.codes)} |"
        for one in profiles.load("cup").responses
        if one.first is Meaning.DECLINE_ACCOUNT
    ]
    return "\n".join(rows)


def between(name: str) -> str:
    return rf"(?<=<!-- {name}: drawn by tests/core/test_outcomes_doc.py -->\n)(.*?)(?=<!-- end -->)"


DRAWN: Final = {
    "diagram": lambda: f"```mermaid\n{diagram()}\n```\n",
    "table": lambda: f"{table()}\n",
    "opens": lambda: f"{opens()}\n",
    "causes": lambda: f"{causes()}\n",
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_page_shows_what_the_core_does(name: str) -> None:
    drawn = DRAWN[name]()
    text = PAGE.read_text("utf-8")
    if os.environ.get("GOLDEN") == "record":
        text = re.sub(between(name), lambda _: drawn, text, count=1, flags=re.DOTALL)
        PAGE.write_text(text, "utf-8")
    shown = re.search(between(name), text, re.DOTALL)
    assert shown is not None
    assert shown.group() == drawn


def test_the_line_makes_exactly_the_moves_that_a_refund_may_make() -> None:
    by_answers = {(old, new) for old, new, _, _ in moves()}
    by_line = {(old, new) for old, new, by in MOVES if by is By.LINE}
    assert by_answers | set(NO_ANSWER) == by_line
