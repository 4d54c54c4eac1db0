"""What counts as a probe of the line, by the acquirer's log."""

from __future__ import annotations

from typing import Any

from hw_sim.acquirer.probes import during_money, probes, too_close


def entry(second: float, link: int, direction: str, **facts: Any) -> dict[str, Any]:
    at = f"2026-11-20T10:00:{second:06.3f}+08:00"
    return {"at": at, "connection": link, "direction": direction, **facts}


LOG = [
    entry(0, 1, "event", note="connected"),
    entry(0, 1, "in", function="sign_on"),
    entry(5, 2, "event", note="connected"),
    entry(20, 3, "event", note="connected"),
    entry(20.1, 2, "event", note="closed"),
    entry(28, 3, "in", function="refund"),
    entry(29, 4, "event", note="connected"),
    entry(29.5, 4, "in", function="echo"),
    entry(31, 3, "out", function="refund"),
    entry(40, 1, "in", function="echo"),
]


def test_a_connection_on_which_nothing_is_asked_at_once_is_one_and_so_is_an_echo() -> None:
    found = [(one.at.second, one.kind) for one in probes(LOG)]
    assert found == [(5, "connect"), (20, "connect"), (29, "echo"), (40, "echo")]


def test_one_that_comes_while_money_is_under_way_is_told() -> None:
    assert [one.connection for one in during_money(LOG)] == [4]


def test_two_that_follow_too_soon_are_told() -> None:
    pairs = too_close(probes(LOG), 15)
    assert [(a.at.second, b.at.second) for a, b in pairs] == [(20, 29), (29, 40)]
