"""What is left of an exchange credit goes back as it was paid, and the till takes no more (R37)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_hands import till_tells
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, at_the_counter, explained, in_each_language, one_line, sell
from worlds.credit_counter import (
    BY_WALLET,
    CUP,
    IN_CASH,
    credit_for_a_cup,
    credit_of_line,
    give_rest_back,
    legs,
    now,
    refunds,
    refused,
    sound,
    taken,
)

from pos_terminal.core.exchange_credit import CreditState
from pos_terminal.core.refund import Kind, State
from pos_terminal.ports import JobState, Taking
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language
from pos_terminal.wire.receipt.head import Copy

HOURS = 3_600
DAY = 24 * HOURS


@pytest.mark.parametrize("language", Language)
def test_what_the_till_left_goes_back_in_cash(language: Language) -> None:
    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        chinese = language is Language.ZH_CN
        credit = await credit_for_a_cup(clerk, IN_CASH)
        assert (await taken(clerk, credit, 600))["left"] == 300
        clerk.scan(credit.number)
        await clerk.at("exchange.credit")
        for amount in ("9.00", "6.00", "3.00"):
            assert amount in clerk.text
        assert ("可使用" if chinese else "Can be used") in clerk.text
        assert credit.number not in clerk.text
        await clerk.at("exchange.credit: 1", "supervisor.number")
        assert ("换货券余额" if chinese else "Rest of the credit") in clerk.text
        assert "3.00" in clerk.text
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert now(clerk, credit).state is CreditState.SETTLED
        assert refunds(clerk, credit) == [
            (Kind.EXCHANGE_CREDIT, State.SETTLED, 600),
            (Kind.CASH, State.HANDED_OVER, 300),
        ]
        assert legs(clerk, credit) == [(900, 0, 0)]
        clerk.scan(credit.number)
        await clerk.at("exchange.credit_closed")
        assert ("已结清" if chinese else "Settled") in clerk.text
        gone = "余额已退回" if chinese else "Rest given back"
        assert f"{gone} ¥3.00" in one_line(clerk)
        assert "0.00" not in one_line(clerk).split()
        await clerk.home()
        sound(clerk)

    story()


@at_the_counter()
async def test_what_is_settled_the_till_takes_no_more(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm")
    assert await refused(clerk, credit, 300, "till-1/2") == "voucher.settled"
    again = await taken(clerk, credit, 600)
    assert (again["again"], again["left"]) == (True, 300)
    await clerk.home()
    assert legs(clerk, credit) == [(600, 0, 300)]
    sound(clerk)


@at_the_counter()
async def test_what_was_left_of_it_is_to_do(clerk: SimClerk) -> None:
    """Cancelled before the notes were counted: home says so, and nobody approves it again."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await clerk.home()
    assert "1 left to do" in clerk.text
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left")
    await clerk.at("ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_credit_leads_to_what_of_it_is_to_do(clerk: SimClerk, language: Language) -> None:
    """Whoever has no other slip shows this one: nobody is sent away with their money here."""
    to_do = {Language.ZH_CN: "余额待退 ¥3.00", Language.EN: "To give back ¥3.00"}
    stays = {
        Language.ZH_CN: "余额留在原交易 ¥3.00",
        Language.EN: "The rest stays with its sale ¥3.00",
    }
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 600)
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.wait("exchange.credit")
    assert to_do[language] in one_line(clerk)
    await clerk.at(": 1", "ticket.left: menu", "ticket.withdraw: enter")
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.wait("exchange.credit_closed")
    assert stays[language] in one_line(clerk)
    assert legs(clerk, credit) == [(600, 0, 300)]


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_the_credit_says_that_its_rest_is_on_its_way(
    clerk: SimClerk, language: Language
) -> None:
    on_its_way = {Language.ZH_CN: "余额退款处理中 ¥9.00", Language.EN: "Rest on its way ¥9.00"}
    credit = await credit_for_a_cup(clerk, BY_WALLET)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.wait("exchange.credit_closed")
    assert on_its_way[language] in one_line(clerk)
    settled = {Language.ZH_CN: "已结清", Language.EN: "Settled"}
    assert settled[language] not in clerk.text, "a form is open"


@at_the_counter()
async def test_all_of_it_to_the_wallet_by_a_form(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, BY_WALLET)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert refunds(clerk, credit) == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 0),
        (Kind.MANUAL, State.FORM_PRINTED, 0),
    ]
    sound(clerk)


