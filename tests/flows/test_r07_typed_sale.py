"""A sale that no till has told of, typed from the customer's receipt (R7)."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from hw_sim.bench import identity, script
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import CASH, NEVER, at_the_counter, explained, logged_in, sell
from worlds.typed import (
    AMOUNT,
    DAY,
    FOUR,
    ON,
    RRN,
    all_sales,
    entries,
    give,
    keys_of,
    purchase,
    tell,
    type_in,
    typed,
    typed_now,
)

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.case import CaseKind, Difference, TypedDiffers
from pos_terminal.core.dropped import Drop
from pos_terminal.core.people import Role
from pos_terminal.core.refund import CardMatch, Kind, State
from pos_terminal.core.sale import SaleOrigin, SaleState
from pos_terminal.ports import ScanDropped
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


@logged_in()
async def test_a_typed_sale_is_given_back_and_becomes_the_till_s_when_it_tells(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the receipt to the slip, what the acquirer was asked, and the till's word the day
    after."""
    purchase(clerk)
    await type_in(clerk, to="typed.review")
    # to what was typed wrong and out, past what there is nothing to ask about
    await clerk.at(*(f"typed.{name}: cancel" for name in ("review", "last4", "trace", "batch")))
    await clerk.at(*(f"typed.{name}: cancel" for name in ("amount", "date", "rrn", "terminal")))
    await type_in(clerk)
    assert "Typed by hand, the till has not told it" in " ".join(clerk.text.split())
    assert await give(clerk, 2_000) == "supervisor.number", "nothing is known here of the card"
    sale = typed(clerk)
    assert (sale.amount, sale.done, sale.sale_id) == (AMOUNT, 2_000, "")
    (refund,) = clerk.site.ledger.refunds.of_sale(sale.key)
    assert (refund.kind, refund.state, refund.match) == (
        Kind.REFUND,
        State.ACCEPTED,
        CardMatch.ACQUIRER,
    )
    request = clerk.site.ledger.messages.request(refund.refund_id)
    assert request.get(61) == "0000000000001119", "batch and trace are not known; the day is"
    assert any("Typed from the receipt" in paper and DAY in paper for paper in clerk.papers)
    (told,) = entries(clerk, "typed")
    facts = ("rrn", "terminal_id", "amount", "leg", "approvals", "operator")
    assert [told[fact] for fact in facts] == [
        *(RRN, identity.TERMINAL_ID, AMOUNT, 1, 1),
        clerk.me.number,
    ]
    said = explained(clerk, refund.application, Language.EN, capsys)
    assert f"paid {DAY}\n" in said, "the hour is not known"
    assert "Sale typed by hand" in said
    decisions = clerk.site.ledger.applications.decisions(refund.application)
    assert ("typed", "typed") in [(one.rule, one.code) for one in decisions]
    await clerk.at(": menu", "menu: 2 3", f"find.trace: {RRN} enter", f"find.date: {ON} enter")
    await clerk.wait("failure")
    assert "No till has told of it" in clerk.text, "what somebody typed proves no purchase"
    await clerk.home()

    await tell(clerk)
    now = clerk.site.sale("LATE")
    assert (now.origin, now.done, now.remaining, now.locked) == (
        SaleOrigin.FEED,
        2_000,
        3_000,
        False,
    )
    assert clerk.site.ledger.sales.by_key(sale.key) is None
    (moved,) = clerk.site.refunds_of("LATE")
    assert moved.refund_id == refund.refund_id
    verify_store(clerk.site.ledger)
    with closing(open_reader(clerk.site.ledger.path)) as db:
        shown = overview(db)
    assert {row["sale_id"]: row["origin"] for row in shown["sales"]}["LATE"] == "feed"
    await clerk.at(": menu", "menu: 2 3", f"find.trace: {RRN} enter", f"find.date: {ON} enter")
    await clerk.at("proof.confirm: cancel", "home")
    await type_in_known(clerk)
    assert await give(clerk, 3_000) == "supervisor.number"
    assert clerk.site.sale("LATE").remaining == 0
    verify_store(clerk.site.ledger)


async def type_in_known(clerk: SimClerk, *, seen: str = "sale") -> None:
    """The ledger has what is typed: nothing is asked after its date."""
    await clerk.wait("home")
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.wait(seen)


