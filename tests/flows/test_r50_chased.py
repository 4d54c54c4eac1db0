"""Accepted refunds that the acquirer's file does not confirm in time are chased (R50)."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import (
    a_refund,
    at_the_counter,
    in_each_language,
    logged_in,
    one_line,
    tell,
)
from worlds.told_outcomes import file_of, take_in

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import Kind
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

A_DAY = 86_400
REMINDED = "Refunds not confirmed: 1"


async def another(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("mastercard-older"), 100, card="mastercard")
    await clerk.home()


async def days_later(clerk: SimClerk, days: float) -> str:
    """What the home screen says then."""
    await asyncio.sleep(days * A_DAY)
    if clerk.prompt != "home":
        await clerk.at(f"lock.pin: {clerk.me.pin} enter", "home")
    return " ".join(clerk.text.split())


@logged_in()
async def test_it_is_on_the_list_after_three_working_days_until_it_is_chased(
    clerk: SimClerk,
) -> None:
    await a_refund(clerk)
    confirmed = file_of(clerk)
    await another(clerk)
    await take_in(clerk, confirmed)
    # made on a Friday: Monday to Wednesday are three working days
    assert f"{clerk.site.time.now():%A}" == "Friday"
    assert REMINDED not in await days_later(clerk, 5)
    assert f"{REMINDED} (MENU 3 8)" in await days_later(clerk, 1)
    await clerk.at(": menu", "menu: 3 8", "unconfirmed.list: 1", "unconfirmed.refund: enter")
    await clerk.at("case.step: 1", "case.text: 4 7 1 1 enter", "evidence.kind: menu")
    await clerk.at("case.next: 3 enter", "case.noted: enter", "home")
    assert REMINDED not in clerk.text
    (case,) = overview(clerk.site.ledger.db)["cases"]
    assert (case["kind"], case["refund_id"], case["state"]) == ("time", 2, "open")
    assert [(one["kind"], one["text"]) for one in case["steps"]] == [("call", "4711")]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_where_no_file_ever_confirmed_one_nothing_is_on_it(clerk: SimClerk) -> None:
    await a_refund(clerk)
    assert "not confirmed" not in await days_later(clerk, 20)


@logged_in()
async def test_a_late_file_takes_it_off(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await take_in(clerk, file_of(clerk))
    await another(clerk)
    assert REMINDED in await days_later(clerk, 10)
    text = file_of(clerk)
    assert len([json.loads(line) for line in text.splitlines()]) == 2
    await take_in(clerk, text, "later.jsonl")
    assert REMINDED not in await days_later(clerk, 1 / 24)


async def chased(clerk: SimClerk) -> None:
    """A call, with the acquirer's number, and what is next in three days."""
    await clerk.at(": menu", "menu: 3 8", "unconfirmed.list: 1", "unconfirmed.refund: enter")
    await clerk.at("case.step: 1", "case.text: 4 7 1 1 enter", "evidence.kind: menu")
    await clerk.at("case.next: 3 enter", "case.noted: enter", "home")


async def closed(clerk: SimClerk) -> None:
    """Its newest case, by two people, as the acquirer's fault."""
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts: enter")
    await clerk.answer("case.reference", "20261123001")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")