@at_the_counter()
async def test_the_rest_to_the_card_that_paid(clerk: SimClerk) -> None:
    credit = await credit_of_line(clerk, "visa-older")
    rest = credit.amount - 100
    await taken(clerk, credit, 100)
    await give_rest_back(clerk, credit)
    await clerk.show_card("visa")
    await clerk.at("result: enter")
    await clerk.home()
    assert refunds(clerk, credit) == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 100),
        (Kind.REFUND, State.ACCEPTED, rest),
    ]
    sound(clerk)


@at_the_counter()
async def test_of_what_was_taken_nothing_is_voided(clerk: SimClerk) -> None:
    """Nor afterwards: the sale of today goes back as a refund."""
    credit = await credit_of_line(clerk, "visa-today")
    await taken(clerk, credit, 100)
    await give_rest_back(clerk, credit)
    await clerk.show_card("visa")
    await clerk.at("result: enter")
    await clerk.home()
    kinds = [kind for kind, _, _ in refunds(clerk, credit)]
    assert kinds == [Kind.EXCHANGE_CREDIT, Kind.REFUND]
    await clerk.give_back(clerk.site.shop.sale("visa-today"))
    await clerk.home()
    kinds = [kind for kind, _, _ in refunds(clerk, credit)]
    assert kinds == [Kind.EXCHANGE_CREDIT, Kind.REFUND, Kind.REFUND]
    sound(clerk)


@at_the_counter()
async def test_of_several_payments_each_has_its_rest(clerk: SimClerk) -> None:
    """The till's share falls on the first of them."""
    half = {"kind": "cash", "amount": 500}
    credit = await credit_for_a_cup(clerk, BY_WALLET | {"amount": 400}, half)
    await taken(clerk, credit, 300)
    assert legs(clerk, credit) == [(300, 100, 0), (0, 500, 0)]
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert refunds(clerk, credit) == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 300),
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 0),
        (Kind.MANUAL, State.FORM_PRINTED, 0),
        (Kind.CASH, State.HANDED_OVER, 500),
    ]
    sound(clerk)


@at_the_counter()
async def test_after_its_time_it_is_to_do(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    assert "left to do" not in clerk.text
    await asyncio.sleep(2 * HOURS + 60)
    await clerk.home()
    await clerk.wait_text("1 left to do")
    assert await refused(clerk, credit, 100, "till-1/1") == "voucher.expired"
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo")
    assert "9.00" in clerk.text
    await clerk.at("ticket.todo: 1", "exchange.credit")
    assert "Expired" in clerk.text
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert "left to do" not in clerk.text
    assert refunds(clerk, credit) == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 0),
        (Kind.CASH, State.HANDED_OVER, 900),
    ]
    sound(clerk)


@at_the_counter()
async def test_the_till_that_took_meanwhile_is_not_paid_twice(clerk: SimClerk) -> None:
    """While the supervisor is waited for: what is left is another sum by then."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "supervisor.number")
    await taken(clerk, credit, 600)
    await clerk.approve()
    await clerk.at("failure")
    assert "has just taken of it" in clerk.text
    await clerk.home()
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 300)
    sound(clerk)


@at_the_counter()
async def test_taken_whole_there_is_no_rest(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 400)
    await taken(clerk, credit, 500, "till-1/2")
    clerk.scan(credit.number)
    await clerk.at("exchange.credit_closed: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)
    (told,) = overview(clerk.site.ledger.db)["exchange_credits"]
    assert (told["state"], told["taken"]) == ("settled", 900)


@at_the_counter()
async def test_its_paper_is_never_printed_again(clerk: SimClerk) -> None:
    """The list of slips leads to it instead, and so does the merchant's barcode."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await clerk.at(": menu", "menu: 2", "menu.print: 1", "reprint.refund")
    clerk.scan(credit.number)
    await clerk.at("reprint.slip: 2", "exchange.credit")
    await clerk.home()
    (first,) = clerk.site.ledger.exchange_credits.legs(credit.ticket)
    merchants = clerk.site.ledger.slips.of_refund(first.refund_id)[0].slip
    clerk.scan(merchants.head.barcode)
    await clerk.at("exchange.credit")
    await clerk.home()


