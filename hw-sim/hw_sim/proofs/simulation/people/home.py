"""How the next customer is begun with, and what is chosen in the menu."""

from __future__ import annotations

from functools import partial

from hw_sim.proofs.simulation.people.card import CardHolder
from hw_sim.proofs.simulation.people.credit import Credit
from hw_sim.proofs.simulation.people.credit_sales import CreditSales
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.exchange import Exchanges
from hw_sim.proofs.simulation.people.forms import Forms
from hw_sim.proofs.simulation.people.hands import Choices, Comer, Hands, Screens
from hw_sim.proofs.simulation.people.mistakes import Mistakes
from hw_sim.proofs.simulation.people.stock import CorrectsStock
from hw_sim.proofs.simulation.people.trouble import something_open
from pos_terminal.core.dropped import Drop
from pos_terminal.ports import ScanDropped


class AtHome:
    """The screen that always comes back."""

    def __init__(
        self,
        hands: Hands,
        customer: Customer,
        cards: CardHolder,
        *comers: Comer,
        credit: Credit,
        forms: Forms,
        later: CreditSales,
        corrects: CorrectsStock,
        exchanges: Exchanges,
        mistakes: Mistakes,
    ) -> None:
        """``comers``: kinds of customers, asked in their order; most days have none of them."""
        self._hands = hands
        self._customer = customer
        self._cards = cards
        self._credit = credit
        self._forms = forms
        self._later = later
        self._corrects = corrects
        self._exchanges = exchanges
        self._mistakes = mistakes
        self._comers = comers

    def screens(self) -> Screens:
        return {"home": self._at_home, "menu": self._menu}

    def _at_home(self) -> Choices:
        keys, clerk = self._hands.keys, self._hands.clerk
        for one in self._comers:
            if one.comes():
                return one.begin()
        sale = self._forms.wanted() or self._customer.next_sale()
        trace = self._customer.look_for(sale).trace
        begin = partial(self._customer.begin, sale)
        waiting = self._hands.site.setting.repeat == "never" and something_open(self._hands)
        vouchers = self._credit.vouchers()
        return [
            *([(40, "asks about what is unknown", keys("menu"))] if waiting else []),
            (50, "", partial(begin, lambda: clerk.scan(sale.receipt_no))),
            (15, "", partial(begin, keys(trace.lstrip("0")[:1]))),
            (12, "", partial(begin, lambda: self._cards.lay(self._cards.right_card()))),
            (10, "opens the menu", keys("menu")),
            (4, "scans nonsense", lambda: clerk.scan("http://?%7f\u20ac")),
            (2, "scans badly", lambda: self._hands.site.post(ScanDropped(Drop.PAUSE))),
            *((6, "scans a voucher", partial(clerk.scan, one)) for one in vouchers),
            *self._forms.at_home(),
            *self._later.at_home(),
            *self._corrects.at_home(),
            *self._exchanges.at_home(),
            *self._mistakes.at_home(),
        ]

    def _menu(self) -> Choices:
        """Everything but the own PIN, which the person would have to remember; most often what
        waits, where something does."""
        waiting = ["31"] * 8 if something_open(self._hands) else []
        waiting += ["22"] * 8 * self._hands.site.parts.printer.printer.mechanism.claims_offline
        ways = ["11", "12", "21", "31", "32", "33", "34", "35", "36", "36", "41", "42", "51", "81"]
        way = self._hands.chance.choice([*ways, *waiting])
        return [
            (9, "", self._hands.keys(*way)),
            (1, "cancels", self._hands.keys("cancel")),
        ]
