"""The acquirer's file of outcomes as it is written (``docs/acquirer-file.md``), strictly typed.

``docs/acquirer-file.schema.json`` says the same for others; a test holds the two together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from pos_terminal.core.digest import digest
from pos_terminal.core.effect import AFTERWARDS, Told
from pos_terminal.core.finds_again import LEAST, names_one, signs
from pos_terminal.core.home import Home
from pos_terminal.core.normal import normal
from pos_terminal.core.pan import holds_card_number, repeats
from pos_terminal.core.refund import Kind
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.csv_rows import csv_rows, named, whole_number
from pos_terminal.wire.feed.explain import explained
from pos_terminal.wire.feed.lines import Format, from_json, json_records
from pos_terminal.wire.feed.outcome import NO_CARD, Outcome, OutcomeFile
from pos_terminal.wire.feed.problem import Problem
from pos_terminal.wire.feed.records import Amount, MaybeTrace, Merchant, Record, Terminal
from pos_terminal.wire.feed.spoilt import check

MAX_PROBLEMS: Final = 100
"""A file that is wrong altogether is not listed to its end."""
MARK: Final = "outcome"
"""The field that no record of the sales feed has."""


class _Wrong(Exception):
    """The text is the reason; it repeats nothing of the record."""


Rrn = Annotated[str, Meta(pattern=r"^([0-9A-Za-z]{12})?\Z")]
Day = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]


class OutcomeRecord(Record, frozen=True, kw_only=True):
    """What became of one refund or void at the acquirer, or of the form of a manual refund."""

    terminal_id: Terminal
    merchant_id: Merchant
    batch: MaybeTrace = ""
    trace: MaybeTrace = ""
    """Both are a refund's or a void's; a form has the number of its application instead."""
    kind: Literal["refund", "void", "manual"]
    amount: Amount
    outcome: Literal["paid", "not_paid", "credited", "returned"]
    reference: Annotated[str, Meta(min_length=1, max_length=40)]
    paid_amount: Amount | None = None
    rrn: Rrn = ""
    auth_code: Annotated[str, Meta(pattern=r"^[0-9A-Za-z ]{0,6}\Z")] = ""
    happened_on: Day = ""
    original_rrn: Rrn = ""
    original_on: Day = ""
    masked: Annotated[str, Meta(pattern=r"^([0-9]{0,6}\*{2,15}[0-9]{4})?\Z")] = ""
    application: Annotated[int, Meta(ge=1, le=999_999_999_999)] | None = None
    arn: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{0,23}\Z")] = ""


_NUMBERS: Final = frozenset({"amount", "paid_amount", "application"})


def is_outcome(head: str, form: Format) -> bool:
    """Whether the first record, or the column names, of a file's beginning are of this kind."""
    first = next((line for line in head.removeprefix("\ufeff").splitlines() if line.strip()), "")
    try:
        if form is Format.CSV:
            return MARK in named(first)[0]
        record = from_json(first)
    except BadLine:
        return False
    return isinstance(record, dict) and MARK in record


def parse(text: str, form: Format, source: str, home: Home) -> OutcomeFile:
    """Every line; those that are wrong become problems with their number."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    problems: list[Problem] = []
    others = 0
    data = text.encode("utf-8", "surrogateescape")
    lines = [line.decode("utf-8", "surrogateescape") for line in data.splitlines()]
    numbered = _csv_records(lines) if form is Format.CSV else json_records(lines)
    for number, produce in numbered:
        try:
            record = _record(produce())
            _check(record, home)
            if record.terminal_id != home.terminal_id:
                others += 1
                continue
            _add(found, _outcome(number, record))
        except BadLine as error:
            problems.append(Problem.of(number, error))
        except _Wrong as error:
            problems.append(Problem(number, str(error)))
        if len(problems) >= MAX_PROBLEMS:
            problems.append(Problem(0, f"stopped after {MAX_PROBLEMS} bad lines"))
            break
    sha256 = hashlib.sha256(data).hexdigest()
    first = tuple(postings[0] for postings in found.values())
    again = tuple(one for postings in found.values() for one in postings[1:])
    return OutcomeFile(source, sha256, first, others, tuple(problems), again)


def _record(raw: object) -> OutcomeRecord:
    try:
        return msgspec.convert(raw, OutcomeRecord)
    except msgspec.ValidationError as error:
        raise explained(error) from None


def _add(found: dict[tuple[str, str], list[Outcome]], outcome: Outcome) -> None:
    """The same record twice is one. _Wrong where it can't be true beside an earlier one."""
    postings = found.setdefault((outcome.batch, outcome.stan), [])
    if any(one.content == outcome.content for one in postings):
        return
    for one in postings:
        if not _another_posting(one, outcome):
            raise _Wrong(f"contradicts line {one.line}")
    postings.append(outcome)