@at_the_counter()
async def test_what_is_torn_is_not_printed_anew_but_leads_to_the_rest(clerk: SimClerk) -> None:
    """The power went while both copies came out: the merchant's is whole."""
    await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
    await clerk.at("exchange.as_credit: enter")
    printer = clerk.site.parts.printer
    fast, printer.rate = printer.rate, 50.0  # bytes a second
    await clerk.approve()
    await clerk.site.until(lambda: customers_is_sent(clerk), 600, "the customer's copy")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    printer.rate = fast
    await clerk.wait_for_life()
    await clerk.log_in()
    await clerk.at("print.unsure: 2")
    await clerk.wait_text("Customer copy")
    assert "Not whole: give it back" in clerk.text
    await clerk.at("print.unsure: 1", "exchange.credit: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert clerk.site.ledger.slips.of_refund(1)[1].state is JobState.DROPPED
    (credit,) = [clerk.site.ledger.exchange_credits.of_refund(1)]
    assert credit is not None
    assert legs(clerk, credit) == [(900, 0, 0)]
    sound(clerk)


def customers_is_sent(clerk: SimClerk) -> bool:
    sent = clerk.site.ledger.slips.in_state(JobState.SENDING)
    return any(job.slip.head.copy is Copy.CUSTOMER for job in sent)


DAY_OF_1_000 = {"daily": {"clerk_amount": 1_000, "answer": "deny"}}


@at_the_counter(Setting(language=Language.EN, rules=DAY_OF_1_000))
async def test_what_is_set_aside_counts_once_in_the_days_sum(clerk: SimClerk) -> None:
    """Its rest is the same money."""
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 100)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 800)
    tally = clerk.site.ledger.refunds.counts(credit.made_at.date(), clerk.me.number)
    assert (tally.count, tally.amount) == (2, 900)
    sound(clerk)


@at_the_counter(Setting(language=Language.EN, rules={"cash_limit": {"limit": 500}}))
async def test_a_rest_above_the_cash_limit_is_store_credit(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    await taken(clerk, credit, 100)
    await give_rest_back(clerk, credit)
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1] == (Kind.CREDIT, State.ISSUED, 800)
    sound(clerk)


@at_the_counter()
async def test_a_card_that_was_called_stolen_meanwhile_has_its_form(clerk: SimClerk) -> None:
    """It is left to do, and from there a key leads to the form."""
    credit = await credit_of_line(clerk, "visa-older")
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("promotion-older"), 100)
    await clerk.home()
    await give_rest_back(clerk, credit)
    await clerk.wait("card.present")
    clerk.tap("visa")
    await clerk.wait("ticket.failed")
    clerk.take_away()
    await clerk.at("ticket.failed: menu")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert refunds(clerk, credit)[-1][:2] == (Kind.MANUAL, State.FORM_PRINTED)
    sound(clerk)


@pytest.mark.parametrize("language", Language)
def test_of_a_card_that_was_called_stolen_the_till_takes_nothing(language: Language) -> None:
    """Of whatever payment: until then it takes, afterwards the rest goes back at the counter."""

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        credit = await credit_of_line(clerk, "promotion-older")
        await taken(clerk, credit, 100)
        clerk.site.acquirer.set_mode("code:43", 1)
        await clerk.give_back(clerk.site.shop.sale("promotion-older"), 100)
        await clerk.home()
        assert await refused(clerk, credit, 100, "till-1/2") == "voucher.stopped"
        asked = {"number": credit.number}
        verbs = clerk.site.terminal.verbs
        told = await clerk.site.terminal.ask(lambda: verbs["voucher"](asked))
        assert told is not None
        assert (told["state"], told["left"]) == ("stopped", 0)
        assert (await taken(clerk, credit, 100))["again"] is True
        clerk.scan(credit.number)
        await clerk.wait("exchange.credit")
        said = {Language.ZH_CN: "付款卡曾被报失窃", Language.EN: "Its card was called stolen"}
        assert said[language] in clerk.text
        await clerk.at(": 1", "exchange.rest_back: enter")
        await clerk.at("ticket.left: enter", "ticket.failed: menu")
        await clerk.approve()
        await clerk.pay_out()
        await clerk.at("result: enter")
        await clerk.home()
        assert refunds(clerk, credit)[-1][:2] == (Kind.MANUAL, State.FORM_PRINTED)
        sound(clerk)

    story()


