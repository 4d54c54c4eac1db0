"""What the wire can't send is known before: exports with the last four digits, codes of no void."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting
from worlds.counter import at_the_counter, sell, tell

from pos_terminal.core.refund import CardMatch, Kind, State
from pos_terminal.texts import Language

FOUR = "************0010"
"""The VISA test card's."""
NUMBERS = {"batch": "000041", "trace": "000917", "rrn": "632413000917"}
NONE = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")


async def export(clerk: SimClerk, **changes: object) -> None:
    """A till's export that kept four digits; from home to its sale on the screen."""
    card = {"kind": "card", "amount": 2_000, "masked": FOUR, "scheme": ""}
    await sell(clerk, "FOUR", card, **{**NONE, **changes})
    await clerk.wait("home")
    clerk.scan("FOUR")
    await clerk.wait("sale")


@at_the_counter()
async def test_without_a_reference_the_screen_says_what_is_missing(clerk: SimClerk) -> None:
    await clerk.log_in()
    await export(clerk)
    for text in ("Reference no. missing", "Batch no. missing", "Trace no. missing"):
        assert text in clerk.text
    await clerk.go("enter", to="failure")
    said = " ".join(clerk.text.split())
    assert "No reference of the payment yet" in said
    for text in ("Reference no. missing", "Batch no. missing", "Trace no. missing"):
        assert text in said
    assert "The till's office sends the sale again with it" in said, "who can bring it"
    assert "acquirer's statement" in said
    await clerk.home()
    assert clerk.site.ledger.refunds.recent(9) == []


@at_the_counter()
async def test_only_what_is_missing_is_named(clerk: SimClerk) -> None:
    await clerk.log_in()
    await export(clerk, batch="000041", trace="000917")
    assert "Reference no. missing" in clerk.text
    assert "Batch no. missing" not in clerk.text
    await clerk.go("enter", to="failure")
    assert "Reference no. missing" in clerk.text
    assert "Batch no. missing" not in clerk.text


@at_the_counter()
async def test_it_is_never_found_by_its_card(clerk: SimClerk) -> None:
    await clerk.log_in()
    await export(clerk, **NUMBERS)
    await clerk.go("cancel", to="home")
    found = clerk.site.ledger.sales.by_token([clerk.site.shop.keys.token("4761739001010010")])
    assert found != []
    assert "FOUR" not in [sale.sale_id for sale in found]


async def to_the_card(clerk: SimClerk, card: str) -> str:
    await clerk.go("enter", to="refund.amount")
    await clerk.go("enter", to="refund.reason")
    await clerk.go("1", to="supervisor.number")
    await clerk.approve()
    return await clerk.show_card(card, tapped=False)


@at_the_counter()
async def test_with_a_reference_a_supervisor_looks_at_the_card(clerk: SimClerk) -> None:
    """The acquirer has the last word: its 14 is for another card of the same four digits."""
    await clerk.log_in()
    sale = clerk.site.shop.sale("visa-older")
    own = {"batch": sale.batch, "trace": sale.trace, "rrn": sale.rrn}
    # one payment is one sale: the till told of it only what it exported
    clerk.site.ledger.writer.db.execute("UPDATE tenders SET rrn = '' WHERE rrn = ?", (sale.rrn,))
    await export(clerk, **own, sold_at=sale.sold_at.isoformat())
    assert await to_the_card(clerk, "visa") == "supervisor.number"
    await clerk.approve(1)
    await clerk.wait("card.remove")
    clerk.take_away()
    await clerk.wait("result")
    (refund,) = clerk.site.refunds_of("FOUR")
    assert (refund.match, refund.kind, refund.state) == (
        CardMatch.LAST_FOUR,
        Kind.REFUND,
        State.ACCEPTED,
    )


@at_the_counter()
async def test_another_four_digits_are_another_card(clerk: SimClerk) -> None:
    await clerk.log_in()
    await export(clerk, **NUMBERS)
    assert await to_the_card(clerk, "unionpay-debit") == "card.present"


def test_an_acquirer_that_does_not_compare_the_card_gets_none_to_trust() -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        await export(clerk, **NUMBERS | {"auth_code": ""})
        await clerk.go("enter", to="failure")
        assert "with more of the card" in " ".join(clerk.text.split())
        assert "does not compare the card" in " ".join(clerk.text.split())

    tell(story, Setting(profile="generic", language=Language.EN))


def test_a_code_is_as_long_as_the_terminals_acquirer_has_it(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    of_cup = (files("pos_terminal.profiles") / "cup.toml").read_text("utf-8")
    fixed, up_to_eight = (
        '38 = { kind = "an", length = 6 }',
        '38 = { kind = "an", length = 8, prefix = 2 }',
    )
    assert fixed in of_cup
    own.write_text(of_cup.replace(fixed, up_to_eight), "utf-8")

    async def story(clerk: SimClerk) -> None:
        card = {"kind": "card", "amount": 2_000, "masked": "476173******0010", "scheme": ""}
        await sell(clerk, "LONG", card, **NUMBERS | {"auth_code": "A0001789"})

    tell(story, Setting(profile=str(own), language=Language.EN))


@pytest.mark.parametrize(("code", "kind"), [("A00017", Kind.VOID), ("", Kind.REFUND)])
def test_without_an_authorisation_code_it_is_a_refund_and_the_screen_says_why(
    code: str, kind: Kind
) -> None:
    async def story(clerk: SimClerk) -> None:
        await clerk.log_in()
        today = clerk.site.shop.sale("visa-today")
        card = {"kind": "card", "amount": 2_000, "masked": "476173******0010", "scheme": ""}
        own = {"batch": today.batch, "trace": "000918", "rrn": "632413000918", "auth_code": code}
        await sell(clerk, "CODE", card, **own, sold_at=today.sold_at.isoformat())
        await clerk.wait("home")
        clerk.scan("CODE")
        await clerk.at("sale: enter", "refund.amount: enter", "refund.reason")
        assert ("No authorisation code" in clerk.text) is (kind is Kind.REFUND)

    tell(story)