def _another_posting(one: Outcome, other: Outcome) -> bool:
    """Both were paid, and the acquirer finds them under different numbers."""
    same_request = (one.kind, one.amount) == (other.kind, other.amount)
    if one.told is not other.told and {one.told, other.told} & AFTERWARDS:
        return same_request
    same = one.same_posting(other.rrn, other.reference)
    return same_request and not same and min(one.done, other.done) > 0


def _csv_records(lines: Sequence[str]) -> Iterator[tuple[int, Callable[[], object]]]:
    columns = frozenset(OutcomeRecord.__struct_fields__)
    for number, cells in csv_rows(lines, columns):
        yield number, lambda cells=cells: _typed(cells())  # type: ignore[misc]


def _typed(cells: dict[str, str]) -> dict[str, object]:
    """Empty cells are fields that are not there."""
    check(cells)
    return {name: _value(name, text) for name, text in cells.items() if text}


def _value(name: str, text: str) -> str | int:
    return whole_number(name, text) if name in _NUMBERS else text


def _check(record: OutcomeRecord, home: Home) -> None:
    if record.merchant_id != home.merchant_id:
        raise _Wrong("settled under another merchant_id")
    _check_number(record)
    if not signs(record.reference):
        raise _Wrong("reference has neither a letter nor a digit")
    if record.kind == "manual" and not names_one(record.reference):
        raise _Wrong(f"reference of a form: at least {LEAST} letters or digits")
    # the acquirer's own numbers may look like a card's by chance, as a till's do
    if record.masked[:6].isdigit() and repeats(record.reference, record.masked):
        raise _Wrong(NO_CARD)
    # of a form people write it, with the payee's account before them: as strict as the keypad
    if record.kind == "manual" and holds_card_number(record.reference):
        raise _Wrong(NO_CARD)
    for name in ("happened_on", "original_on"):
        _check_day(name, getattr(record, name))
    if record.kind == "void" and record.outcome in AFTERWARDS:
        raise _Wrong(f"a void is never {record.outcome}: nothing was credited")
    part = record.paid_amount
    if part is None:
        return
    if record.outcome == "not_paid":
        raise _Wrong("paid_amount of what was not paid")
    if part > record.amount:
        raise _Wrong("paid_amount is more than amount")
    if record.kind == "void" and part != record.amount:
        raise _Wrong("a void is paid in full or not at all")


def _check_number(record: OutcomeRecord) -> None:
    """By which the request is known."""
    for name in ("batch", "trace"):
        given = bool(getattr(record, name))
        if record.kind == "manual" and given:
            raise _Wrong(f"{name} of a form: it has an application")
        if record.kind != "manual" and not given:
            raise _Wrong(f"{name} is missing")
    if record.kind == "manual" and record.application is None:
        raise _Wrong("application is missing")


def _check_day(name: str, text: str) -> None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"{name} is no date of the calendar") from None


def _outcome(line: int, record: OutcomeRecord) -> Outcome:
    batch, stan = record.batch.zfill(6), record.trace.zfill(6)
    if record.kind == "manual":  # the same place for what it is known by
        batch, stan = "", str(record.application)
    paid = record.amount if record.paid_amount is None else record.paid_amount
    told = Told(record.outcome)
    done = 0 if told is Told.NOT_PAID else paid
    content = digest(
        (
            *(batch, stan, record.kind, record.amount, done),
            *(record.rrn, record.auth_code, record.happened_on, record.reference),
            *(record.original_rrn, record.original_on, record.masked, record.application),
            # what files could not say before counts where they say it: content stays what it was
            *((told, record.arn) if told in AFTERWARDS or record.arn else ()),
        )
    )
    return Outcome(
        line=line,
        batch=batch,
        stan=stan,
        kind=Kind(record.kind),
        amount=record.amount,
        done=done,
        rrn=record.rrn,
        auth_code=record.auth_code,
        happened_on=record.happened_on,
        reference=normal(record.reference),
        content=content,
        original_rrn=record.original_rrn,
        original_on=record.original_on,
        masked=record.masked,
        application=record.application,
        told=told,
        arn=record.arn,
    )
