"""R29: the card is not there. By the payment's reference where the acquirer does that; otherwise
the screen says what the customer can do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import asked, violations
from hw_sim.proofs.simulation.rest import come_to_rest
from worlds.counter import ENGLISH, explained, logged_in, tell

from pos_terminal import profiles
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch, Kind, Refund, State
from pos_terminal.texts import Language

GENERIC = replace(ENGLISH, profile="generic")
OLDER = "visa-older"


async def to_the_card(clerk: SimClerk, sale: str = OLDER, amount: int | None = None) -> None:
    """Approved, and the card is asked for."""
    await clerk.ask_for(clerk.site.shop.sale(sale), amount)
    await clerk.approve()
    await clerk.wait("card.present")
    assert "MENU: no card" in clerk.text


async def without_card(clerk: SimClerk, sale: str = OLDER, amount: int | None = None) -> None:
    """To the outcome, with the second supervisor's word."""
    await to_the_card(clerk, sale, amount)
    await clerk.go("menu", to="card.absent")
    assert "goes to the account that paid" in clerk.text
    of_sale = clerk.site.shop.sale(sale)
    assert f"¥{(amount or of_sale.amount) / 100:.2f}" in clerk.text
    await clerk.go("enter", to="supervisor.number")
    assert "No card, by reference" in clerk.text
    await clerk.approve(1)
    await clerk.wait("result")


def only_refund(clerk: SimClerk, sale: str = OLDER) -> Refund:
    (refund,) = clerk.site.refunds_of(clerk.site.shop.sale(sale).sale_id)
    return refund


def paid(clerk: SimClerk) -> list[tuple[str, int]]:
    """By the acquirer's own book: for which payment, how much."""
    rows = clerk.site.acquirer.ledger()
    return [(row["original_rrn"], row["paid"]) for row in rows if row["paid"]]


def sent(clerk: SimClerk) -> list[dict[int, str]]:
    return [fields for _, _, fields in asked(clerk.site)]


