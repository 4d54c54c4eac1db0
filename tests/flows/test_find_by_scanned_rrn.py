"""A reference number with letters is scanned at its prompt, or typed as on a telephone (R2)."""

from __future__ import annotations

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import at_the_counter, sell
from worlds.typed import keys_of

RRN = "63240A0000bZ"


@pytest.mark.parametrize("rrn", [RRN, "632400000777"])
@at_the_counter()
async def test_a_scanned_reference_goes_on_to_the_date(clerk: SimClerk, rrn: str) -> None:
    now = clerk.site.parts.wall.now().replace(microsecond=0)
    card = {"kind": "card", "amount": 500, "masked": "476173******0010", "scheme": "VISA"}
    facts = {"batch": "000900", "trace": "000777", "rrn": rrn, "sold_at": now.isoformat()}
    await sell(clerk, "LETTERS", card, **facts)
    await clerk.log_in()
    await clerk.from_menu("Find by reference")
    for wrong in (rrn[:11], rrn + "1", rrn[:11] + "é", rrn[:11] + "-"):
        await clerk.wait("find.rrn")
        clerk.scan(wrong)  # searched for like any other code
        await clerk.at("failure: enter", "home")
        await clerk.from_menu("Find by reference")
    await clerk.at("find.rrn: 12")
    clerk.scan(rrn)
    await clerk.wait("find.date")
    clerk.press(clerk.site.parts.wall.now().strftime("%m%d"), "enter")
    await clerk.wait("sale")
    assert "000777" in clerk.text


@pytest.mark.parametrize("scanned", [RRN.lower(), RRN.upper(), "6324 0a00 00BZ", ""])
@at_the_counter()
async def test_another_spelling_is_the_same_reference(clerk: SimClerk, scanned: str) -> None:
    now = clerk.site.parts.wall.now().replace(microsecond=0)
    card = {"kind": "card", "amount": 500, "masked": "476173******0010", "scheme": "VISA"}
    facts = {"batch": "000900", "trace": "000777", "rrn": RRN, "sold_at": now.isoformat()}
    await sell(clerk, "LETTERS", card, **facts)
    await clerk.log_in()
    await clerk.from_menu("Find by reference")
    await clerk.wait("find.rrn")
    if scanned:
        clerk.scan(scanned)
    else:
        clerk.press(*keys_of(RRN.upper()), "enter")
    await clerk.wait("find.date")
    clerk.press(now.strftime("%m%d"), "enter")
    await clerk.wait("sale")
    assert clerk.site.sale("LETTERS").payments[0].rrn == RRN
