"""A terminal that goes on from a ledger that a release wrote, on virtual time."""

from __future__ import annotations

from hw_sim.bench import script
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.releases import Release

from pos_terminal.core.cause import LEFT_TO_PEOPLE
from pos_terminal.core.people import Role
from pos_terminal.core.refund import State
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language

HOURS = 3600.0


async def sign_on(clerk: SimClerk) -> None:
    """A technician, who may go on with what the acquirer had stopped; then the clerk again."""
    person = clerk.site.shop.person(Role.TECHNICIAN)
    await clerk.at(": menu", "menu: 5 1")
    await clerk.at(f"login.number: {person.number} enter", f"login.pin: {person.pin} enter")
    await clerk.at("menu: 7 1", "line.done: cancel", "menu: 5 1", "login.number")
    await clerk.home()


def finish_and_trade(release: Release) -> None:
    """What is owed ends as it must, with the acquirer of then, which has heard of none of it; a
    refund of a sale of then is paid; all of it holds."""
    around = release.around

    async def told(site: Site) -> None:
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        await clerk.home()

        def owed() -> list[tuple[str, str]]:
            return [
                (one.kind, one.state)
                for one in site.ledger.refunds.open_ones()
                if one.cause not in LEFT_TO_PEOPLE
            ]

        assert owed()
        await site.until(lambda: not owed(), 4 * HOURS, "end of what is owed")
        for sale_id, state in around["owed"].items():
            assert [one.state for one in site.refunds_of(sale_id)] == [state], sale_id
        if site.ledger.counter.stopped() is not None:
            await sign_on(clerk)
        trade = around["trade"]
        await clerk.play(script.find(trade["receipt_no"]))
        await clerk.play(script.ask_for("1234"))
        await clerk.approve()
        assert await clerk.show_card(trade["card"]) == "result"
        await clerk.home()
        (refund,) = site.refunds_of(trade["sale_id"])
        assert (refund.state, refund.done) == (State.ACCEPTED, 1_234)
        assert site.crashes == []
        verify_store(site.ledger)

    run_site(told, Setting(language=Language.EN), shop=release.shop())
