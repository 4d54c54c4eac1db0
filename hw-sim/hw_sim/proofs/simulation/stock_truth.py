"""How goods are that were booked otherwise: as the supervisor read it who corrected it (R48)."""

from __future__ import annotations

import re
from typing import Final

from hw_sim.proofs.simulation.new_entries import NewEntries
from hw_sim.proofs.simulation.site import Site
from hw_sim.proofs.simulation.stock_book import CONDITIONS, NEVER_CAME, Corrected
from pos_terminal.core.words import say
from pos_terminal.ports import Frame
from pos_terminal.texts import Language, render

_CORRECTED: Final = """SELECT seq, facts ->> 'refund' AS refund FROM audit
    WHERE seq > :seen AND kind = 'stock_corrected' ORDER BY seq"""
_GOODS: Final = re.compile(r"(?m)^(.*\S)\s+×([\d.]+)$")


class StockTruth:
    """Sees every frame, and looks at what came of the last question to a supervisor."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._new = NewEntries(site, _CORRECTED)
        self._asked: tuple[str, str, str] | None = None
        """Name, quantity and condition that were on the screen last."""
        site.viewers.append(self._see)

    def _see(self, frame: Frame) -> None:
        self.look()
        text = "\n".join(row.text.strip() for row in frame.rows)
        if frame.prompt == "stock.slip":
            self._asked = None
        elif frame.prompt == "supervisor.number" and self._word("stock.right") in text:
            goods = _GOODS.search(text)
            right = text.split(self._word("stock.right"))[1]
            found = [code for code in CONDITIONS if self._name(code) in right]
            if self._word("goods.back_none") in right:
                found.append(NEVER_CAME)
            if goods is None or len(found) != 1:
                self._site.objections.append(f"a correction that nobody can read: {text}")
            else:
                self._asked = goods[1], goods[2], found[0]

    def look(self) -> None:
        """At the corrections that came since the last look."""
        for row in self._new.look():
            if self._asked is None:
                self._site.objections.append(f"stock of refund {row['refund']} was corrected")
            else:
                self._site.corrected.append(Corrected(row["refund"], *self._asked))
                self._asked = None

    def _name(self, code: str) -> str:
        _, chinese, english = CONDITIONS[code]
        return chinese if self._site.setting.language is Language.ZH_CN else english

    def _word(self, name: str) -> str:
        return render(say(name), self._site.setting.language)
