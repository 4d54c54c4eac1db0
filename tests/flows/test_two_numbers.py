"""One card, two applications, a number in each: the sale's is found, sent and printed (R4, R27)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hw_sim.cards.card_files import cards
from hw_sim.cards.card_os import CardOs
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants.messages import asked
from msgspec.structs import replace
from worlds.counter import logged_in

from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import Funding
from pos_terminal.ports import Interface

CARD = "two-numbers"
DEBIT, CREDIT = "6250946000000016", "6200000000000047"


def masked(number: str) -> str:
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def noted(clerk: SimClerk) -> list[Any]:
    rows = clerk.site.ledger.db.execute("SELECT facts FROM audit WHERE kind = 'wrong_card'")
    return [json.loads(row["facts"])["card"] for row in rows]


async def given_back(clerk: SimClerk, sale: str, number: str, funding: Funding) -> None:
    """123 of this sale, by the card of both numbers: sent and stored is the one of the sale."""
    sold = clerk.site.shop.sale(sale)
    await clerk.give_back(sold, 123, card=CARD)
    await clerk.wait("result")
    (refund,) = clerk.site.refunds_of(sold.sale_id)
    assert (refund.match, refund.masked) == (CardMatch.EXACT, masked(number))
    row = clerk.site.ledger.db.execute("SELECT scheme, funding, token FROM refunds").fetchone()
    assert tuple(row) == ("unionpay", funding, clerk.site.shop.keys.token(number))
    assert [fields[2] for _, _, fields in asked(clerk.site)][-1] == masked(number)
    assert noted(clerk) == []


@logged_in()
async def test_the_second_number_is_the_sales(clerk: SimClerk) -> None:
    await given_back(clerk, "two-numbers-credit-older", CREDIT, Funding.CREDIT)
    await clerk.home()
    assert masked(CREDIT) in clerk.papers[0]
    assert masked(DEBIT) not in clerk.papers[0]


@logged_in()
async def test_the_first_number_is_the_sales(clerk: SimClerk) -> None:
    await given_back(clerk, "two-numbers-older", DEBIT, Funding.DEBIT)


@logged_in()
async def test_the_very_number_goes_before_another_one_of_its_account(clerk: SimClerk) -> None:
    """The first application has the account's other number, as its PAR tells."""
    card = cards()[CARD]
    first, second = card.application
    account = replace(first, par=second.par, records=second.records)
    both = CardOs(replace(card, application=[account, second]), Interface.CONTACT)
    sold = clerk.site.shop.sale("two-numbers-credit-older")
    await clerk.to_card(sold, 123)
    clerk.site.parts.readers.insert(both)
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("result")
    (refund,) = clerk.site.refunds_of(sold.sale_id)
    assert (refund.match, refund.masked) == (CardMatch.EXACT, masked(CREDIT))


@logged_in()
async def test_a_card_of_two_other_numbers_is_one_try(clerk: SimClerk) -> None:
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert(CARD)
    await clerk.wait_text("Not the card of the sale; 2 left")
    assert noted(clerk) == [f"{masked(DEBIT)} {masked(CREDIT)}"]
    clerk.take_away()
    await clerk.show_card("visa")
    await clerk.wait("result")


@pytest.mark.parametrize("accounts", [True, False])
@logged_in()
async def test_a_card_at_home_finds_the_sales_of_all_its_numbers_newest_first(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch, accounts: bool
) -> None:
    """Also where nothing is known of accounts, which would find the other number's sales alone."""
    monkeypatch.setattr(type(clerk.site.ledger.sales), "know_accounts", lambda _: accounts)
    sales = [one for one in clerk.site.shop.sales if one.name.startswith(CARD)]
    assert len(sales) == 4
    clerk.insert(CARD)
    await clerk.wait("find.choose")
    newest = sorted(sales, key=lambda one: one.sold_at, reverse=True)
    places = [clerk.text.index(f"{one.sold_at:%Y-%m-%d %H:%M} {one.trace}") for one in newest]
    assert places == sorted(places)
    clerk.take_away()