@at_the_counter()
async def test_a_payment_to_which_nothing_goes_any_more_has_its_form_at_once(
    clerk: SimClerk,
) -> None:
    """Nothing else of it can go back: the till takes no more, and the clerk is led there."""
    credit = await credit_of_line(clerk, "promotion-older")
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("promotion-older"), 100)
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "exchange.rest_back: enter")
    await clerk.at("ticket.left: enter", "ticket.failed: menu")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter")
    await clerk.home()
    assert now(clerk, credit).state is CreditState.SETTLED
    assert refunds(clerk, credit)[-1][:2] == (Kind.MANUAL, State.FORM_PRINTED)


@at_the_counter()
async def test_the_rest_of_what_a_voucher_had_paid_goes_back_to_a_new_one(clerk: SimClerk) -> None:
    """What was redeemed of the first is set aside until then, and was counted as given back."""
    await clerk.log_in()
    ledger = clerk.site.ledger
    others = {"kind": "voucher", "amount": 900, "voucher_no": "2900017"}
    await sell(clerk, "BEFORE", others, **CASH)
    clerk.scan("BEFORE")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("result: enter", "home")
    old = ledger.vouchers.of_refund(ledger.refunds.recent(1)[0].refund_id)
    assert old is not None
    await ledger.vouchers.redeem(Taking(old.number, 900, request="till-1/0"))
    by_voucher = others | {"voucher_no": old.number}
    credit = await credit_for_a_cup(clerk, by_voucher, logged_in=True)
    assert (await taken(clerk, credit, 600))["left"] == 300
    await give_rest_back(clerk, credit)
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.home()
    assert legs(clerk, credit) == [(900, 0, 0)]
    assert refunds(clerk, credit) == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED, 600),
        (Kind.CREDIT, State.ISSUED, 300),
    ]
    sound(clerk)


@pytest.mark.parametrize("language", Language)
def test_where_nobody_is_asked_the_clerk_is_once_more(language: Language) -> None:
    """A wrong digit, or a customer who wants other goods after all: the till takes it still."""

    @at_the_counter(Setting(language=language, policy={"supervisor": "by-rule"}))
    async def story(clerk: SimClerk) -> None:
        await sell(clerk, "GOODS", IN_CASH, lines=[CUP], **CASH)
        await clerk.log_in()
        clerk.scan("GOODS")
        await clerk.at("sale: menu", "sale.more: 5", "refund.reason: 4", "goods.scan: menu")
        await clerk.at("exchange.as_credit: enter", "result: enter")
        await clerk.home()
        (credit,) = clerk.site.ledger.exchange_credits.open_ones()
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1", "exchange.rest_back")
        text = " ".join(clerk.text.split())
        assert "9.00" in text
        said = {
            Language.ZH_CN: "收银机不再收此券",
            Language.EN: "The till takes nothing more of it",
        }
        assert said[language] in text
        await clerk.at(": cancel")
        await clerk.home()
        assert now(clerk, credit).state is CreditState.OPEN
        assert clerk.site.ledger.applications.to_do() == []
        assert (await taken(clerk, credit, 400))["left"] == 500
        clerk.scan(credit.number)
        await clerk.at("exchange.credit: 1", "exchange.rest_back: enter", "refund.confirm: enter")
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 500)
        sound(clerk)

    story()


