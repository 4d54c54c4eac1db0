"""What the demo shows of the screens that came up: each page, but not each digit."""

from __future__ import annotations

from hw_sim.bench.clerk import Screen
from hw_sim.bench.demo import told


def page(prompt: str, *rows: str) -> Screen:
    return {"prompt": prompt, "rows": list(rows), "columns": 40}


HOME = page("home", "Refunds", "")


def typed(*digits: str) -> list[Screen]:
    return [page("refund.amount", "Amount", one) for one in digits]


def test_pages_that_nobody_waited_for_are_shown() -> None:
    pages = [page("card.reading", "Reading"), page("host.wait", "Wait"), HOME]
    assert told(HOME, pages) == pages


def test_of_a_line_that_is_typed_its_beginning_seen_and_its_end_are_shown() -> None:
    empty, *rest = typed("", "0.01", "0.12", "1.23")
    following = page("refund.reason", "Reason", "1")
    assert told(HOME, [empty]) == [empty]
    assert told(empty, [*rest, following]) == [rest[-1], following]


def test_another_page_of_the_same_prompt_is_shown() -> None:
    first, second = page("result", "Approved", "Printing"), page("result", "Declined", "51")
    assert told(HOME, [first, second]) == [first, second]


def test_nothing_new_shows_nothing() -> None:
    assert told(HOME, []) == []


def test_the_same_screen_drawn_anew_is_not_shown_again() -> None:
    assert told(HOME, [HOME, page("home", "Refunds", ""), page("sale", "Sale", "")]) == [
        page("sale", "Sale", "")
    ]
