"""Proof of purchase from the ledger, for who never had the receipt or lost it (R73).

It moves no money: it is counted, and the log has who printed it.
"""

from __future__ import annotations

from pos_terminal.core.money import with_symbol
from pos_terminal.core.sale import SaleOrigin, SaleState
from pos_terminal.core.unfit import Unfit
from pos_terminal.core.words import Failure, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found import Found
from pos_terminal.flows.common.next_search import next_search
from pos_terminal.flows.common.turned_away import by_state, no_sale
from pos_terminal.ports import InputEvent, Key, KeyPressed
from pos_terminal.ui.ask import confirm, heading, large
from pos_terminal.ui.page import Line, Page


async def prove_purchase(desk: Desk, found: Found) -> None:
    """One slip of this sale. TurnedAway where it is not known or not confirmed; Failure
    ``flows.not_by_gift`` for who has no more than a gift receipt, ``flows.not_of_a_till`` of what
    people typed: that proves nothing."""
    sale = desk.ledger.sales.by_key(found.sale_key)
    if sale is None:
        raise no_sale(Unfit.NO_SALE, "")
    if found.by_gift:
        raise Failure("flows.not_by_gift")
    if sale.origin is not SaleOrigin.FEED:
        raise Failure("flows.not_of_a_till")
    if sale.state is SaleState.UNCONFIRMED:
        raise by_state(sale)
    before = desk.ledger.slips.proofs_of(sale.key)
    title = say("flows.proof")
    lines = (
        Line(f"{sale.sold_at:%Y-%m-%d %H:%M}", sale.number),
        large(say("flows.amount"), with_symbol(sale.amount, sale.currency)),
        *([heading(say("flows.proofs_before", count=before))] if before else []),
        Line(say("flows.proof_moves_nothing")),
    )

    def asked() -> Page:
        """With what keeps it from being printed now."""
        trouble = desk.printing.trouble
        said = () if trouble is None else (heading(trouble),)
        return Page("proof.confirm", title, (*said, *lines), hint=say("flows.proof_hint"))

    await confirm(desk.ui, asked)
    slip = desk.papers().proof(sale, desk.clerk.number)
    number = await desk.ledger.slips.prove(sale.key, slip, desk.clerk.number)
    desk.printing.wake()
    page = Page(
        "proof.done",
        title,
        (heading(say("flows.proof_printing", number=number)),),
        hint=say("ui.enter"),
    )

    def accept(event: InputEvent) -> bool | None:
        if event in (KeyPressed(Key.ENTER), KeyPressed(Key.CANCEL)):
            return True
        next_search(desk)(event)
        return None

    await desk.ui.prompt(page, accept, fresh=True, cancellable=False)