@logged_in(GENERIC)
async def test_it_goes_back_by_the_reference_to_the_account_that_paid(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await without_card(clerk)
    assert "Refund approved" in clerk.text
    assert "By the sale's reference" in clerk.text
    refund, sale = only_refund(clerk), clerk.site.shop.sale(OLDER)
    assert (refund.match, refund.masked) == (CardMatch.BY_REFERENCE, None)
    assert (refund.kind, refund.state) == (Kind.REFUND, State.ACCEPTED)
    (message,) = sent(clerk)
    assert not {2, 14, 23, 35} & set(message)
    assert (message[37], message[38], message[22]) == (sale.rrn, sale.auth_code, "002")
    assert paid(clerk) == [(sale.rrn, sale.amount)]
    await clerk.home()
    await clerk.site.until(lambda: len(clerk.papers) >= 2, 60, "slips")
    for paper in clerk.papers[-2:]:
        assert "by reference" in paper
        assert "******" not in paper
    told = explained(clerk, refund.application, Language.EN, capsys)
    assert "No card, by reference: supervisor" in told
    approvals = clerk.site.ledger.applications.approvals(refund.application)
    assert [one.rule for one in approvals] == ["policy", "card_absent"]
    assert list(violations(clerk.site)) == []


@logged_in(GENERIC)
async def test_cancel_leads_back_to_the_card_which_still_counts(clerk: SimClerk) -> None:
    await to_the_card(clerk)
    await clerk.go("menu", to="card.absent")
    await clerk.go("cancel", to="card.present")
    await clerk.go("menu", to="card.absent")
    clerk.tap("visa")  # the customer found it
    await clerk.wait("result")
    assert only_refund(clerk).match is CardMatch.EXACT
    assert len(sent(clerk)) == 1


@logged_in(GENERIC)
async def test_no_supervisor_no_refund(clerk: SimClerk) -> None:
    await to_the_card(clerk)
    await clerk.go("menu", to="card.absent")
    await clerk.go("enter", to="supervisor.number")
    await clerk.go("cancel", to="home")
    assert clerk.site.refunds_of(clerk.site.shop.sale(OLDER).sale_id) == []
    assert paid(clerk) == []


@logged_in(replace(GENERIC, policy={"supervisor": "by-rule"}))
async def test_a_supervisor_is_asked_where_no_refund_needs_one_otherwise(clerk: SimClerk) -> None:
    await clerk.find(clerk.site.shop.sale(OLDER))
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1", "card.present: menu")
    await clerk.wait("card.absent")
    await clerk.go("enter", to="supervisor.number")
    await clerk.approve()
    await clerk.wait("result")
    assert only_refund(clerk).match is CardMatch.BY_REFERENCE


async def three_other_cards(clerk: SimClerk, then: str = "result") -> None:
    """None of them paid for what is asked."""
    for card in ("unionpay-credit", "jcb", "mastercard"):
        await clerk.wait("card.present")
        clerk.tap(card)
        await clerk.wait("card.reading")
        await clerk.wait("card.present", then)
        clerk.take_away()
    await clerk.wait(then)


@logged_in(GENERIC)
async def test_a_wrong_card_never_opens_this_way(clerk: SimClerk) -> None:
    """R27: not in another application either, nor for a part of it; the card itself still does."""
    await to_the_card(clerk)
    await three_other_cards(clerk)
    assert "No other card, no cash" in clerk.text
    await clerk.home()
    await to_the_card(clerk, amount=100)
    await clerk.go("menu", to="card.absent.none")  # not offered, to be refused a key later
    assert "Only other cards were shown" in clerk.text
    assert (sent(clerk), paid(clerk)) == ([], [])
    await clerk.go("cancel", to="card.present")
    clerk.tap("visa")
    await clerk.wait("result")
    assert only_refund(clerk).match is CardMatch.EXACT
    assert list(violations(clerk.site)) == []


@logged_in(GENERIC)
async def test_never_after_the_card_was_called_stolen(clerk: SimClerk) -> None:
    await to_the_card(clerk, amount=100)
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.show_card("visa")
    await clerk.home()
    await to_the_card(clerk, "promotion-older")  # by the same card
    await clerk.go("menu", to="card.absent")
    await clerk.go("enter", to="result")
    assert "Card was refused" in clerk.text
    assert paid(clerk) == []


@logged_in(GENERIC)
async def test_the_same_amount_again_is_seen_though_no_card_is_there(clerk: SimClerk) -> None:
    """R18 by what the sale knows of its card, whichever of the two had one."""
    await without_card(clerk, amount=100)
    await clerk.home()
    await to_the_card(clerk, amount=100)
    await clerk.go("menu", to="card.absent")
    await clerk.go("enter", to="supervisor.number")
    number = clerk.site.ledger.refunds.recent(1)[0].application + 1
    codes = {one.code for one in clerk.site.ledger.applications.decisions(number)}
    assert {"duplicate", "card_absent"} <= codes
    await clerk.go("cancel", to="home")
    await to_the_card(clerk, amount=100)
    clerk.tap("visa")
    await clerk.wait("supervisor.number")
    assert "Possible duplicate" in clerk.text


@logged_in(GENERIC)
async def test_without_an_answer_it_is_asked_again_and_paid_once(clerk: SimClerk) -> None:
    """No card is kept for it, and nothing is wanting where it goes again (R32)."""
    clerk.site.acquirer.set_mode("drop-answer", 1)
    await without_card(clerk)
    refund, sale = only_refund(clerk), clerk.site.shop.sale(OLDER)
    assert (refund.state, refund.repeats) == (State.ACCEPTED, 1)
    first, again = sent(clerk)
    assert {**first, 64: ""} == {**again, 64: ""}
    assert paid(clerk) == [(sale.rrn, sale.amount)]
    used = "SELECT count(*) FROM key_slots WHERE state != 'free'"
    assert clerk.site.ledger.db.execute(used).fetchone()[0] == 0
    assert list(violations(clerk.site)) == []


@logged_in(GENERIC)
async def test_killed_while_it_was_out_the_next_process_finds_out(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("delay:20", 1)
    await to_the_card(clerk)
    await clerk.go("menu", to="card.absent")
    await clerk.go("enter", to="supervisor.number")
    await clerk.approve(1)
    await clerk.wait("host.wait")
    await clerk.site.until(lambda: len(sent(clerk)) == 1, 60, "the request")
    clerk.site.terminal.kill()
    await clerk.site.revive()
    await clerk.home()
    await clerk.site.until(lambda: only_refund(clerk).state is State.ACCEPTED, 3600, "the outcome")
    await come_to_rest(clerk.site, clerk)
    assert only_refund(clerk).match is CardMatch.BY_REFERENCE
    assert list(violations(clerk.site)) == []


async def advice(clerk: SimClerk, sale: str) -> str:
    """What the customer can do, in one row; and the card still counts."""
    await to_the_card(clerk, sale)
    await clerk.go("menu", to="card.absent.none")
    said = " ".join(clerk.text.split())
    assert "Come with the card or phone that paid" in said
    await clerk.go("enter", to="card.present")
    await clerk.show_card("visa")
    await clerk.wait("result")
    assert only_refund(clerk, sale).match is CardMatch.EXACT
    assert paid(clerk)
    return said


@logged_in(ENGLISH)
async def test_an_acquirer_that_wants_the_card_is_not_asked_without(clerk: SimClerk) -> None:
    assert "This acquirer wants the card" in await advice(clerk, OLDER)


LOST = {"paid": "card", "back": "manual", "exception": "card_lost"}


@logged_in(replace(ENGLISH, policy={"tenders": [LOST]}))
async def test_where_the_shop_lists_an_exception_it_says_where_it_is(clerk: SimClerk) -> None:
    said = await advice(clerk, OLDER)
    assert "Card lost, closed: sale's screen, MENU 3" in said
    assert "ask the card's bank" not in said


@logged_in(GENERIC)
async def test_a_void_has_the_card(clerk: SimClerk) -> None:
    assert "card needed until the batch is settled" in await advice(clerk, "visa-today")


@logged_in(GENERIC)
async def test_a_payment_without_the_whole_reference_has_the_card(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(OLDER)
    clerk.site.ledger.writer.db.execute(
        "UPDATE tenders SET auth_code = '' WHERE rrn = ?", (sale.rrn,)
    )
    assert "Parts of its reference are missing" in await advice(clerk, OLDER)


def test_the_acquirers_own_limits_hold_for_it_as_well(tmp_path: Path) -> None:
    """`refunds_per_sale` counts refunds, with a card or without."""
    own = (Path(profiles.__file__).parent / "generic.toml").read_text("utf-8")
    file = tmp_path / "limited.toml"
    file.write_text(own.replace("checks_card", "refunds_per_sale = 1\nchecks_card", 1), "utf-8")

    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await without_card(clerk, amount=100)
        await clerk.home()
        await clerk.find(clerk.site.shop.sale(OLDER))
        await clerk.go("enter", to="failure")
        assert "takes no more refunds (1)" in clerk.text
        assert len(paid(clerk)) == 1

    tell(story, replace(GENERIC, profile=str(file)))


@logged_in(GENERIC)
async def test_an_acquirer_that_was_set_up_otherwise_declines_it(clerk: SimClerk) -> None:
    """The terminal's file says by_reference, and the bank never heard of it."""
    clerk.site.acquirer.set_mode("code:57", 1)
    await without_card(clerk)
    assert "Not refunded" in clerk.text
    assert only_refund(clerk).state is State.DECLINED
    assert paid(clerk) == []


@logged_in(GENERIC)
async def test_of_a_ticket_each_leg_is_asked_for_by_itself(clerk: SimClerk) -> None:
    """Two cards paid: one is here, the other one's account gets its own part by its reference."""
    sale = clerk.site.shop.sale("two-cards-older")
    await clerk.find(sale)
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter", "supervisor.number")
    await clerk.approve()
    await clerk.wait("card.present")
    assert "MENU: no card" in clerk.text
    await clerk.go("menu", to="card.absent")
    first = sale.payments[0]
    assert first.card is not None
    assert Pan(first.card.pan).masked in clerk.text, "whose account it is"
    await clerk.go("enter", to="supervisor.number")
    await clerk.approve(1)
    await clerk.at("result: enter", "card.present")
    second = sale.payments[1].card
    assert second is not None
    await clerk.show_card(second.name)
    await clerk.wait("result")
    await clerk.home()
    refunds = clerk.site.refunds_of(sale.sale_id)
    matches = {one.leg: one.match for one in refunds}
    assert matches == {1: CardMatch.BY_REFERENCE, 2: CardMatch.EXACT}
    of_legs = [(sale.numbers(one).rrn, one.amount) for one in sale.payments]
    assert sorted(paid(clerk)) == sorted(of_legs)
    assert list(violations(clerk.site)) == []


@logged_in(GENERIC)
async def test_a_wrong_card_opens_no_other_way_for_a_leg_of_a_ticket_either(
    clerk: SimClerk,
) -> None:
    await clerk.find(clerk.site.shop.sale("two-cards-older"))
    await clerk.at("sale: enter", "refund.leg: 3", "refund.amount: enter", "refund.reason: 1")
    await clerk.at("ticket.plan: enter")
    await clerk.approve()
    await three_other_cards(clerk, "ticket.failed")
    await clerk.at("ticket.failed: enter", "card.present: cancel", "ticket.left: enter", "home")
    await clerk.at("home: menu", "menu: 3 6", "ticket.todo: 1", "ticket.left: enter")
    await clerk.at("card.present: menu", "card.absent.none")
    assert "Only other cards were shown" in clerk.text
    await clerk.home()
    assert (sent(clerk), paid(clerk)) == ([], [])


@logged_in(GENERIC)
async def test_of_four_digits_that_nobody_compares_the_account_that_paid_gets_it(
    clerk: SimClerk,
) -> None:
    """No card is asked for; on the day itself it would be a void, which has one."""
    for name, at in (("visa-older", "FOUR"), ("visa-today", "TODAY")):
        sale = clerk.site.shop.sale(name)
        clerk.site.ledger.writer.db.execute(
            """UPDATE tenders SET token = NULL, token_key_id = NULL, par = NULL,
            masked = '************0010' WHERE rrn = ?""",
            (sale.rrn,),
        )
        await clerk.find(sale)
        if at == "TODAY":
            await clerk.go("enter", to="failure")
            assert "does not compare the card" in " ".join(clerk.text.split())
            break
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
        await clerk.approve()
        await clerk.wait("card.absent")
        assert "No card: nothing tells which it was" in clerk.text
        await clerk.go("enter", to="supervisor.number")
        await clerk.approve(1)
        await clerk.wait("result")
        assert only_refund(clerk).match is CardMatch.BY_REFERENCE
        assert paid(clerk) == [(sale.rrn, sale.amount)]
        await clerk.home()


@logged_in(GENERIC)
async def test_given_up_where_no_card_is_asked_for_nothing_was_sent(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(OLDER)
    clerk.site.ledger.writer.db.execute(
        """UPDATE tenders SET token = NULL, token_key_id = NULL, par = NULL,
        masked = '************0010' WHERE rrn = ?""",
        (sale.rrn,),
    )
    await clerk.find(sale)
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.wait("card.absent")
    await clerk.go("cancel", to="home")
    assert (sent(clerk), paid(clerk)) == ([], [])