async def type_again(clerk: SimClerk, amount: int = AMOUNT, *, seen: str = "sale") -> None:
    """It was typed before: its amount is asked, too, and held against that."""
    await type_in_known(clerk, seen="typed.amount")
    await clerk.answer("typed.amount", str(amount))
    await clerk.wait(seen)


async def withdraw(clerk: SimClerk) -> str:
    """From the sale on the screen, by its menu and a supervisor; what is shown then."""
    await clerk.at("sale: menu", "sale.more: 4")
    shown = await clerk.wait("supervisor.number", "failure")
    if shown == "supervisor.number":
        await clerk.approve()
        shown = await clerk.wait("typed.withdrawn", "failure")
    return shown


@logged_in()
async def test_typed_again_it_is_the_same_sale_and_what_is_back_counts(clerk: SimClerk) -> None:
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 4_000)
    await type_again(clerk)
    assert "10.00" in clerk.text
    await clerk.at("sale: enter")
    await clerk.answer("refund.amount", "2000")
    await clerk.wait_text("10.00")
    assert clerk.prompt == "refund.amount", "more than is left"
    await clerk.home()
    assert clerk.site.ledger.applications.by_number(2) is None


@logged_in()
async def test_the_day_beside_leads_to_the_same_sale_typed_or_told(clerk: SimClerk) -> None:
    """A slip of 23:59 by the till's clock is the next day's by the acquirer's."""
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 2_000)
    for seen in ("typed.otherwise", "sale"):
        await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
        await clerk.answer("typed.rrn", RRN)
        await clerk.answer("typed.date", "1118")
        await clerk.answer("typed.amount", str(AMOUNT))
        if seen == "typed.otherwise":
            await clerk.wait(seen)
            assert "2026-11-19 / 2026-11-18" in clerk.text
            await clerk.go("enter", to="sale")
        await clerk.wait("sale")
        assert "30.00" in clerk.text, "what is left"
        await clerk.home()
        if seen == "typed.otherwise":
            await tell(clerk)
    assert [one.sale_id for one in all_sales(clerk)] == ["LATE"]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_what_was_typed_wrong_is_said_withdrawn_with_a_supervisor_and_typed_right(
    clerk: SimClerk,
) -> None:
    """A digit too few, and the acquirer has declined it for its trace: nothing came of it."""
    purchase(clerk)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", "500")
    await clerk.at("typed.batch: enter")
    await clerk.answer("typed.trace", "77")
    await clerk.at("typed.last4: enter", "typed.review: enter", "sale")
    await give(clerk, 400)
    wrong = typed(clerk)
    (refund,) = clerk.site.ledger.refunds.of_sale(wrong.key)
    assert (refund.state, refund.response) == (State.DECLINED, "25")

    await type_again(clerk, seen="typed.otherwise")
    assert "5.00 / 50.00" in clerk.text
    assert "MENU 4 withdraws it" in " ".join(clerk.text.split())
    await clerk.at("typed.otherwise: enter", "sale")
    assert await withdraw(clerk) == "typed.withdrawn"
    await clerk.go("enter", to="home")
    assert all_sales(clerk) == []
    gone = clerk.site.ledger.sales.by_key(wrong.key)
    assert gone is not None
    assert (gone.state, gone.payments) == (SaleState.WITHDRAWN, ())
    verify_store(clerk.site.ledger)
    (told,) = entries(clerk, "typed_withdrawn")
    who, other = (clerk.site.shop.person(role).number for role in (Role.CLERK, Role.SUPERVISOR))
    assert (told["rrn"], told["amount"]) == (RRN, 500)
    assert (told["operator"], told["supervisor"]) == (who, other)
    await clerk.at(": menu", "menu: 1", "menu.find: 3", "find.by: 1", "find.amount: 5 0 0 enter")
    await clerk.at("find.by: 2", f"find.sold_on: {ON} enter")
    await clerk.wait("sale")
    assert "typed wrong and withdrawn" in " ".join(clerk.text.split())
    await clerk.home()

    await type_in(clerk)
    await give(clerk, AMOUNT)
    right = typed_now(clerk)
    assert (right.done, right.key == wrong.key) == (AMOUNT, False)
    await type_again(clerk, seen="sale")
    await clerk.home()
    await tell(clerk)
    assert clerk.site.sale("LATE").done == AMOUNT
    assert not clerk.site.sale("LATE").locked, "what was withdrawn is held against nothing"
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("fault", ["normal", "swallow"])
@logged_in(NEVER)
async def test_what_something_came_of_is_not_withdrawn_and_the_screen_says_so(
    clerk: SimClerk, fault: str
) -> None:
    """Nor what something may have come of: nobody knows yet."""
    purchase(clerk)
    await type_in(clerk)
    clerk.site.acquirer.set_mode(fault, on=["refund"])
    await give(clerk, 1_000)
    await type_again(clerk, 500, seen="typed.otherwise")
    assert "Money went back" in clerk.text
    await clerk.at("typed.otherwise: cancel", "typed.amount")
    clerk.press(*["clear"] * 3, "5", "0", "0", "0", "enter")
    await clerk.wait("sale")
    clerk.press("menu")
    shown = await clerk.wait("sale.more", "sale.more.none")
    assert "withdraw" not in clerk.text
    clerk.press("4")
    assert clerk.prompt == shown
    await clerk.home()


