"""The emulated acquirer's file: what it really posted, in the form that the terminal reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hw_sim.acquirer.outcome_file import outcome_file, since_when

from pos_terminal.core.home import Home
from pos_terminal.wire.feed.lines import Format
from pos_terminal.wire.feed.outcomes import parse
from pos_terminal.zones import zone_of

SHANGHAI = zone_of("Asia/Shanghai")
HOME = Home("898310053310001", "10020001", UTC)
EVENING, MORNING = "2026-11-20T22:00:00+08:00", "2026-11-21T09:00:00+08:00"


def entry(number: int, paid: int, at: str = EVENING, **changes: Any) -> dict[str, Any]:
    found = {
        "id": number,
        "kind": "refund",
        "terminal_id": HOME.terminal_id,
        "merchant_id": HOME.merchant_id,
        "batch": "000042",
        "stan": f"{number:06d}",
        "rrn": f"632510{number:06d}",
        "amount": 500,
        "paid": paid,
        "at": at,
    }
    return found | changes


def records(*rows: dict[str, Any], since: str = "") -> list[dict[str, Any]]:
    text = outcome_file(rows, since_when(since, SHANGHAI), as_csv=False)
    return [json.loads(line) for line in text.splitlines()]


ROWS = (
    entry(1, 500),
    entry(2, 300),
    entry(3, 0, kind="void"),
    entry(4, 0, kind="reversal", stan="000003"),
    entry(5, 500, MORNING),
)


@pytest.mark.parametrize("form", Format)
def test_the_terminal_reads_what_was_posted_and_what_was_refused(form: Format) -> None:
    text = outcome_file(ROWS, None, as_csv=form is Format.CSV)
    file = parse(text, form, "file", HOME)
    assert file.problems == ()
    found = [(one.stan, one.kind.value, one.done, one.happened_on) for one in file.outcomes]
    assert found == [
        ("000001", "refund", 500, "2026-11-20"),
        ("000002", "refund", 300, "2026-11-20"),
        ("000003", "void", 0, "2026-11-20"),
        ("000005", "refund", 500, "2026-11-21"),
    ]


@pytest.mark.parametrize("since", ["2026-11-21T00:00:00+08:00", MORNING])
def test_since_a_moment(since: str) -> None:
    assert [one["trace"] for one in records(*ROWS, since=since)] == ["000005"]


def test_a_day_begins_at_its_midnight_here() -> None:
    assert since_when("2026-11-21", SHANGHAI) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        since_when("yesterday", SHANGHAI)


def test_what_was_refused_first_and_paid_then_was_paid() -> None:
    twice = (entry(1, 0), entry(2, 500, stan="000001"))
    assert [(one["trace"], one["outcome"]) for one in records(*twice)] == [("000001", "paid")]


def test_a_host_that_paid_twice_shows_both_and_the_terminal_names_them() -> None:
    twice = (entry(1, 500), entry(2, 500, stan="000001"))
    text = outcome_file(twice, None, as_csv=False)
    file = parse(text, Format.JSONL, "file", HOME)
    assert file.problems == ()
    assert [(one.line, one.stan) for one in file.again] == [(2, "000001")]
