"""A till names an exchange credit by a number that is mistyped: whoever gives the rest back of the
one that it may have meant asks a supervisor (R37)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.by_file import close_cases
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, one_line, sell
from worlds.credit_counter import CUP, IN_CASH, legs, sound

from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.pan import luhn_digit
from pos_terminal.texts import Language

BY_RULE = {"supervisor": "by-rule"}
ASKS = {
    Language.EN: "Perhaps told as paid, not taken 9.00 (case 1)",
    Language.ZH_CN: "可能已报付款(券号不明),未收 9.00",
}
NAME = {Language.EN: "Exchange credit, number unclear", Language.ZH_CN: "付款换货券号码不明"}
MAY_BE = {Language.EN: "Ours that it may be 1", Language.ZH_CN: "可能是本机换货券 1"}


async def credit_by_rule(clerk: SimClerk) -> ExchangeCredit:
    """Nobody is asked."""
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter", "result: enter")
    await clerk.home()
    (credit,) = clerk.site.ledger.exchange_credits.open_ones()
    return credit


async def buy_by(clerk: SimClerk, number: str) -> None:
    told = {"kind": "exchange", "amount": 900, "exchange_no": number}
    await sell(clerk, "BOUGHT", told, lines=[CUP], **CASH)


def mistyped(credit: ExchangeCredit) -> str:
    return f"{credit.number[:-1]}{(int(credit.number[-1]) + 1) % 10}"


@pytest.mark.parametrize("language", Language)
def test_the_rest_asks_a_supervisor_as_long_as_the_case_is_open(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    @at_the_counter(Setting(language=language, policy=BY_RULE))
    async def story(clerk: SimClerk) -> None:
        credit = await credit_by_rule(clerk)
        await buy_by(clerk, mistyped(credit))
        await clerk.at("home: menu", "menu: 4 1", "case.list")
        assert NAME[language] in clerk.text
        await clerk.at("case.list: 1", "case.facts")
        assert NAME[language] in clerk.text
        assert MAY_BE[language] in one_line(clerk)
        await clerk.home()
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1", "supervisor.number")
        assert ASKS[language] in one_line(clerk)
        await clerk.approve()
        await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert legs(clerk, credit) == [(900, 0, 0)]
        rest = clerk.site.ledger.refunds.of_sale(credit.sale_key)[-1]
        assert ASKS[language] in " ".join(
            explained(clerk, rest.application, language, capsys).split()
        )
        sound(clerk)

    story()


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_once_people_closed_the_case_nobody_is_asked(clerk: SimClerk) -> None:
    credit = await credit_by_rule(clerk)
    await buy_by(clerk, mistyped(credit))
    assert await close_cases(clerk.site) == 1
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "exchange.rest_back: enter")
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_a_sale_that_comes_while_the_rest_is_to_do_asks_before_it_goes(
    clerk: SimClerk,
) -> None:
    credit = await credit_by_rule(clerk)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "exchange.rest_back: enter", "refund.confirm: cancel")
    await clerk.at("ticket.left: enter")
    await clerk.home()
    await buy_by(clerk, mistyped(credit))
    await clerk.at("home: menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.wait("supervisor.number")
    assert ASKS[Language.EN] in one_line(clerk)
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


@at_the_counter(Setting(language=Language.EN, policy=BY_RULE))
async def test_a_credit_of_another_terminal_asks_nobody(clerk: SimClerk) -> None:
    credit = await credit_by_rule(clerk)
    terminal = (int(credit.number[3:5]) + 50) % 97
    digits = f"{credit.number[:3]}{terminal:02d}{credit.number[5:12]}"
    await buy_by(clerk, digits + luhn_digit(digits))
    assert list(clerk.site.ledger.cases.open_ones()) == []
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "exchange.rest_back")
    await clerk.home()
    sound(clerk)
