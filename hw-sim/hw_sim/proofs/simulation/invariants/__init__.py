"""What must hold on both ledgers and on paper, whatever happened (``docs/simulation.md``)."""

from __future__ import annotations

from typing import Final

from hw_sim.proofs.simulation.invariants.adjusted import adjusted, below
from hw_sim.proofs.simulation.invariants.balances import balances, goods, sold
from hw_sim.proofs.simulation.invariants.beside import in_cases, paid_beside
from hw_sim.proofs.simulation.invariants.both_sides import (
    Key,
    both_agree,
    right_payment,
    within_the_payment,
)
from hw_sim.proofs.simulation.invariants.card_absent import card_absent
from hw_sim.proofs.simulation.invariants.cases import cases
from hw_sim.proofs.simulation.invariants.credits import credits_, later
from hw_sim.proofs.simulation.invariants.endings import ended, left_to_people, one_open
from hw_sim.proofs.simulation.invariants.exchange_credits import exchange_credits
from hw_sim.proofs.simulation.invariants.exchanged import exchanged
from hw_sim.proofs.simulation.invariants.forms import forms
from hw_sim.proofs.simulation.invariants.inspected import inspected
from hw_sim.proofs.simulation.invariants.invoices import invoices
from hw_sim.proofs.simulation.invariants.ledger import chain, dates, no_card_number
from hw_sim.proofs.simulation.invariants.messages import asked, messages
from hw_sim.proofs.simulation.invariants.no_receipt import no_receipt
from hw_sim.proofs.simulation.invariants.opened import reopened
from hw_sim.proofs.simulation.invariants.papers import (
    cash_limit,
    drawer,
    papers,
    questions,
    vouchers,
)
from hw_sim.proofs.simulation.invariants.payouts import payouts
from hw_sim.proofs.simulation.invariants.pieces import pieces
from hw_sim.proofs.simulation.invariants.recovered import recovered
from hw_sim.proofs.simulation.invariants.right_card import right_card
from hw_sim.proofs.simulation.invariants.staff import locked_ones
from hw_sim.proofs.simulation.invariants.stock import stock
from hw_sim.proofs.simulation.invariants.tickets import tickets
from hw_sim.proofs.simulation.invariants.typed import typed, typed_hits
from hw_sim.proofs.simulation.invariants.worth import worth
from hw_sim.proofs.simulation.site import Site

__all__ = [
    "MOST_REFUNDS",
    "Key",
    "asked",
    "below",
    "both_agree",
    "left_to_people",
    "money",
    "one_open",
    "paid_beside",
    "typed",
    "typed_hits",
    "violations",
]
MOST_REFUNDS: Final = 10_000


def violations(site: Site, *, lied: bool = False) -> list[str]:
    """Everything that does not hold, once faults are healed and time has passed.

    ``lied``: the acquirer's answers were not what it did, and its file has been taken in.
    """
    refunds = list(site.ledger.refunds.recent(MOST_REFUNDS))
    return [
        *money(site, lied=lied),
        *papers(site, refunds),
        *questions(site),
        *drawer(site),
        *cases(site),
        *payouts(site),
        *recovered(site),
        *vouchers(site, refunds),
        *cash_limit(site, refunds),
        *no_receipt(site, refunds),
        *messages(site),
        *right_card(site),
        *card_absent(site),
        *locked_ones(site),
        *dates(site),
        *no_card_number(site),
        *(f"the terminal stumbled: {crash}" for crash in site.crashes),
        *site.objections,
        *site.terminal.objections,
    ]


def money(site: Site, *, lied: bool = False) -> list[str]:
    """What does not hold of the two ledgers alone, whatever lies on the counter."""
    refunds = list(site.ledger.refunds.recent(MOST_REFUNDS))
    sales = sold(site)
    return [
        *balances(site, sales),
        *goods(site, sales),
        *worth(site, sales),
        *inspected(site, refunds),
        *adjusted(site, sales),
        *within_the_payment(site),
        *(() if lied else right_payment(site, sales)),
        *(in_cases(site, refunds) if lied else both_agree(site.acquirer.ledger(), refunds)),
        *ended(site, refunds),
        *tickets(site, refunds),
        *forms(site, [*sales, *(one for _, one in later(site))], refunds, lied=lied),
        *credits_(site),
        *invoices(site),
        *stock(site, refunds),
        *exchanged(site, refunds),
        *exchange_credits(site, refunds),
        *reopened(site),
        *pieces(site, refunds),
        *one_open(refunds),
        *chain(site),
    ]
