"""Stories told to the unchanged terminal on virtual time, from key to paper."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.stories import told_by

from pos_terminal.core.refund import State
from pos_terminal.ports import Interface

Tell = Callable[[Site, SimClerk], Awaitable[None]]


def play(tell: Tell, setting: Setting | None = None) -> None:
    """A clerk logs in, the story is told, and at home again everything agrees."""

    async def story(site: Site) -> None:
        site.start()
        clerk = SimClerk(site)
        await clerk.log_in()
        await tell(site, clerk)
        await clerk.home()
        await asyncio.sleep(60)
        assert violations(site) == []

    run_site(story, setting)


def states(site: Site) -> list[str]:
    return [f"{one.kind} {one.state} {one.done}" for one in site.ledger.refunds.recent(50)][::-1]


@told_by(play, 2)
async def test_parts_are_given_back_until_nothing_is_left(site: Site, clerk: SimClerk) -> None:
    sale = site.shop.sale("mastercard-older")
    for amount in (100, 200, None):
        assert await clerk.ask_for(sale, amount) == "supervisor.number"
        await clerk.approve()
        assert await clerk.show_card("mastercard") == "result"
        await clerk.home()
    await clerk.find(sale)
    await clerk.go("enter", to="failure")
    given = (100, 200, sale.amount - 300)
    assert states(site) == [f"refund accepted {amount}" for amount in given]


@told_by(play, 2)
async def test_the_same_amount_to_the_same_card_asks_for_a_second_approval(
    site: Site, clerk: SimClerk
) -> None:
    sale = site.shop.sale("visa-older")
    for expected in ("result", "supervisor.number"):
        await clerk.ask_for(sale, 500)
        await clerk.approve()
        assert await clerk.show_card("visa") == expected
        if expected == "result":
            await clerk.home()
    await clerk.approve(1)
    await clerk.wait("result")
    assert states(site) == ["refund accepted 500"] * 2


@told_by(play, 2)
async def test_three_wrong_cards_end_it_and_nothing_is_sent(site: Site, clerk: SimClerk) -> None:
    await clerk.ask_for(site.shop.sale("visa-older"))
    await clerk.approve()
    for _ in range(2):
        assert await clerk.show_card("mastercard") == "card.present"
    assert await clerk.show_card("jcb", tapped=False) == "result"
    clerk.take_away()
    assert states(site) == []


@told_by(play, 2)
async def test_a_cash_sale_goes_back_through_the_drawer_once(site: Site, clerk: SimClerk) -> None:
    sale = site.shop.sale("cash-today")
    await clerk.ask_for(sale)
    await clerk.approve()
    await clerk.pay_out()
    await clerk.wait("cash.hand_over")
    assert site.parts.drawer == 1
    await clerk.go("enter", to="result")
    assert states(site) == [f"cash handed_over {sale.amount}"]


@pytest.mark.parametrize(
    "prompt",
    [
        *("sale", "refund.amount", "refund.reason", "supervisor.number", "supervisor.pin"),
        *("card.present", "host.connect"),
    ],
)
@told_by(play, 2)
async def test_cancelled_at_any_prompt_before_the_seal_nothing_was_promised(
    site: Site, clerk: SimClerk, prompt: str
) -> None:
    await cancelled_at(site, clerk, prompt)
    before = {
        "refund.reason": ("refund.amount", "sale"),
        "refund.amount": ("sale",),
        "supervisor.pin": ("supervisor.number",),
    }
    for earlier in before.get(prompt, ()):
        await clerk.at(f"{earlier}: cancel")
    assert await clerk.wait("home") == "home"
    clerk.take_away()
    assert states(site) == []
    held = [site.sale(sale.sale_id) for sale in site.shop.sales]
    assert sum(sale.held for sale in held if sale is not None) == 0


async def cancelled_at(site: Site, clerk: SimClerk, prompt: str) -> None:
    person = site.shop.staff[2]
    answers = {
        "sale": ("enter",),
        "refund.amount": ("enter",),
        "refund.reason": ("1",),
        "supervisor.number": (person.number, "enter"),
        "supervisor.pin": (person.pin, "enter"),
        "card.present": (),
    }
    clerk.scan(site.shop.sale("visa-older").receipt_no)
    for name, keys in answers.items():
        await clerk.wait(name)
        if name == prompt:
            clerk.press("cancel")
            return
        clerk.press(*keys)
    # the connection hangs, as it does where a firewall swallows it
    site.acquirer.drop_connections()
    site.wires.connect = never  # type: ignore[method-assign] # put in its place
    clerk.tap("visa")
    await clerk.at("host.connect: cancel")


async def never(host: str = "", port: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets")


@told_by(run_site)
async def test_wrong_pins_lock_and_are_counted_across_a_kill(site: Site) -> None:
    site.start()
    clerk = SimClerk(site)
    person = site.shop.staff[0]
    for _ in range(5):
        await clerk.answer("login.number", person.number)
        await clerk.answer("login.pin", "135791" if person.pin != "135791" else "135792")
        await clerk.at("login.failed: enter")
    await clerk.wait("login.number")
    site.terminal.kill()
    await site.revive()
    await clerk.answer("login.number", person.number)
    await clerk.answer("login.pin", "135791" if person.pin != "135791" else "135792")
    await clerk.at("login.failed: enter", f"login.number: {person.number} enter")
    await clerk.at(f"login.pin: {person.pin} enter", "login.failed")
    await asyncio.sleep(31 * 60)
    clerk.press("enter")
    await clerk.log_in()


@told_by(play, 2)
async def test_a_card_pulled_while_it_is_read_is_asked_for_again(
    site: Site, clerk: SimClerk
) -> None:
    await clerk.to_card(site.shop.sale("visa-older"), 100)
    clerk.insert("visa")
    await clerk.wait("card.reading")
    site.parts.readers.remove(Interface.CONTACT)
    await clerk.wait("card.present")
    assert await clerk.show_card("visa") == "result"
    assert states(site) == ["refund accepted 100"]


@told_by(play, 2)
async def test_hours_of_silence_pass_and_the_late_answer_concludes_it(
    site: Site, clerk: SimClerk
) -> None:
    site.acquirer.set_mode("swallow")
    await clerk.ask_for(site.shop.sale("visa-older"), 100)
    await clerk.approve()
    assert await clerk.show_card("visa") == "result"
    await clerk.home()
    await asyncio.sleep(3 * 3600)
    (refund,) = site.ledger.refunds.recent(9)
    assert (refund.state, refund.repeats > 6) == (State.UNKNOWN, True)
    site.acquirer.set_mode("normal")
    await site.until(lambda: not site.ledger.refunds.open_ones(), 7200, "outcome")
    assert states(site) == ["refund accepted 100"]
