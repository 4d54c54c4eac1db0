"""A person at the keypad who mostly does the right thing: seeded, by what the screen asks for.

What is done about each kind of screen stands in ``people/``.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Final

from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.people.bought import BringsBought
from hw_sim.proofs.simulation.people.card import CardHolder
from hw_sim.proofs.simulation.people.credit import Credit
from hw_sim.proofs.simulation.people.credit_sales import CreditSales
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.exchange import Exchanges
from hw_sim.proofs.simulation.people.facts import Remembers
from hw_sim.proofs.simulation.people.finding import Finding
from hw_sim.proofs.simulation.people.forms import Forms
from hw_sim.proofs.simulation.people.goods import GoodsOnTheDesk
from hw_sim.proofs.simulation.people.hands import Choices, Hands
from hw_sim.proofs.simulation.people.home import AtHome
from hw_sim.proofs.simulation.people.invoices import Invoices
from hw_sim.proofs.simulation.people.mistakes import Mistakes
from hw_sim.proofs.simulation.people.no_receipt import NoReceipt
from hw_sim.proofs.simulation.people.remedies import Remedies
from hw_sim.proofs.simulation.people.sale import AtTheSale
from hw_sim.proofs.simulation.people.scanning import ScansGoods
from hw_sim.proofs.simulation.people.staff import StaffAtKeys
from hw_sim.proofs.simulation.people.stock import CorrectsStock
from hw_sim.proofs.simulation.people.trouble import Trouble
from hw_sim.proofs.simulation.people.typing import TypesIn
from hw_sim.proofs.simulation.site import Site

_WAITING: Final = ("wait", "reading", "connect", "starting")
_LONGEST_LOOK: Final = 60.0
"""Virtual seconds after which the person looks again, whether or not the screen changed."""


_TRUE: Final = ("unknown.", "clock.", "manual.")
"""Screens on which nobody presses what they do not mean: whatever is said there counts."""


class Person:
    """Serves ``customers`` and then stays at the home screen."""

    def __init__(
        self,
        site: Site,
        chance: Random,
        counts: Counter[str],
        *,
        whims: Random,
        forgetful: Random,
        bare: Random,
        unsure: Random,
        exchanging: Random,
        bringing: Random,
        scanning: Random,
        correcting: Random,
        mistaken: Random,
        elsewhere: Elsewhere,
        credit_till: CreditTill,
    ) -> None:
        """``elsewhere``: where the forms of the counter are paid, or not; ``credit_till``: what
        sells for vouchers, points and gifts.

        The streams are each for something of its own: most days stay what they were without
        it."""
        hands = Hands(site, chance, counts)
        self._hands = hands
        self.clerk = hands.clerk
        self.customer = Customer(hands, whims, forgetful)
        self.cards = CardHolder(hands, self.customer)
        self.no_receipt = NoReceipt(hands, self.customer, self.cards, bare)
        self.types = TypesIn(hands, self.customer, unsure)
        self.remembers = Remembers(hands, self.customer, unsure)
        self.exchanges = Exchanges(hands, self.customer, exchanging)
        self.brings = BringsBought(hands, self.customer, self.exchanges, bringing)
        self.scans = ScansGoods(hands, self.customer, credit_till, scanning)
        self.corrects = CorrectsStock(hands, correcting)
        self.mistakes = Mistakes(hands, mistaken)
        self._invoices = Invoices(hands)
        credit = Credit(hands)
        self._forms = Forms(hands, elsewhere, elsewhere.people)
        self._later = later = CreditSales(hands, self.customer, credit_till)
        parts = (
            AtHome(
                *(hands, self.customer, self.cards),
                *(later, self.brings, self.no_receipt, self.types, self.remembers),
                *(self.exchanges, self.scans),
                credit=credit,
                forms=self._forms,
                later=later,
                corrects=self.corrects,
                exchanges=self.exchanges,
                mistakes=self.mistakes,
            ),
            self.types,
            self.remembers,
            self.exchanges,
            self.brings,
            self.scans,
            self.corrects,
            StaffAtKeys(hands, self.customer, self.cards),
            Finding(hands, self.customer),
            AtTheSale(hands, self.customer, self.scans),
            GoodsOnTheDesk(hands),
            self._invoices,
            self.cards,
            self.no_receipt,
            credit,
            self._forms,
            later,
            Trouble(hands),
            self.mistakes,
            Remedies(hands, mistaken),
        )
        self._screens = {name: do for part in parts for name, do in part.screens().items()}

    async def work(self, customers: int) -> None:
        """One screen after the other, until so many customers were served."""
        chance = self._hands.chance
        while self.customer.served < customers or self.clerk.prompt != "home":
            screen = self._hands.site.terminal.screen
            changed = asyncio.ensure_future(screen.changed())
            await asyncio.sleep(chance.uniform(0.1, 3.0))
            idle = self._act(screen.prompt)
            try:
                async with asyncio.timeout(idle or _LONGEST_LOOK):
                    await changed
                    while idle and screen.prompt == "home":  # it is only a minute later
                        await screen.changed()
            except TimeoutError:
                continue

    def choices(self, prompt: str) -> Choices:
        """What may be done about this screen."""
        if prompt.endswith(_WAITING):
            return self._while_waiting(prompt)
        return self._screens.get(prompt, self._some_choice)()

    def _act(self, prompt: str) -> float:
        """Do something about this screen; how long the person then looks away, 0 for not."""
        chance, counts = self._hands.chance, self._hands.counts
        mashes = chance.random() < 0.02 and not prompt.startswith(_TRUE)
        if mashes:
            self._mash()
        if prompt == "home" and chance.random() < 0.03:
            counts["person idle"] += 1
            return chance.uniform(60.0, 2000.0)
        if prompt == "sale" and chance.random() < 0.04:
            counts["person talks over a sale"] += 1
            return chance.uniform(20.0, 120.0)
        self._card_away(prompt)
        choices = [*self.choices(prompt), *self._forms.leads_there(), *self.mistakes.leads_there()]
        if choices:
            weights = [weight for weight, _, _ in choices]
            _, name, act = chance.choices(choices, weights)[0]
            if name:
                counts[f"person {name}"] += 1
            act()
        if mashes:
            self._later.in_doubt()
            self._invoices.in_doubt()
        return 0.0

    def _mash(self) -> None:
        """Keys that nobody asked for."""
        chance = self._hands.chance
        self._hands.counts["person mashes keys"] += 1
        keys = ["1", "5", "00", "enter", "clear", "cancel", "up", "down", "menu"]
        self.clerk.press(*chance.choices(keys, k=chance.randint(1, 4)))

    def _card_away(self, prompt: str) -> None:
        present = self._hands.site.parts.readers.present()
        if not present or prompt in ("card.present", "card.reading"):
            return
        if prompt == "card.remove" or self._hands.chance.random() < 0.8:
            self.clerk.take_away()

    def _while_waiting(self, prompt: str) -> Choices:
        keys = self._hands.keys
        found: Choices = [
            (20, "", lambda: None),
            (1, "presses while waiting", keys("enter")),
        ]
        if prompt == "card.reading":
            found.append((4, "pulls the card", self.clerk.take_away))
        if prompt.endswith("connect"):
            found.append((4, "gives up connecting", keys("cancel")))
        return found

    def _some_choice(self) -> Choices:
        down = ["down"] * self._hands.chance.randint(0, 2)
        return [
            (4, "", self._hands.keys(*down, "enter")),
            (1, "", self._hands.keys("cancel")),
        ]
