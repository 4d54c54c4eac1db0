"""Forms that people carry out elsewhere: each is what they did with it, and no more goes."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext

import pytest
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.form import Fate, Form, Said, Teller
from hw_sim.proofs.simulation.forms_evening import tell
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.mutants import PAID_ELSEWHERE
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Site, run_site
from worlds.stories import told_by

from pos_terminal.core.refund import State

WALLET = "qr-wallet-today"
MUTANTS = {
    "a form holds nothing": "账本被改动",  # by the ledger itself, and trade stops
    "withdrawn at once": "the acquirer's day ends at",
    "paid late and forgotten": "without a case of",
}


class _Counter:
    """One clerk, one book of what is paid elsewhere."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.clerk = SimClerk(site)
        self.elsewhere = Elsewhere(site, 0, Counter())

    async def print_form(self, fate: Fate, amount: int | None = None, sale: str = WALLET) -> Form:
        """From home to home, once it lies on the counter. Not of a wallet: after a decline."""
        await self.clerk.ask_for(self.site.shop.sale(sale), amount)
        await self.clerk.approve()
        if sale != WALLET:
            self.site.acquirer.set_mode("code:41", 1)
            assert await self.clerk.show_card("visa") == "result"
            self.clerk.press("menu")
            await self.clerk.approve()
        await self.clerk.at("refund.confirm: enter", "result: enter", "home")
        (refund,) = self.site.ledger.refunds.recent(1)

        def there() -> bool:
            self.elsewhere.look()
            return refund.application in self.elsewhere.forms

        await self.site.until(there, 60, "form")
        form = self.elsewhere.forms[refund.application]
        form.fate, form.teller, form.late_teller, form.due = fate, Teller.KEYPAD, Teller.FILE, 0.0
        return form

    async def say(self, form: Form, told: Said) -> None:
        """And whatever is to be paid is."""
        self.elsewhere.look()
        await tell(self.clerk, form, told, form.reference)
        self.elsewhere.pay_the_rest()

    def state(self, form: Form) -> State:
        refund = self.site.ledger.manual.of_application(form.number)
        assert refund is not None
        return refund.state

    async def found(self) -> str:
        await come_to_rest(self.site, self.clerk)
        return "\n".join(violations(self.site))


async def _begin(site: Site) -> _Counter:
    site.start()
    counter = _Counter(site)
    await counter.clerk.log_in()
    return counter


@told_by(run_site)
async def test_paid_late_by_the_file_once_it_went_back_by_another_form(site: Site) -> None:
    """The case says so, and nothing more of the sale goes."""
    counter = await _begin(site)
    late = await counter.print_form(Fate.LATE)
    await counter.say(late, Said.WITHDRAWN)
    other = await counter.print_form(Fate.PAID)
    await counter.say(other, Said.PAID)
    assert late.paid
    assert await counter.elsewhere.tell_by_file()
    assert (counter.state(late), counter.state(other)) == (State.OVERPAID, State.CONFIRMED)
    (case,) = site.ledger.cases.open_ones()
    assert case.over == late.amount
    await counter.clerk.find(site.shop.sale(WALLET))
    assert site.sale(site.shop.sale(WALLET).sale_id).locked
    assert await counter.found() == ""
    assert await counter.elsewhere.tell_by_file(), "there is nothing more to tell"


def test_every_mutant_of_forms_is_tried() -> None:
    assert MUTANTS.keys() == PAID_ELSEWHERE.keys()


@pytest.mark.parametrize("name", [None, *MUTANTS])
@told_by(run_site)
async def test_a_mutant_of_forms_is_noticed(site: Site, name: str | None) -> None:
    """None: without a mutant nothing is."""
    counter = await _begin(site)
    with PAID_ELSEWHERE[name]() if name else nullcontext():
        if name == "withdrawn at once":
            card = await counter.print_form(Fate.NEVER, 100, "visa-older")
            await counter.say(card, Said.WITHDRAWN)
        elif name == "a form holds nothing":
            await counter.print_form(Fate.PAID)
            with pytest.raises(Lost) as lost:
                await counter.print_form(Fate.PAID)
            assert MUTANTS[name] in str(lost.value).replace("\n", "")
            return
        else:
            late = await counter.print_form(Fate.LATE, 100)
            await counter.say(late, Said.WITHDRAWN)
            assert await counter.elsewhere.tell_by_file()
        counter.elsewhere.pay_the_rest()
        found = await counter.found()
    assert MUTANTS[name] in found if name else found == ""
