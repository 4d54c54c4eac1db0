"""What the acquirer's file says became of a refund, in every order of its lines (R50).

The right answers are those of the table in ``docs/acquirer-file.md``.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import tell
from worlds.other_tenders import SALE
from worlds.returned import SHOP, refund, told
from worlds.told_outcomes import take_in

from pos_terminal.core.effect import Effect
from pos_terminal.core.refund import State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

Line = tuple[str, dict[str, Any]]
BACK: Final[Line] = ("returned", {"happened_on": "2026-11-22"})
BACK_AGAIN: Final[Line] = ("returned", {"happened_on": "2026-11-23", "reference": "another"})
BACK_IN_PART: Final[Line] = ("returned", {"happened_on": "2026-11-22", "paid_amount": 200})
BACK_SOME_DAY: Final[Line] = ("returned", {"happened_on": ""})
BEFORE: Final[Line] = ("credited", {"happened_on": "2026-11-21"})
SAME_DAY: Final[Line] = ("credited", {"happened_on": "2026-11-22"})
SINCE: Final[Line] = ("credited", {"happened_on": "2026-11-23"})
SINCE_AGAIN: Final[Line] = ("credited", {"happened_on": "2026-11-23", "reference": "another"})
SOME_DAY: Final[Line] = ("credited", {"happened_on": ""})
PAID: Final[Line] = ("paid", {})
NOT_PAID: Final[Line] = ("not_paid", {})

ONE_AFTER_THE_OTHER: Final[dict[str, tuple[list[Line], list[str], int, bool]]] = {
    # lines, what each came to, what of 5.00 is free again, whether the sale is locked
    "on the account": ([BEFORE], ["credited"], 0, False),
    "it came back": ([BACK], ["returned"], 500, False),
    "on the account, then back": ([BEFORE, BACK], ["credited", "returned"], 500, False),
    "the same told late": ([BACK, BEFORE], ["returned", "credited"], 500, False),
    "on the account after all": ([BACK, SINCE], ["returned", "overpaid"], 500, True),
    "on one day": ([BACK, SAME_DAY], ["returned", "overpaid"], 500, True),
    "nobody says when it was credited": ([BACK, SOME_DAY], ["returned", "overpaid"], 500, True),
    "nobody says when it came back": ([BACK_SOME_DAY, SINCE], ["returned", "overpaid"], 500, True),
    "nobody says when": ([BACK_SOME_DAY, SOME_DAY], ["returned", "overpaid"], 500, True),
    "back twice": ([BACK, BACK_AGAIN], ["returned", "contradicts"], 500, False),
    "back, told again": ([BACK, BACK], ["returned", "known"], 500, False),
    "back in part": ([BACK_IN_PART], ["returned"], 200, False),
    "back in part, then after all": ([BACK_IN_PART, SINCE], ["returned", "overpaid"], 200, True),
    "after all, told again": ([BACK, SINCE, SINCE], ["returned", "overpaid", "known"], 500, True),
    "after all, twice": (
        [BACK, SINCE, SINCE_AGAIN],
        ["returned", "overpaid", "contradicts"],
        500,
        True,
    ),
    "on the account twice": ([BEFORE, SINCE_AGAIN], ["credited", "paid_twice"], 0, True),
    "on the account twice, one back": (
        [BEFORE, SINCE_AGAIN, BACK],
        ["credited", "paid_twice", "returned"],
        500,
        True,
    ),
    "late, then after all": (
        [BACK, BEFORE, SINCE_AGAIN],
        ["returned", "credited", "overpaid"],
        500,
        True,
    ),
    "paid, told when it is back": ([BACK, PAID], ["returned", "agrees"], 500, False),
    "paid, credited, back": ([PAID, BEFORE, BACK], ["agrees", "credited", "returned"], 500, False),
    "not paid, told when it is back": ([BACK, NOT_PAID], ["returned", "contradicts"], 500, False),
    "back once it was called not paid": (
        [NOT_PAID, BACK],
        ["contradicts", "returned"],
        500,
        False,
    ),
}
IN_ONE_FILE: Final[dict[str, tuple[list[Line], set[str], int, bool]]] = {
    "on the account, then back": ([BEFORE, BACK], {"credited", "returned"}, 500, False),
    "the other way round": ([BACK, BEFORE], {"credited", "returned"}, 500, False),
    "back, then after all": ([BACK, SINCE], {"returned", "overpaid"}, 500, True),
    "that the other way round": ([SINCE, BACK], {"returned", "overpaid"}, 500, True),
    "with its payment": ([BACK, PAID, BEFORE], {"agrees", "credited", "returned"}, 500, False),
    "back twice": ([BACK, BACK_AGAIN], {"returned", "contradicts"}, 500, False),
}


def came_to(report: dict[str, Any]) -> list[str]:
    return sorted(one.value for one in Effect for _ in range(report[one.value]))


def free(clerk: SimClerk) -> int:
    """Of the sale, minor units."""
    return clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).remaining


async def as_expected(clerk: SimClerk, was: int, back: int, *, locked: bool) -> None:
    ledger = clerk.site.ledger
    assert free(clerk) == was + back
    assert clerk.site.sale(clerk.site.shop.sale(SALE).sale_id).locked is locked
    (one,) = ledger.refunds.recent(1)
    assert one.state is (State.RETURNED if back else State.ACCEPTED)
    cases = overview(ledger.db)["cases"]
    ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    assert len([case for case in cases if case["kind"] == "returned"]) == (1 if back else 0)
    over = [case["over"] for case in cases if case["over"]]
    assert len(over) == (1 if locked else 0)
    verify_store(ledger)


@pytest.mark.parametrize("name", ONE_AFTER_THE_OTHER)
def test_file_after_file(name: str) -> None:
    lines, expected, back, locked = ONE_AFTER_THE_OTHER[name]

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await refund(clerk)
        was = free(clerk)
        records = [told(clerk, outcome, **facts) for outcome, facts in lines]
        found = []
        for n, record in enumerate(records):
            found += came_to(await take_in(clerk, record, f"{n}.jsonl"))
        assert found == expected
        await as_expected(clerk, was, back, locked=locked)
        for n, record in enumerate(records):  # the whole pile once more
            again = came_to(await take_in(clerk, record, f"again-{n}.jsonl"))
            assert again == ["known"]
        await as_expected(clerk, was, back, locked=locked)

    tell(story, SHOP)


@pytest.mark.parametrize("name", IN_ONE_FILE)
def test_in_one_file(name: str) -> None:
    lines, expected, back, locked = IN_ONE_FILE[name]

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await refund(clerk)
        was = free(clerk)
        text = "\n".join(told(clerk, outcome, **facts) for outcome, facts in lines)
        assert came_to(await take_in(clerk, text)) == sorted(expected)
        await as_expected(clerk, was, back, locked=locked)
        assert came_to(await take_in(clerk, text, "again.jsonl")) == ["known"] * len(lines)
        await as_expected(clerk, was, back, locked=locked)

    tell(story, SHOP)


def test_another_amount_under_the_reference_of_what_came_back_is_refused() -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await refund(clerk)
        was = free(clerk)
        await take_in(clerk, told(clerk, "returned", happened_on="2026-11-22"), "1.jsonl")
        report = await take_in(
            clerk, told(clerk, "returned", happened_on="2026-11-22", paid_amount=100), "2.jsonl"
        )
        assert not report["imported"]
        assert "known with another amount, from 1.jsonl:1" in json.dumps(report["problems"])
        await as_expected(clerk, was, 500, locked=False)

    tell(story, SHOP)


def test_of_cash_nothing_comes_back() -> None:
    """It has no number of the acquirer's, and is no form."""

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await refund(clerk)
        line = json.loads(told(clerk, "returned"))
        await clerk.ask_for(clerk.site.shop.sale("cash-today"))
        await clerk.approve()
        await clerk.pay_out()
        await clerk.home()
        (cash,) = clerk.site.ledger.refunds.recent(1)
        form = {"kind": "manual", "application": cash.application, "amount": cash.amount}
        form |= {"batch": "", "trace": "", "rrn": "", "reference": "M-20261121-3"}
        report = await take_in(clerk, json.dumps(line | form))
        assert report["returned"] == 0
        (still,) = clerk.site.ledger.refunds.recent(1)
        assert still == cash
        assert clerk.site.sale(clerk.site.shop.sale("cash-today").sale_id).remaining == 0
        verify_store(clerk.site.ledger)

    tell(story, SHOP)
