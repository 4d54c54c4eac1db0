"""One account, several numbers: to the rules card and phone are one card (R18, R34)."""

from __future__ import annotations

from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import logged_in

from pos_terminal.core.people import Role
from pos_terminal.core.refund import CardMatch, State

CREDIT = "unionpay-credit"


async def to_the_rules(clerk: SimClerk, name: str, card: str) -> None:
    """The same amount of a sale, to this card, until the rules have seen it."""
    await clerk.ask_for(clerk.site.shop.sale(name), 100)
    await clerk.approve()
    await clerk.wait("card.present")
    clerk.tap(card)
    await clerk.wait("supervisor.number", "result", "card.remove", "host.wait")


@logged_in()
async def test_the_phone_after_the_card_is_a_possible_duplicate(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-older"), 100, card=CREDIT)
    await clerk.home()
    await to_the_rules(clerk, "unionpay-credit-today", "phone")
    assert "Possible duplicate refund" in clerk.text
    assert clerk.prompt == "supervisor.number"


@logged_in()
async def test_a_card_after_its_phone_was_called_stolen_is_refused(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-older"), 100, card="phone")
    await clerk.home()
    (stolen,) = clerk.site.refunds_of(clerk.site.shop.sale("unionpay-credit-older").sale_id)
    assert (stolen.state, stolen.match) == (State.DECLINED, CardMatch.PAR)
    await to_the_rules(clerk, "unionpay-credit-today", "unionpay-credit")
    clerk.take_away()
    await clerk.wait("result")
    assert "Card was refused: manual form" in clerk.text


@logged_in()
async def test_two_supervisors_end_it_for_card_and_phone(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-older"), 100, card="phone")
    await clerk.home()
    await clerk.from_menu("Cards called stolen")
    await clerk.at("cleared.choose: 1", "cleared.reference: 47110815 enter")
    await clerk.approve_by_badge()
    await clerk.approve()  # the same one
    await clerk.wait_text("Another supervisor")
    await clerk.approve(1)
    await clerk.wait("cleared.confirm")
    assert "47110815" in clerk.text
    assert clerk.site.ledger.cleared.still_called(9)
    await clerk.at("cleared.confirm: enter", "cleared.done: enter", "home")
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-today"), 100, card=CREDIT)
    await clerk.wait("result")
    assert clerk.site.ledger.refunds.recent(1)[0].state is State.ACCEPTED
    await clerk.home()
    await clerk.at(": menu", "menu: 4", "menu.mistakes")
    assert "Cards called stolen" not in clerk.text


@logged_in()
async def test_whoever_is_logged_in_is_none_of_the_two(clerk: SimClerk) -> None:
    clerk.site.acquirer.set_mode("code:43", 1)
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-older"), 100, card=CREDIT)
    await clerk.home()
    await clerk.from_menu("Log out")
    boss = clerk.site.shop.person(Role.SUPERVISOR)
    await clerk.at(f"login.number: {boss.number} enter", f"login.pin: {boss.pin} enter", "home")
    await clerk.from_menu("Cards called stolen")
    await clerk.at("cleared.choose: 1", "cleared.reference: 47110815 enter")
    await clerk.approve_by_badge()
    await clerk.wait_text("Nobody approves their own")
    assert clerk.site.ledger.cleared.still_called(9)


@logged_in()
async def test_another_account_is_another_card(clerk: SimClerk) -> None:
    await clerk.give_back(clerk.site.shop.sale("unionpay-credit-older"), 100, card=CREDIT)
    await clerk.home()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 100)
    await clerk.wait("result")
    assert [one.state for one in clerk.site.ledger.refunds.recent(2)] == [State.ACCEPTED] * 2