@logged_in()
async def test_closed_and_still_not_confirmed_it_is_on_the_list_again(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await take_in(clerk, file_of(clerk))
    await another(clerk)
    assert REMINDED in await days_later(clerk, 6)  # a Thursday
    await chased(clerk)
    assert REMINDED not in await days_later(clerk, 14), "its case reminds"
    await closed(clerk)  # a Thursday again
    assert REMINDED not in await days_later(clerk, 5)
    assert REMINDED in await days_later(clerk, 1)
    await chased(clerk)
    assert REMINDED not in clerk.text
    cases = overview(clerk.site.ledger.db)["cases"]
    clerk.site.ledger.db.execute("COMMIT")  # it looks at one state of the ledger
    assert [(one["number"], one["kind"], one["state"]) for one in cases] == [
        (1, "time", "closed"),
        (2, "time", "open"),
    ]
    await closed(clerk)
    await take_in(clerk, file_of(clerk), "later.jsonl")
    assert REMINDED not in await days_later(clerk, 14)
    verify_store(clerk.site.ledger)


@logged_in()
async def test_only_a_case_that_it_comes_late_takes_it_off(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await take_in(clerk, file_of(clerk))
    await another(clerk)
    await days_later(clerk, 6)
    await clerk.at(": menu", "menu: 3 8", "unconfirmed.list: 1", "unconfirmed.refund: cancel")
    await clerk.home()
    assert REMINDED in " ".join(clerk.text.split()), "nobody asked"
    (newest,) = clerk.site.ledger.refunds.recent(1)
    await clerk.site.ledger.cases.open(newest.refund_id, CaseKind.AMOUNT_LITTLE, "101")
    assert REMINDED in await days_later(clerk, 1 / 24)
    await clerk.site.ledger.cases.open(newest.refund_id, CaseKind.TIME, "101")
    assert REMINDED not in await days_later(clerk, 1 / 24)


@logged_in()
async def test_of_cash_no_file_tells_and_of_a_void_it_does(clerk: SimClerk) -> None:
    await a_refund(clerk)
    await take_in(clerk, file_of(clerk))
    await clerk.ask_for(clerk.site.shop.sale("cash-today"))
    await clerk.approve()
    await clerk.pay_out()
    await clerk.home()
    sale = clerk.site.shop.sale("visa-today")
    await clerk.give_back(sale, sale.amount)
    await clerk.home()
    (newest,) = clerk.site.ledger.refunds.recent(1)
    assert newest.kind is Kind.VOID
    assert REMINDED in await days_later(clerk, 10), "the void alone"


async def second_one_late(clerk: SimClerk) -> None:
    """On a Friday; the file has the first alone."""
    await clerk.log_in()
    await a_refund(clerk)
    confirmed = file_of(clerk)
    await another(clerk)
    await take_in(clerk, confirmed)


@pytest.mark.parametrize(
    ("shop", "days"),
    [
        ({"cases": {"confirm_days": 1}}, 4),  # Tuesday: Monday has gone by
        ({"cases": {"confirm_days": 5}}, 8),  # a week has gone by
        ({"calendar": {"holidays": ["2026-11-24"]}}, 7),  # nobody works on the Tuesday
        ({"calendar": {"workdays": ["2026-11-21"]}}, 5),  # the Saturday is worked
    ],
)
def test_the_shop_says_how_many_days_and_which_are_worked(shop: dict[str, Any], days: int) -> None:
    """Of three working days after that Friday the last is the Wednesday, without it."""

    async def story(clerk: SimClerk) -> None:
        await second_one_late(clerk)
        assert f"{clerk.site.time.now():%Y-%m-%d %A}" == "2026-11-20 Friday"
        assert REMINDED not in await days_later(clerk, days - 1)
        assert REMINDED in await days_later(clerk, 1)

    tell(story, Setting(language=Language.EN, **shop))


@at_the_counter(Setting(language=Language.EN, cases={"confirm_days": 0}))
async def test_where_nobody_is_to_follow_them_up_nothing_is_on_it(clerk: SimClerk) -> None:
    await second_one_late(clerk)
    assert "not confirmed" not in await days_later(clerk, 20)


WORDS = {
    Language.ZH_CN: ("1 笔退款未确认 菜单 3 8", "迟到或未到", "电话"),
    Language.EN: ("Refunds not confirmed: 1 (MENU 3 8)", "Late, or not there", "Telephone call"),
}


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_what_is_said_of_it(clerk: SimClerk, language: Language) -> None:
    reminded, kind, call = WORDS[language]
    await second_one_late(clerk)
    assert reminded in await days_later(clerk, 6)
    await clerk.at(": menu", "menu: 3 8", "unconfirmed.list")
    assert "1.00" in one_line(clerk)
    assert "11-20" in one_line(clerk)
    await clerk.at("unconfirmed.list: 1", "unconfirmed.refund")
    assert "1.00" in one_line(clerk)
    await clerk.at(": enter", "case.step")
    assert kind in one_line(clerk)
    assert call in one_line(clerk)
    await clerk.at("case.step: 1", "case.text: 4711 enter", "evidence.kind: menu")
    await clerk.at("case.next: 3 enter", "case.noted: enter")
    await clerk.home()
    assert reminded not in one_line(clerk)


@logged_in()
async def test_a_file_that_leaves_the_first_one_out_puts_it_on(clerk: SimClerk) -> None:
    """The one that is missing is as old as the first that its file confirmed, and came before."""
    await a_refund(clerk)
    await another(clerk)
    first, second = file_of(clerk).splitlines()
    assert json.loads(first)["trace"] < json.loads(second)["trace"]
    await take_in(clerk, second + "\n")
    assert REMINDED in await days_later(clerk, 10)
    assert [one.refund_id for one in clerk.site.ledger.refunds.unconfirmed(*ever(clerk))] == [1]


@logged_in()
async def test_a_file_that_tells_of_credits_alone_confirms_too(clerk: SimClerk) -> None:
    await a_refund(clerk)
    credited = json.loads(file_of(clerk)) | {"outcome": "credited", "happened_on": "2026-11-21"}
    await another(clerk)
    await take_in(clerk, json.dumps(credited) + "\n")
    assert REMINDED in await days_later(clerk, 10)


def ever(clerk: SimClerk) -> tuple[date, date]:
    """From the first day on which a file confirmed one, until today."""
    first = clerk.site.ledger.refunds.first_confirmed()
    assert first is not None
    return first, clerk.site.time.now().date()
