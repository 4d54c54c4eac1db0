"""The token key was replaced: sales of before are found by their card, and so is the past."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import a_refund, logged_in
from worlds.token_keys import replaced

from pos_terminal.core.refund import CardMatch, Refund


def token_of(clerk: SimClerk, refund: Refund) -> str:
    sql = "SELECT token FROM refunds WHERE refund_id = ?"
    token: str = clerk.site.ledger.db.execute(sql, (refund.refund_id,)).fetchone()[0]
    return token


@logged_in()
async def test_a_card_is_that_of_its_sale_and_finds_it(clerk: SimClerk) -> None:
    await replaced(clerk.site)
    await clerk.home()
    clerk.tap("jcb")  # has no PAR: its sales are found by the old token or not at all
    await clerk.wait("find.choose")
    clerk.take_away()
    await clerk.home()
    clerk.tap("visa")
    await clerk.wait("find.choose")
    clerk.take_away()
    await clerk.home()
    refund = await a_refund(clerk)
    assert (refund.state, refund.match) == ("accepted", CardMatch.EXACT)


JCB = "jcb-older"
"""Of a card without PAR: its past is found by the old token or not at all."""


@logged_in()
async def test_the_same_card_and_amount_again_is_noticed_over_the_replacement(
    clerk: SimClerk,
) -> None:
    sale = clerk.site.shop.sale(JCB)
    await clerk.give_back(sale, 123, card="jcb")
    await clerk.home()
    (before,) = clerk.site.ledger.refunds.recent(1)
    await replaced(clerk.site)
    await clerk.home()
    assert await clerk.give_back(sale, 123, card="jcb") == "supervisor.number", (
        "the rule asks: duplicate"
    )
    await clerk.approve(1)
    await clerk.wait("result")
    await clerk.home()
    (after, *_) = clerk.site.ledger.refunds.recent(2)
    asking = [
        one.rule
        for one in clerk.site.ledger.applications.decisions(2)
        if one.code and one.rule != "policy"
    ]
    assert asking == ["duplicate"]
    assert token_of(clerk, after) != token_of(clerk, before), "a new refund has the new token"
    third = await clerk.give_back(sale, 123, card="jcb")
    assert third == "supervisor.number", "and the next one is held against both"


@logged_in()
async def test_a_card_called_stolen_stays_so_under_the_new_key(clerk: SimClerk) -> None:
    sale = clerk.site.shop.sale(JCB)
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(sale, 100, card="jcb")
    await clerk.home()
    await replaced(clerk.site)
    await clerk.home()
    other = clerk.site.shop.sale("jcb-today")  # of this payment nothing goes back anyway
    await clerk.give_back(other, 200, card="jcb")
    await clerk.home()
    (refund,) = clerk.site.ledger.refunds.recent(5)
    assert refund.amount == 100, "nothing more went to the acquirer"
    rules = [one.rule for one in clerk.site.ledger.applications.decisions(2)]
    assert "card_refused" in rules