@at_the_counter()
async def test_cancelled_at_the_supervisor_the_till_goes_on_taking_it(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1", "supervisor.number: cancel")
    await clerk.home()
    assert now(clerk, credit).state is CreditState.OPEN
    assert (await taken(clerk, credit, 900))["left"] == 0
    sound(clerk)


@at_the_counter()
async def test_of_what_nothing_was_taken_the_payment_of_today_is_voided(clerk: SimClerk) -> None:
    """All of it, as it would have been without the exchange; its goods came back once."""
    sale = clerk.site.sale(clerk.site.shop.sale("visa-today").sale_id)
    credit = await credit_of_line(clerk, "visa-today", lines=len(sale.goods))
    assert credit.amount == sale.amount
    await give_rest_back(clerk, credit)
    await clerk.show_card("visa")
    await clerk.at("result: enter")
    await clerk.home()
    assert [(kind, state) for kind, state, _ in refunds(clerk, credit)] == [
        (Kind.EXCHANGE_CREDIT, State.SETTLED),
        (Kind.VOID, State.ACCEPTED),
    ]
    sound(clerk)


@at_the_counter()
async def test_a_reason_that_the_shop_has_no_longer_keeps_nothing(clerk: SimClerk) -> None:
    credit = await credit_for_a_cup(clerk, IN_CASH)
    other = {"code": "9", "zh": "其他", "en": "Other"}
    clerk.site.terminal.kill()
    clerk.site.setting = replace(clerk.site.setting, policy={"reasons": [other]})
    await clerk.site.revive()
    await clerk.home()
    clerk.scan(credit.number)
    await clerk.at("exchange.credit: 1")
    await clerk.approve()
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    assert [one.done for one in clerk.site.ledger.refunds.recent(9)] == [900, 0]


@pytest.mark.parametrize("language", Language)
def test_two_supervisors_end_a_credit_whose_sale_the_till_voided(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    """The till takes nothing of it, nothing goes back here, and nothing stays to do."""

    @at_the_counter(Setting(language=language))
    async def story(clerk: SimClerk) -> None:
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await taken(clerk, credit, 200)
        at = "2026-11-20T13:00:00+08:00"
        await till_tells(clerk, {"kind": "sale_voided", "sale_id": "GOODS", "at": at})
        assert await refused(clerk, credit, 300, "till-1/2") == "voucher.stopped"
        clerk.scan(credit.number)
        await clerk.wait("exchange.credit")
        said = {Language.ZH_CN: "终止此券", Language.EN: "End the credit"}
        assert said[language] in clerk.text
        await clerk.at(": 1")
        await clerk.approve()
        await clerk.approve(1)
        await clerk.wait("exchange.credit_closed")
        ended = {
            Language.ZH_CN: "收银机已收 ¥2.00 余额留在原交易 ¥7.00",
            Language.EN: "Taken by the till ¥2.00 The rest stays with its sale ¥7.00",
        }
        assert ended[language] in one_line(clerk)
        await clerk.at(": enter")
        await clerk.home()
        assert now(clerk, credit).state is CreditState.ENDED
        assert refunds(clerk, credit) == [(Kind.EXCHANGE_CREDIT, State.SETTLED, 200)]
        assert legs(clerk, credit) == [(200, 0, 700)]
        assert await refused(clerk, credit, 300, "till-1/3") == "voucher.stopped"
        told = explained(clerk, credit.ticket, language, capsys)
        stays = {
            Language.ZH_CN: "余额 7.00 留在原交易",
            Language.EN: "7.00 stays with that sale",
        }
        assert stays[language] in told
        assert clerk.site.ledger.exchange_credits.open_ones() == []
        verify_store(clerk.site.ledger)

    story()


ONE_DAY = Setting(
    language=Language.EN,
    policy={"exchange_hours": 24},
    rules={"window": {"free_days": 0, "supervisor_days": 0}},
)


@pytest.mark.parametrize("expires", [False, True])
def test_a_return_period_that_ends_meanwhile_keeps_nothing(expires: bool) -> None:
    """Goods came back in time, and the shop owes the money for them: also for what is still to do
    of it, days after."""

    @at_the_counter(ONE_DAY)
    async def story(clerk: SimClerk) -> None:
        credit = await credit_for_a_cup(clerk, IN_CASH)
        await asyncio.sleep(DAY * 3 if expires else DAY - HOURS)
        await clerk.home()
        await give_rest_back(clerk, credit)
        await clerk.at("refund.confirm: cancel", "ticket.left: enter")
        await asyncio.sleep(DAY)
        await clerk.home()
        await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
        await clerk.pay_out()
        await clerk.at("cash.hand_over: enter", "result: enter")
        await clerk.home()
        assert refunds(clerk, credit)[-1] == (Kind.CASH, State.HANDED_OVER, 900)
        sound(clerk)

    story()


@at_the_counter(ONE_DAY)
async def test_what_an_approved_plan_left_is_owed_after_the_return_period(clerk: SimClerk) -> None:
    """The first payment's commit had the goods back."""
    half = {"kind": "cash", "amount": 500}
    await sell(clerk, "GOODS", BY_WALLET | {"amount": 400}, half, lines=[CUP], **CASH)
    await clerk.log_in()
    clerk.scan("GOODS")
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 4", "ticket.plan: enter")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter")
    await clerk.at("refund.confirm: cancel", "ticket.left: enter")
    await asyncio.sleep(2 * DAY)
    await clerk.home()
    await clerk.at(": menu", "menu: 3", "menu.to_do: 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.pay_out()
    await clerk.at("cash.hand_over: enter", "result: enter")
    await clerk.home()
    done = [one.done for one in clerk.site.ledger.refunds.recent(9)]
    assert done == [500, 0]
