"""One day on which everything is written that a terminal writes, without a fault of chance."""

from __future__ import annotations

import asyncio
from typing import Final

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.counter_stories import COUNTER
from hw_sim.proofs.simulation.rest import come_to_rest
from hw_sim.proofs.simulation.site import Setting, Site
from hw_sim.proofs.simulation.stories import PARTIAL, REFUND, VOID
from pos_terminal.services.ledger.tidy import QUIET_SECONDS

_REFUSED: Final = "mastercard-older"
_LOST: Final = "jcb-older"


SETTING: Final = Setting(
    rules={name: rule for story in COUNTER for name, rule in story.rules.items()},
    policy={name: option for story in COUNTER for name, option in story.policy.items()},
)


async def tour(site: Site) -> None:
    """Refund, void, a refusal, an answer that is lost; tidied in between; a kill with an intent
    open, the start after it; then the whole counter: a visit with cash, a voucher and points,
    forms, typed sales, goods without a receipt; and an orderly end."""
    site.start()
    clerk = SimClerk(site)
    for story in (REFUND, VOID):
        await story.tell(clerk)
    await asyncio.sleep(2 * QUIET_SECONDS)
    site.acquirer.set_mode("code:51", 1)
    await _give_back(clerk, _REFUSED, 700)
    site.acquirer.set_mode("drop-answer", 1)
    await PARTIAL.tell(clerk)
    await asyncio.sleep(2 * QUIET_SECONDS)
    site.acquirer.set_mode("swallow")
    await clerk.ask_for(site.shop.sale(_LOST), 900)
    await clerk.approve()
    clerk.tap("jcb")
    await clerk.wait("host.wait")
    site.terminal.kill()
    clerk.take_away()
    site.acquirer.set_mode("normal")
    await site.revive()
    await come_to_rest(site, clerk)
    await _give_back(clerk, _REFUSED, 300)
    await asyncio.sleep(2 * QUIET_SECONDS)
    for story in COUNTER:
        await story.tell(clerk)
    await asyncio.sleep(2 * QUIET_SECONDS)


async def go_on_with(clerk: SimClerk) -> list[str]:
    """The counter's stories from wherever the power was cut, to their end; what does not hold of
    them then."""
    found = []
    for story in COUNTER:
        assert story.wrong is not None  # none of them is one sale's alone
        if story.wrong(clerk):
            await story.tell(clerk)
            await come_to_rest(clerk.site, clerk)
            found += story.wrong(clerk)
    return found


async def _give_back(clerk: SimClerk, sale: str, amount: int) -> None:
    site = clerk.site
    await clerk.ask_for(site.shop.sale(sale), amount)
    await clerk.approve()
    card = site.shop.sale(sale).tenders[0].card
    await clerk.show_card(card.name if card else "")
    await clerk.home()
