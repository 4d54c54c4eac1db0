"""A slip that was erased by age is still in the list, and its reprint says why there is none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import in_each_language

from pos_terminal.config import Retention
from pos_terminal.services.retention.purging import Purger
from pos_terminal.texts import Language

TOLD = {
    Language.ZH_CN: ("重打任意一笔", "小票已过保存期 不能重打印"),
    Language.EN: ("Reprint", "Too old to reprint: the slip was erased"),
}


class Later:
    """The shop's clock, 300 days on."""

    def __init__(self, clerk: SimClerk) -> None:
        self._wall = clerk.site.parts.wall

    def now(self) -> datetime:
        return self._wall.now() + timedelta(days=300)

    def monotonic(self) -> float:
        return self.now().timestamp()


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_it_says_that_the_slip_is_gone(clerk: SimClerk, language: Language) -> None:
    entry, words = TOLD[language]
    await clerk.log_in()
    await clerk.give_back(clerk.site.shop.sale("visa-older"), 1000)
    await clerk.accept()
    purger = Purger(
        clerk.site.ledger, Retention(), clock=Later(clerk), doubt=lambda: None, ntp=lambda: True
    )
    assert (await purger.once())["slips"] == 2
    await clerk.from_menu(entry)
    await clerk.wait("reprint.refund")
    assert "10.00" in clerk.text
    await clerk.go("1", to="failure")
    assert words in clerk.text