@logged_in()
async def test_a_card_that_lay_there_from_before_costs_no_try(clerk: SimClerk) -> None:
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("jcb")
    await clerk.approve()
    await clerk.wait_text("Not the card of the sale; 3 left")
    assert noted(clerk) == []
    clerk.take_away()
    clerk.insert("jcb")
    await clerk.wait_text("Not the card of the sale; 2 left")
    clerk.take_away()
    await clerk.show_card("visa")
    await clerk.wait("result")


@logged_in()
async def test_a_card_that_nobody_took_away_is_no_new_try(clerk: SimClerk) -> None:
    """Its reader was away and is back, with the same card in it."""
    readers = clerk.site.parts.readers
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("jcb")
    await clerk.wait_text("2 left")
    for _ in range(3):
        readers.unplug(Interface.CONTACT)
        readers.plug(Interface.CONTACT)
        await clerk.wait("card.reading")
        await clerk.wait("card.present")
        assert "2 left" in clerk.text
    clerk.take_away()
    clerk.insert("amex")
    await clerk.wait_text("1 left")
    assert len(noted(clerk)) == 2


@logged_in()
async def test_another_card_in_a_reader_that_was_away_costs_a_try(clerk: SimClerk) -> None:
    """Free is the card alone that lay there from before."""
    readers = clerk.site.parts.readers
    await clerk.ask_for(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("jcb")
    await clerk.approve()
    await clerk.wait_text("3 left")
    readers.unplug(Interface.CONTACT)
    clerk.take_away()
    clerk.insert("amex")
    readers.plug(Interface.CONTACT)
    await clerk.wait_text("2 left")
    assert len(noted(clerk)) == 1


@logged_in()
async def test_a_reader_that_goes_in_mid_reading_is_not_the_customers_hurry(
    clerk: SimClerk,
) -> None:
    readers = clerk.site.parts.readers
    readers.answer_seconds = 0.5
    await clerk.to_card(clerk.site.shop.sale("visa-older"), 100)
    clerk.insert("visa")
    await clerk.wait("card.reading")
    readers.unplug(Interface.CONTACT)
    await clerk.wait_text("Reading was interrupted")
    clerk.take_away()
    readers.plug(Interface.CONTACT)
    clerk.insert("visa")
    await clerk.wait("card.reading")
    clerk.take_away()
    await clerk.wait_text("Card removed too soon")
    clerk.insert("visa")
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("result")


@logged_in()
async def test_a_broken_record_and_stray_digits_refuse_nothing(clerk: SimClerk) -> None:
    for card in ("broken-record", "stray-digits"):
        sale = clerk.site.shop.sale(f"{card}-older")
        await clerk.give_back(sale, 123, card=card)
        await clerk.wait("result")
        (refund,) = clerk.site.refunds_of(sale.sale_id)
        assert refund.match is CardMatch.EXACT
        await clerk.home()
        clerk.tap(card)
        await clerk.wait("find.choose")
        clerk.take_away()
        await clerk.home()


class Counted(CardOs):
    """A card that counts what it is asked."""

    asked = 0

    def answer(self, apdu: bytes) -> bytes:
        self.asked += 1
        return super().answer(apdu)


@pytest.mark.parametrize(("accounts", "commands"), [(True, 7), (False, 6)])
@logged_in()
async def test_a_card_at_home_is_read_on_only_where_some_sale_knows_its_account(
    clerk: SimClerk, monkeypatch: pytest.MonkeyPatch, accounts: bool, commands: int
) -> None:
    """Directory (3), application, its options, the record with the number; the one with the PAR."""
    monkeypatch.setattr(type(clerk.site.ledger.sales), "know_accounts", lambda _: accounts)
    card = Counted(cards()["visa"], Interface.CONTACT)
    clerk.site.parts.readers.insert(card)
    await clerk.wait("find.choose")
    assert card.asked == commands