@at_the_counter()
async def test_what_was_called_stolen_stays_and_who_typed_it_agrees_to_nothing(
    clerk: SimClerk,
) -> None:
    """A supervisor at the terminal is the operator: another one has to be asked."""
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.play(script.log_in(boss))
    purchase(clerk)
    await type_in(clerk)
    await clerk.at("sale: menu", "sale.more")
    assert f"{DAY} 12:00" not in clerk.text, "the hour is not known"
    await clerk.at("sale.more: 4", "supervisor.number")
    assert RRN in clerk.text
    await clerk.at(f"supervisor.number: {boss.number} enter", f"supervisor.pin: {boss.pin} enter")
    await clerk.wait_text("Nobody approves their own")
    await clerk.at("supervisor.number: cancel", "sale.more: cancel", "sale: enter")
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.at("refund.amount: enter", "refund.reason: 1")
    await clerk.approve(1)
    await clerk.show_card("visa")
    await clerk.approve(1)
    await clerk.wait("result")
    await clerk.home()
    await type_again(clerk, 500, seen="typed.otherwise")
    await clerk.go("enter", to="sale")
    assert await withdraw(clerk) == "failure", "nobody is asked first"
    await clerk.home()
    assert typed(clerk).state is SaleState.APPROVED


@logged_in()
async def test_a_reference_typed_wrong_for_a_till_s_sale_is_withdrawn_until_money_went_by_it(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = "632313000952"
    purchase(clerk)
    await tell(clerk, "BARE", batch="", trace="", rrn="")
    before = clerk.site.sale("BARE")
    await type_in(clerk, rrn=wrong, to="typed.offered")
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale")
    # declined: nothing came of it
    await give(clerk, 1_000)
    (refund,) = clerk.site.refunds_of("BARE")
    assert refund.state is State.DECLINED
    clerk.scan("BARE")
    assert await withdraw(clerk) == "typed.withdrawn"
    await clerk.home()
    assert clerk.site.sale("BARE").tenders == before.tenders, "as the till told it"
    verify_store(clerk.site.ledger)
    (told,) = entries(clerk, "typed_withdrawn")
    assert (told["rrn"], told["sale"], told["leg"]) == (wrong, "BARE", 1)
    boss = clerk.site.shop.person(Role.SUPERVISOR).number
    assert told["supervisor"] == boss
    # the declined request was asked for by a reference that the sale has no more
    number = refund.application
    en = explained(clerk, number, Language.EN, capsys)
    assert f"{wrong} typed for payment 1: withdrawn" in en
    assert f"by {clerk.me.number}, supervisor {boss}" in en
    zh = explained(clerk, number, Language.ZH_CN, capsys)
    assert f"撤回手工输入的参考号 {wrong}(付款 1): 操作员 {clerk.me.number}, 主管 {boss}" in zh
    # now right, and money goes by it
    await type_in(clerk, to="typed.offered")
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale")
    await give(clerk, 1_000)
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more: 4", "failure")  # nobody is asked first
    assert "Have the till tell its own" in " ".join(clerk.text.split())
    await clerk.home()
    assert clerk.site.sale("BARE").tenders[0].typed == 1
    await tell(clerk, "BARE")
    sale = clerk.site.sale("BARE")
    assert (sale.done, sale.locked, sale.tenders[0].as_told) == (1_000, False, None)
    assert clerk.site.ledger.cases.open_ones() == [], "what was withdrawn is held against nothing"
    clerk.scan("BARE")
    await clerk.at("sale: menu", "sale.more")
    assert "withdraw" not in clerk.text
    await clerk.home()
    verify_store(clerk.site.ledger)


@logged_in()
async def test_a_till_that_tells_another_amount_locks_the_sale_until_two_close_its_case(
    clerk: SimClerk,
) -> None:
    """Less than was given back: what is too much is named; nothing is given back twice."""
    purchase(clerk)
    await type_in(clerk)
    await give(clerk, 4_000)
    await tell(clerk, amount=3_000, terminal_id=identity.OTHER_TERMINAL_ID)
    sale = clerk.site.sale("LATE")
    assert (sale.locked, sale.amount, sale.done) == (True, 4_000, 4_000)
    (case,) = clerk.site.ledger.cases.open_ones()
    assert (case.kind, case.sale_key, case.over) == (CaseKind.TYPED_DIFFERS, sale.key, 1_000)
    own, other = identity.TERMINAL_ID, identity.OTHER_TERMINAL_ID
    differs = (Difference("terminal_id", own, other), Difference("amount", "5000", "3000"))
    assert case.facts == TypedDiffers(1, RRN, differs, 4_000)
    verify_store(clerk.site.ledger)
    await type_in_known(clerk)
    await clerk.go("enter", to="failure")
    await clerk.home()
    await clerk.at(": menu", "menu: 4", "menu.mistakes: 1", "case.list: 1")
    await clerk.wait_text("50.00 / 30.00")
    await clerk.go("enter", to="case.reference")
    await clerk.answer("case.reference", "20261119")
    await clerk.at("case.close: 1", "case.loss: enter")
    await clerk.approve(0)
    await clerk.approve(1)
    await clerk.at("case.confirm_closing: enter", "case.closed: enter")
    sale = clerk.site.sale("LATE")
    assert (sale.locked, sale.amount, sale.remaining) == (False, 4_000, 0)
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("picked", ["1", "2"])
def test_of_two_sales_with_one_reference_two_say_of_which_it_went_back(picked: str) -> None:
    """The one that the till told first has it; the one that fits what was typed is told later."""

    @logged_in()
    async def story(clerk: SimClerk) -> None:
        purchase(clerk)
        await type_in(clerk)
        await give(clerk, 4_000)
        await tell(clerk, "FIRST", terminal_id=identity.OTHER_TERMINAL_ID, trace="000777")
        await tell(clerk, "LATER")
        for kind in ("case.whose", "case.reference"):  # the later one's, then the first one's
            place = "2" if kind == "case.whose" else "1"
            await clerk.at(": menu", "menu: 4", "menu.mistakes: 1", f"case.list: {place}")
            await clerk.at("case.facts: enter", kind)
            if kind == "case.whose":
                assert "40.00" in clerk.text
                assert clerk.text.index("LATER") < clerk.text.index("FIRST")
                await clerk.at(f"case.whose: {picked}", "case.reference")
                named = "LATER" if picked == "1" else "FIRST"
                assert named in clerk.text
            await clerk.answer("case.reference", "20261119")
            await clerk.at("case.close: 1", "case.loss: enter")
            if kind == "case.whose":
                await clerk.wait("supervisor.number")
                assert named in clerk.text, "who agrees sees it"
            await clerk.approve(0)
            await clerk.approve(1)
            await clerk.at("case.confirm_closing: enter", "case.closed: enter")
            await clerk.home()
        left = [clerk.site.sale(name).remaining for name in ("FIRST", "LATER")]
        assert left == ([5_000, 1_000] if picked == "1" else [1_000, 5_000])
        verify_store(clerk.site.ledger)

    story()


@logged_in()
async def test_other_legs_come_beside_it_and_the_typed_one_is_the_leg_with_its_reference(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await type_in(clerk, last4="0010")
    assert await give(clerk, 2_000) == "supervisor.number", "four digits are known"
    gift = {"kind": "card", "amount": AMOUNT, "masked": FOUR, "scheme": ""}
    gift |= {"rrn": RRN, "batch": "000003", "trace": "000951"}
    first = {"kind": "cash", "amount": 700}
    at = f"{DAY}T10:00:00+08:00"
    none = dict.fromkeys(("batch", "trace", "rrn"), "")
    await sell(clerk, "TWO", first, gift, **none, sold_at=at)
    sale = clerk.site.sale("TWO")
    assert [(leg.amount, leg.done, leg.held) for leg in sale.tenders] == [
        (700, 0, 0),
        (AMOUNT, 2_000, 0),
    ]
    assert not sale.locked
    assert [refund.leg for refund in clerk.site.refunds_of("TWO")] == [2]
    verify_store(clerk.site.ledger)


@logged_in()
async def test_a_payment_of_the_till_s_without_a_reference_is_offered_and_gets_it_typed(
    clerk: SimClerk,
) -> None:
    purchase(clerk)
    await tell(clerk, "BARE", batch="", trace="", rrn="")
    assert clerk.site.sale("BARE").tenders[0].lacks
    clerk.scan("BARE")
    await clerk.wait("sale")
    said = " ".join(clerk.text.split())
    assert all(f"{one} missing" in said for one in ("Reference no.", "Batch no.", "Trace no."))
    await clerk.home()
    await type_in(clerk, to="typed.offered")
    assert "50.00" in clerk.text
    await clerk.at("typed.offered: 1", "typed.review: enter", "sale")
    assert f"Reference typed: {RRN}" in clerk.text
    await give(clerk, 1_000)
    sale = clerk.site.sale("BARE")
    assert (sale.origin, sale.done, sale.tenders[0].typed) == (SaleOrigin.FEED, 1_000, 1)
    (refund,) = clerk.site.refunds_of("BARE")
    assert refund.state is State.ACCEPTED
    verify_store(clerk.site.ledger)
    await tell(clerk, "BARE")
    sale = clerk.site.sale("BARE")
    assert (sale.done, sale.tenders[0].typed, sale.locked) == (1_000, 0, False)
    verify_store(clerk.site.ledger)


@logged_in()
async def test_none_of_them_takes_a_second_supervisor(clerk: SimClerk) -> None:
    purchase(clerk)
    await tell(clerk, "BARE", batch="", trace="", rrn="")
    await type_in(clerk, last4="0010", to="typed.offered")
    assert "BARE 0010" in clerk.text, "which of the card's payments it is"
    # who changes their mind has not said that it is that one
    await clerk.at("typed.offered: 1", "typed.review: cancel", "typed.offered: 2", "typed.review")
    assert "none of the known sales" in clerk.text
    await clerk.at("typed.review: enter", "sale")
    await give(clerk, 1_000, supervisors=2)
    assert clerk.site.sale("BARE").tenders[0].lacks
    assert [told["approvals"] for told in entries(clerk, "typed")] == [2]
    sale = typed(clerk)
    assert (sale.done, sale.tenders[0].typed) == (1_000, 2)
    (refund,) = clerk.site.ledger.refunds.of_sale(sale.key)
    told = clerk.site.ledger.applications.decisions(refund.application)
    assert ("typed", "none_of_them") in [(one.rule, one.code) for one in told]
    approvals = clerk.site.ledger.applications.approvals(refund.application)
    assert len({one.supervisor for one in approvals}) >= 2
    # it was that one all the same: what was given back of the typed sale counts on it
    await tell(clerk, "BARE")
    assert clerk.site.sale("BARE").done == 1_000
    assert clerk.site.ledger.sales.by_key(sale.key) is None
    verify_store(clerk.site.ledger)


@logged_in()
async def test_it_is_never_a_void(clerk: SimClerk) -> None:
    """Of today, of this terminal and its batch, and in full."""
    today = clerk.site.time.now().date().isoformat()
    batch = clerk.site.ledger.counter.batch()
    purchase(clerk, sold_at=f"{today}T10:00:00+08:00", batch=batch)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", today[5:].replace("-", ""))
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.answer("typed.batch", batch)
    await clerk.answer("typed.trace", "951")
    await clerk.at("typed.last4: enter", "typed.review: enter", "sale: enter")
    await clerk.wait_text("Sale typed by hand: refund")
    await clerk.at("refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.show_card("visa")
    await clerk.approve(1)
    await clerk.wait("result")
    await clerk.home()
    (refund,) = clerk.site.ledger.refunds.recent(9)
    assert (refund.kind, refund.state, refund.done) == (Kind.REFUND, State.ACCEPTED, AMOUNT)
    request = clerk.site.ledger.messages.request(refund.refund_id)
    assert request.get(61) == f"{batch}000951{today[5:].replace('-', '')}", "what is known is sent"


HERE = Setting(language=Language.EN, home=[], places={identity.OTHER_TERMINAL_ID: "Gate 4"})


@logged_in(HERE)
async def test_a_sale_of_another_home_is_refused_with_the_place(clerk: SimClerk) -> None:
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal")
    clerk.scan(identity.OTHER_TERMINAL_ID)
    await clerk.wait("failure")
    assert "Please go to: Gate 4" in clerk.text
    (application,) = [clerk.site.application(1)]
    assert application.state is ApplicationState.REFUSED, "kept, and refused by name (R67)"


ASKED = (
    ("typed.rrn", "632", "632313000951"),
    ("typed.date", "11", DAY.replace("-", "")),
    ("typed.amount", "50", None),
    ("typed.batch", "0", "000003"),
    ("typed.trace", "0", "000951"),
    ("typed.last4", "0", "0010"),
)
"""The prompt, what is half typed there, and the code that answers it."""


@logged_in()
async def test_a_scan_that_answers_nothing_throws_nothing_away(clerk: SimClerk) -> None:
    """The next customer's receipt, one misread and a card at each question: what was typed before
    and at this one stays. What answers the question may be scanned."""
    purchase(clerk)
    await sell(clerk, "NEXT", {"kind": "cash", "amount": 700}, **CASH)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    for prompt, typed_there, answer in ASKED:
        await clerk.wait(prompt)
        clerk.press(*typed_there)
        clerk.scan("NEXT")
        await clerk.wait_text("What you typed stays")
        clerk.site.post(ScanDropped(Drop.PAUSE))
        await clerk.wait_text("The scan broke off: scan again")
        clerk.scan("6901234567892")
        await clerk.wait_text("What you typed stays")
        assert clerk.prompt == prompt
        if answer is not None:
            clerk.scan(answer)
        else:
            clerk.press("00", "enter")
    await clerk.wait("typed.review")
    shown = " ".join(clerk.text.split())
    for fact in (RRN, DAY, "50.00", "000003", "000951", "0010"):
        assert fact in shown
    await clerk.at("typed.review: cancel", "typed.last4: cancel", "typed.trace: enter")
    await clerk.at("typed.last4: enter", "typed.review: enter", "sale")
    (leg,) = typed(clerk).tenders
    assert leg.card is not None
    assert (leg.amount, leg.card.masked) == (AMOUNT, FOUR)


@logged_in()
async def test_what_comes_a_second_time_is_meant(clerk: SimClerk) -> None:
    await sell(clerk, "NEXT", {"kind": "cash", "amount": 700}, **CASH)
    await sell(clerk, "OTHER", {"kind": "cash", "amount": 800}, **CASH)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter", "typed.rrn")
    clerk.press("6")
    for other in ("NEXT", "OTHER", "NEXT"):
        clerk.scan(other)
    await clerk.wait_text("What you typed stays")
    assert clerk.prompt == "typed.rrn"
    clerk.scan("NEXT")
    await clerk.wait("sale")
    assert "7.00" in clerk.text
    await clerk.home()
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.wait("typed.date")
    clerk.tap("visa")
    await clerk.wait_text("What you typed stays")
    clerk.take_away()
    clerk.tap("visa")
    await clerk.wait("find.choose")


@logged_in()
async def test_what_is_no_reference_or_no_day_that_is_kept_is_said(clerk: SimClerk) -> None:
    await sell(clerk, "RECEIPT8", {"kind": "cash", "amount": 700}, **CASH)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal")
    clerk.scan("RECEIPT8")
    await clerk.wait("sale")
    assert "RECEIPT8" in clerk.text, "a receipt is no terminal's number, however long"
    await clerk.home()
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal")
    assert identity.TERMINAL_ID in clerk.text, "ENTER alone is this terminal"
    clerk.press("1234", "enter")
    await clerk.wait_text("Too short")
    assert clerk.prompt == "typed.terminal"
    clerk.press("clear", "clear", "clear", "clear", "enter")
    await clerk.wait("typed.rrn")
    clerk.press("63231300095", "enter")
    await clerk.wait_text("Too short")
    clerk.press("1", "enter")
    await clerk.wait("typed.date")
    clerk.press("1332", "enter")
    await clerk.wait_text("Not a date")
    clerk.press("1010", "enter")
    await clerk.wait("typed.amount")
    clerk.press("0", "enter")
    await clerk.wait_text("above zero")
    await clerk.go("cancel", to="typed.date")
    oldest = clerk.site.time.now().date() - timedelta(days=400)
    await clerk.at(f"typed.date: {oldest:%Y%m%d} enter", "typed.amount: cancel", "typed.date")
    clerk.press(f"{oldest - timedelta(days=1):%Y%m%d}", "enter")
    await clerk.wait("failure")
    assert "Sold before what is kept here (400 days)" in " ".join(clerk.text.split())
    await clerk.home()
    assert all_sales(clerk) == []


GENERIC = Setting(profile="generic", language=Language.EN)
CODE = "A0R95Z"
"""Field 38 of the purchase (an6)."""


async def type_whole(clerk: SimClerk, *, trace: str = "951", code: str = CODE) -> None:
    """As far as the sale: all that the slip has of it, where it goes back by its reference."""
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.answer("typed.batch", "3")
    await clerk.answer("typed.trace", trace)
    await clerk.wait("typed.auth")
    clerk.press(*keys_of(code), "enter")
    await clerk.at("typed.last4: enter", "typed.review: enter", "sale")


def paid(clerk: SimClerk) -> list[int]:
    """By the acquirer's own book."""
    return [row["paid"] for row in clerk.site.acquirer.ledger() if row["paid"]]


async def by_reference(clerk: SimClerk) -> None:
    """From the sale to the outcome; whatever card is shown meanwhile."""
    await clerk.at("sale: enter")
    await clerk.answer("refund.amount", "2000")
    await clerk.go("1", to="supervisor.number")
    await clerk.approve()
    await clerk.wait("card.absent")
    clerk.tap("jcb")
    await clerk.wait("card.absent")
    clerk.take_away()
    await clerk.go("enter", to="supervisor.number")
    await clerk.approve(1)
    await clerk.wait("result")


@logged_in(GENERIC)
async def test_where_no_card_is_compared_the_whole_reference_leads_to_the_account_that_paid(
    clerk: SimClerk,
) -> None:
    """R29: and no card is asked for, as any would do."""
    purchase(clerk, auth_code=CODE)
    await type_whole(clerk)
    await by_reference(clerk)
    assert "Refund approved" in clerk.text
    await clerk.home()
    (refund,) = clerk.site.ledger.refunds.of_sale(typed(clerk).key)
    assert (refund.match, refund.state, refund.masked) == (
        CardMatch.BY_REFERENCE,
        State.ACCEPTED,
        None,
    )
    request = clerk.site.ledger.messages.request(refund.refund_id)
    assert not {2, 14, 23, 35} & set(request.fields)
    assert (request.get(37), request.get(38)) == (RRN, CODE)
    assert [row["paid"] for row in clerk.site.acquirer.ledger() if row["kind"] == "refund"] == [
        2_000
    ]
    await tell(clerk, auth_code="999999")
    (case,) = clerk.site.ledger.cases.open_ones()
    assert isinstance(case.facts, TypedDiffers)
    assert case.facts.differs == (Difference("auth_code", CODE, "999999"),)
    verify_store(clerk.site.ledger)


@pytest.mark.parametrize("wrong", [{"trace": "952"}, {"code": "100952"}])
def test_a_reference_with_a_digit_wrong_pays_nobody(wrong: dict[str, str]) -> None:
    @logged_in(GENERIC)
    async def story(clerk: SimClerk) -> None:
        purchase(clerk, auth_code=CODE)
        await type_whole(clerk, **wrong)
        await by_reference(clerk)
        assert "Not refunded" in clerk.text
        assert paid(clerk) == []

    story()


@logged_in(GENERIC)
async def test_with_less_than_the_whole_reference_it_is_said_what_is_missing(
    clerk: SimClerk,
) -> None:
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.at("typed.batch: enter", "typed.trace: enter", "typed.auth: 10095 enter")
    await clerk.wait_text("Too short")
    await clerk.at(f"typed.auth:{' clear' * 5} enter", "typed.last4: 001 enter")
    await clerk.wait_text("Too short")
    await clerk.at("typed.last4: clear clear clear enter", "typed.review: enter", "sale")
    told = " ".join(clerk.text.split())
    await clerk.at("sale: enter", "failure")
    for said in (told, " ".join(clerk.text.split())):
        assert "does not compare the card" in said
        assert "Batch no. missing Trace no. missing Authorisation code missing" in said
        assert "type it again (MENU 1 4)" in said


async def to_what_is_missing(clerk: SimClerk) -> None:
    """The four facts once more, from home, to the first question after them."""
    await clerk.home()
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))


@logged_in(GENERIC)
async def test_typed_again_only_what_is_missing_is_asked_and_it_goes_back(clerk: SimClerk) -> None:
    purchase(clerk, auth_code=CODE)
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.at("typed.batch: enter", "typed.trace: enter", "typed.auth: enter")
    await clerk.at("typed.last4: 0010 enter", "typed.review: enter", "sale")
    key = typed(clerk).key

    await to_what_is_missing(clerk)
    await clerk.answer("typed.batch", "3")
    await clerk.at("typed.trace: cancel", "typed.batch: enter", "typed.trace: enter")
    await clerk.at("typed.auth: enter", "typed.review")
    assert all(known in clerk.text for known in ("000003", "0010")), "all of it is seen"
    await clerk.at(": enter", "sale")
    told = " ".join(clerk.text.split())
    assert "Trace no. missing Authorisation code missing" in told
    assert "Batch no." not in told

    await to_what_is_missing(clerk)
    await clerk.at("typed.trace: enter", "typed.auth: enter", "sale")
    assert len(entries(clerk, "typed_more")) == 1, "nothing was added"

    await to_what_is_missing(clerk)
    await clerk.answer("typed.trace", "951")
    await clerk.wait("typed.auth")
    clerk.press(*keys_of(CODE), "enter")
    await clerk.at("typed.review: enter", "sale")
    await by_reference(clerk)
    assert "Refund approved" in clerk.text
    await clerk.home()
    assert (typed(clerk).key, typed(clerk).done) == (key, 2_000)
    first, second = entries(clerk, "typed_more")
    assert [first["added"], second["added"]] == ["batch", "trace auth_code"]
    assert (first["rrn"], first["operator"]) == (RRN, clerk.me.number)
    await to_what_is_missing(clerk)
    await clerk.wait("sale")
    verify_store(clerk.site.ledger)
    await tell(clerk, auth_code=CODE)
    assert clerk.site.sale("LATE").done == 2_000
    assert clerk.site.ledger.cases.open_ones() == [], "as it was typed"


@logged_in(GENERIC)
async def test_what_a_till_s_payment_was_typed_without_is_asked_as_well(clerk: SimClerk) -> None:
    purchase(clerk, auth_code=CODE)
    await tell(clerk, "BARE", batch="", trace="", rrn="")
    await clerk.at(": menu", "menu: 1", "menu.find: 4", "typed.terminal: enter")
    await clerk.answer("typed.rrn", RRN)
    await clerk.answer("typed.date", ON)
    await clerk.answer("typed.amount", str(AMOUNT))
    await clerk.at("typed.batch: enter", "typed.trace: 951 enter", "typed.auth: enter")
    await clerk.at("typed.last4: enter", "typed.offered: 1", "typed.review: enter", "sale")
    assert "Batch no. missing" in clerk.text
    await to_what_is_missing(clerk)
    await clerk.answer("typed.batch", "3")
    await clerk.wait("typed.auth")
    clerk.press(*keys_of(CODE), "enter")
    await clerk.at("typed.review: enter", "sale")
    paid = clerk.site.sale("BARE").tenders[0].payment
    assert paid is not None
    assert (paid.batch, paid.trace, paid.auth_code) == (
        *("000003", "000951"),
        CODE,
    )
    await by_reference(clerk)
    assert "Refund approved" in clerk.text
    verify_store(clerk.site.ledger)
