"""Only the card of the sale (R27)."""

from __future__ import annotations

import pytest

from pos_terminal.core.card_match import Need, Presented, match_card, still_needed
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import CardMatch
from pos_terminal.core.sale import CardRef, Funding

PAN = Pan("6250947000000014")
PAR, OTHER_PAR = "P" * 29, "Q" * 29
TOKEN, OTHER = "a" * 64, "b" * 64


def sold(
    token: str | None = None,
    key: str | None = "k1",
    par: str | None = None,
    masked: str | None = None,
) -> CardRef:
    return CardRef(masked, token, key if token else None, par, "unionpay", Funding.DEBIT)


@pytest.mark.parametrize(
    ("card_of_sale", "par", "match"),
    [
        (sold(TOKEN), None, CardMatch.EXACT),
        (sold(TOKEN, par=OTHER_PAR), PAR, CardMatch.EXACT),
        (sold(OTHER, par=PAR), PAR, CardMatch.PAR),
        (sold(OTHER, par=OTHER_PAR), PAR, None),
        (sold(OTHER, masked=PAN.masked), None, None),
        (sold(TOKEN, key="k0", masked=PAN.masked), None, CardMatch.MASKED),
        (sold(TOKEN, key="k0"), None, None),
        (sold(masked=PAN.masked), None, CardMatch.MASKED),
        (sold(masked=PAN.masked, par=OTHER_PAR), PAR, None),
        (sold(masked=PAN.masked, par=PAR), None, CardMatch.MASKED),
        (sold(masked="625094******0015"), None, None),
        (sold(masked="625094*******0014"), None, None),
        (sold(), None, None),
        (sold(), PAR, None),
    ],
)
def test_match(card_of_sale: CardRef, par: str | None, match: CardMatch | None) -> None:
    presented = Presented(PAN, TOKEN, "k1", par)
    assert match_card(card_of_sale, presented, checked=False) is match


@pytest.mark.parametrize(
    ("card_of_sale", "par", "match"),
    [
        (sold(OTHER, key="k0"), None, CardMatch.EXACT),
        (sold(TOKEN, key="k0", masked=PAN.masked), None, None),
        (sold(TOKEN, key="k0", par=PAR), PAR, CardMatch.PAR),
        (sold(TOKEN), None, CardMatch.EXACT),
        (sold(OTHER), None, None),
        (sold(OTHER, key="k9", masked=PAN.masked), None, CardMatch.MASKED),
    ],
)
def test_a_sale_under_a_key_that_was_replaced_is_held_against_the_token_under_it(
    card_of_sale: CardRef, par: str | None, match: CardMatch | None
) -> None:
    card = Presented(PAN, TOKEN, "k1", par, older={"k0": OTHER})
    assert match_card(card_of_sale, card, checked=True) is match


@pytest.mark.parametrize(
    ("card_of_sale", "par", "match"),
    [
        (sold(masked="****0014"), None, CardMatch.LAST_FOUR),
        (sold(masked="***************0014"), None, CardMatch.LAST_FOUR),
        (sold(masked="**0014"), PAR, CardMatch.LAST_FOUR),
        (sold(masked="****0015"), None, None),
        # what is better than four digits decides
        (sold(OTHER, masked="****0014"), None, None),
        (sold(TOKEN, masked="****0015"), None, CardMatch.EXACT),
        (sold(masked="****0014", par=OTHER_PAR), PAR, None),
        (sold(masked="****0015", par=PAR), PAR, CardMatch.PAR),
    ],
)
def test_the_last_four_count_where_the_acquirer_compares_the_card(
    card_of_sale: CardRef, par: str | None, match: CardMatch | None
) -> None:
    presented = Presented(PAN, TOKEN, "k1", par)
    assert match_card(card_of_sale, presented, checked=True) is match
    by_four = match is CardMatch.LAST_FOUR
    assert match_card(card_of_sale, presented, checked=False) is (None if by_four else match)


@pytest.mark.parametrize(
    ("card_of_sale", "par", "need"),
    [
        # its number: nothing else is asked, not even for an account
        (sold(TOKEN), None, Need.NOTHING),
        (sold(TOKEN, par=PAR), None, Need.NOTHING),
        (sold(masked=PAN.masked), None, Need.NOTHING),
        # an account to compare with, and the card has not said its own
        (sold(OTHER, par=PAR), None, Need.ACCOUNT),
        (sold(masked=PAN.masked, par=PAR), None, Need.ACCOUNT),
        # its account, where the sale has no number to compare with
        (sold(par=PAR), PAR, Need.NOTHING),
        (sold(OTHER, key="k0", par=PAR), PAR, Need.NOTHING),
        # its account, and the sale has a number: another application may have that very one
        (sold(OTHER, par=PAR), PAR, Need.ANOTHER),
        # another card, whatever more it says
        (sold(OTHER), None, Need.ANOTHER),
        (sold(OTHER, par=PAR), OTHER_PAR, Need.ANOTHER),
        (sold(masked="625094******0015"), None, Need.ANOTHER),
        (sold(), None, Need.ANOTHER),
    ],
)
def test_what_a_reading_still_needs(card_of_sale: CardRef, par: str | None, need: Need) -> None:
    presented = Presented(PAN, TOKEN, "k1", par)
    assert still_needed(card_of_sale, presented, checked=False) is need
