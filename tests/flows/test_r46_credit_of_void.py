"""A till took an exchange credit, and voided the sale since: what it took goes back where it came
from by one key of that case, once, and two people agree (R37, R46)."""

from __future__ import annotations

import json

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, report
from worlds.credit_counter import (
    BY_WALLET,
    IN_CASH,
    buy,
    credit_for_a_cup,
    credit_of_line,
    legs,
    of_first,
    sound,
    taken,
)

from pos_terminal.core.case import CaseKind
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Kind, State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

SAYS = {
    Language.ZH_CN: ("收银已撤销下列交易", "按首笔交易"),
    Language.EN: ("The till voided this sale", "as the first sale was paid"),
}


async def voided(clerk: SimClerk, name: str = "POT") -> None:
    told = {"kind": "sale_voided", "sale_id": name, "at": "2026-11-20T12:00:00+08:00"}
    await report(clerk, json.dumps(told))
    await clerk.home()


async def taken_and_voided(clerk: SimClerk) -> ExchangeCredit:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    await voided(clerk)
    return credit


async def two_agree(clerk: SimClerk) -> None:
    await clerk.approve(0)
    await clerk.approve(1)


async def see_case(clerk: SimClerk) -> None:
    await clerk.at(": menu", "menu: 4 1", "case.list: 1", "case.facts")


def back_of(clerk: SimClerk, name: str = "POT") -> list[tuple[Kind, State, int]]:
    sale = clerk.site.ledger.sales.by_id(name)
    assert sale is not None
    return [(one.kind, one.state, one.done) for one in clerk.site.ledger.refunds.of_sale(sale.key)]


@pytest.mark.parametrize("language", Language)
def test_it_goes_back_once_as_the_first_sale_was_paid(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        credit = await taken_and_voided(clerk)
        await see_case(clerk)
        of_void, where = SAYS[language]
        await clerk.at(": 2", "exchange.back")
        assert where in clerk.text
        assert "9.00" in clerk.text
        await clerk.at(": enter", "supervisor.number")
        assert of_void in clerk.text
        await two_agree(clerk)
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert back_of(clerk) == [(Kind.EXCHANGE_BACK, State.REOPENED, 900)]
        assert of_first(clerk, credit) == [(Kind.CASH, State.HANDED_OVER, 900)]
        assert legs(clerk, credit) == [(900, 0, 0)]
        assert clerk.site.ledger.cases.open_ones() == []
        sound(clerk)
        (case,) = overview(clerk.site.ledger.db)["cases"]
        assert (case["kind"], case["state"]) == (CaseKind.EXCHANGE_NOT_TOLD, "closed")
        ((kind, text),) = [(one["kind"], one["text"]) for one in case["steps"]]
        assert (kind, text.split()[0]) == ("refund", "¥9.00")

    story()


@at_the_counter()
async def test_a_card_gets_it_back_and_one_supervisor_is_not_enough(clerk: SimClerk) -> None:
    credit = await credit_of_line(clerk, "visa-older")
    await taken(clerk, credit, credit.amount)
    await buy(clerk, credit, credit.amount)
    await voided(clerk)
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await clerk.approve(0)
    await clerk.at("supervisor.number: cancel")
    await clerk.home()
    assert back_of(clerk) == of_first(clerk, credit) == []
    assert "left to do" not in clerk.text
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await two_agree(clerk)
    await clerk.show_card("visa")
    await clerk.at("result: enter")
    await clerk.home()
    assert of_first(clerk, credit) == [(Kind.REFUND, State.ACCEPTED, credit.amount)]
    sound(clerk)


@at_the_counter()
async def test_of_a_sale_that_two_payments_paid_each_gets_its_part(clerk: SimClerk) -> None:
    half = {"kind": "cash", "amount": 500}
    credit = await credit_for_a_cup(clerk, BY_WALLET | {"amount": 400}, half)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900, {"kind": "cash", "amount": 100})
    await voided(clerk)
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await two_agree(clerk)
    await clerk.pay_out()  # the wallet's form
    await clerk.at("result: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert back_of(clerk) == [(Kind.EXCHANGE_BACK, State.REOPENED, 900)], "not what cash paid"
    assert of_first(clerk, credit) == [
        (Kind.MANUAL, State.FORM_PRINTED, 0),
        (Kind.CASH, State.HANDED_OVER, 500),
    ]
    sound(clerk)


@at_the_counter()
async def test_killed_after_the_commit_it_is_to_do_and_not_asked_twice(clerk: SimClerk) -> None:
    credit = await taken_and_voided(clerk)
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await two_agree(clerk)
    await clerk.at("refund.confirm")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.home()
    assert legs(clerk, credit) == [(0, 0, 900)]
    assert clerk.site.ledger.cases.open_ones() == []
    await clerk.wait_text("1 left to do")
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


@at_the_counter()
async def test_what_another_sale_says_by_now_stays_there(clerk: SimClerk) -> None:
    """Goods of 5.00 went out for it meanwhile: 4.00 are missing."""
    credit = await taken_and_voided(clerk)
    await buy(clerk, credit, 500, name="MUG")
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back")
    assert "4.00" in clerk.text
    await clerk.at(": enter")
    await two_agree(clerk)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert [done for _, _, done in back_of(clerk)] == [400]
    assert clerk.site.ledger.cases.open_ones() == []
    sound(clerk)


@at_the_counter()
async def test_what_the_case_ended_for_meanwhile_gives_nothing(clerk: SimClerk) -> None:
    """While two supervisors look another sale says what all of it was for."""
    credit = await taken_and_voided(clerk)
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await clerk.approve(0)
    await buy(clerk, credit, 900, name="MUG")
    await clerk.approve(1)
    await clerk.at("failure")
    await clerk.home()
    assert back_of(clerk) == of_first(clerk, credit) == []
    assert "left to do" not in clerk.text
    sound(clerk)


@at_the_counter()
async def test_goods_for_what_went_back_already_are_a_case_of_that_sale(clerk: SimClerk) -> None:
    credit = await taken_and_voided(clerk)
    await see_case(clerk)
    await clerk.at(": 2", "exchange.back: enter")
    await two_agree(clerk)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    await buy(clerk, credit, 900, name="MUG")
    (case,) = clerk.site.ledger.cases.open_ones()
    assert case.kind is CaseKind.EXCHANGE_NOT_REDEEMED
    clerk.scan("MUG")
    await clerk.at("sale: enter", "failure")
    await clerk.home()
    sound(clerk)


@at_the_counter()
async def test_of_one_that_stands_and_says_less_there_is_nothing_to_give(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 900)
    await buy(clerk, credit, 900)
    lowered = {"kind": "adjusted", "sale_id": "POT", "leg": 1, "amount": 700, "reference": "A-1"}
    await report(clerk, json.dumps(lowered | {"at": "2026-11-20T12:00:00+08:00"}))
    await clerk.home()
    await see_case(clerk)
    await clerk.at(": 2", "case.remedy: enter", "case.facts")
    await clerk.home()
    assert back_of(clerk) == []
    verify_store(clerk.site.ledger)
