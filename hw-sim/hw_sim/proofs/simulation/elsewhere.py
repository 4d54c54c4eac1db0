"""What people, banks and platforms pay by the forms of the counter; the acquirer's file of it.

A book of its own: a form is one once it lies whole on the counter, what it is worth stands on it,
and what is paid depends on nothing that the terminal says but that it is withdrawn.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

from hw_sim.bench import identity
from hw_sim.printer.as_text import as_text
from hw_sim.proofs.simulation.form import Fate, Form, Said, Teller
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core import receipt_code
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.words import Failure

MANY: Final = 0.5
"""Of the days: with wallets, and codes that lead to the form."""
_CODE: Final = re.compile(r"(?<!\d)\d{13}(?!\d)")
_ORIGINS: Final = """SELECT r.application, t.kind, coalesce(x.exception, '') AS exception,
    (SELECT d.response FROM refunds d WHERE d.sale_key = r.sale_key AND d.leg = r.leg
    AND d.state = 'declined' AND d.refund_id < r.refund_id ORDER BY 1 DESC LIMIT 1) AS code
    FROM refunds r JOIN tenders t USING (sale_key, leg)
    LEFT JOIN exceptions x USING (application) WHERE r.kind = 'manual'"""
_MET: Final = """SELECT count(*) FROM refunds r WHERE kind = 'manual' AND state = 'overpaid'
    AND EXISTS (SELECT 1 FROM refunds n WHERE n.sale_key = r.sale_key AND n.leg = r.leg
    AND n.refund_id > r.refund_id AND (n.done > 0 OR n.state = 'form_printed'))"""
_NOT_REDEEMED: Final = "SELECT count(*) FROM cases WHERE kind = 'voucher_not_redeemed'"
_APART: Final = """SELECT count(*) FROM exceptions JOIN applications a ON a.number = application
    WHERE EXISTS (SELECT 1 FROM applications o WHERE o.ticket = a.ticket AND o.place != a.place)"""
_GROUPS: Final = {
    **dict.fromkeys(("04", "34", "41", "43"), "after 04, 34, 41 or 43"),
    **dict.fromkeys(("15", "40", "57", "62"), "after 15, 40, 57 or 62"),
    **dict.fromkeys(("38", "55", "75"), "after 38, 55 or 75"),
}
_LOOKS: Final = 20.0
"""Virtual seconds between looks at the counter."""
_FATES: Final = {Fate.PAID: 40, Fate.NEVER: 15, Fate.LATE: 45}
_TELLERS: Final = {Teller.KEYPAD: 55, Teller.FILE: 35, Teller.NOBODY: 10}
_BEFORE: Final[dict[Said | None, State]] = {
    Said.PAID: State.FORM_PRINTED,
    Said.WITHDRAWN: State.FORM_PRINTED,
    Said.PAID_LATE: State.WITHDRAWN,
}
"""In which list it is until it is told."""


class Elsewhere:
    """``work`` until cancelled; ``pay_the_rest`` in the evening."""

    def __init__(self, site: Site, seed: int, counts: Counter[str]) -> None:
        self._site = site
        self._seed = seed
        self._counts = counts
        self._read = 0
        """Receipts of the roll that were looked at."""
        self.forms: dict[int, Form] = {}
        site.forms = self.forms
        self._chance = Random(f"file of forms {seed}")
        self.many = self._chance.random() < MANY
        """Whether this is a day of many forms."""
        self.people = Random(f"people with forms {seed}")
        """What people do with forms: a stream of its own."""

    async def work(self) -> None:
        while True:
            await asyncio.sleep(_LOOKS)
            self.look()
            if self._chance.random() < 0.02:
                await self.tell_by_file()

    def look(self) -> None:
        """At what was printed and withdrawn since; and pay what is due."""
        ledger = self._site.terminal.ledger
        if ledger is None or self._site.terminal.dead:
            return
        self._find_papers()
        now = self._site.loop.time()
        for one in self.forms.values():
            if one.struck is None and one.fate is Fate.LATE:
                refund = ledger.manual.of_application(one.number)
                if refund is not None and refund.state is State.WITHDRAWN:
                    one.struck = now
            since = one.struck if one.fate is Fate.LATE else one.printed
            if one.fate is not Fate.NEVER and since is not None and now >= since + one.due:
                self._pay(one)

    def pay_the_rest(self) -> None:
        """Whatever will ever be paid."""
        self.look()
        for one in self.forms.values():
            if one.fate is Fate.PAID or (one.fate is Fate.LATE and one.struck is not None):
                self._pay(one)

    def to_tell(self, teller: Teller) -> list[Form]:
        """Those of which this one has something to tell that the terminal's lists lack."""
        ledger = self._site.terminal.ledger
        if ledger is None:
            return []
        lists: dict[State | None, Sequence[Refund]] = {
            State.FORM_PRINTED: ledger.manual.open_ones()
        }
        lists[State.WITHDRAWN] = ledger.manual.withdrawn()
        listed = {state: {one.application for one in some} for state, some in lists.items()}
        return [
            one
            for one in self.forms.values()
            if one.is_told_by(teller) and one.number in listed.get(_BEFORE.get(one.told_now), ())
        ]

    def count_origins(self) -> None:
        """Why each form that lies on the counter was opened, and what met on one payment."""
        shown = zip(self._site.trace, self._site.trace[1:], strict=False)
        early = sum(pair == ("manual.form", "failure") for pair in shown)
        self._counts["person withdraws a form too early"] += early
        (doubted,) = self._site.ledger.db.execute(_NOT_REDEEMED).fetchone()
        self._counts["voucher said to have paid, and not redeemed"] += doubted
        (apart,) = self._site.ledger.db.execute(_APART).fetchone()
        self._counts["leg of a ticket sent another way"] += apart
        (met,) = self._site.ledger.db.execute(_MET).fetchone()
        self._counts["form paid late, and its money was back already"] += met
        for row in self._site.ledger.db.execute(_ORIGINS):
            if row["application"] in self.forms:
                group = _GROUPS.get(row["code"], "") if row["exception"] == "declined" else ""
                why = group or row["exception"] or row["kind"]
                self._counts[f"form opened: {why}"] += 1

    def _pay(self, one: Form) -> None:
        if not one.paid:
            one.paid = True
            self._counts[f"form paid {'after all' if one.fate is Fate.LATE else 'elsewhere'}"] += 1

    def _find_papers(self) -> None:
        roll = self._site.parts.printer.printer.roll.all()
        for receipt in roll[self._read :]:
            if not receipt.complete and receipt is roll[-1]:
                return
            self._read += 1
            codes = _CODE.findall(as_text(receipt)) if receipt.complete else []
            for code in map(receipt_code.decode, codes):
                if code is not None and code.kind == receipt_code.APPLICATION_DIGIT:
                    self._found(code.serial)

    def _found(self, number: int) -> None:
        refund = self._site.ledger.manual.of_application(number)
        if refund is None or number in self.forms:
            return  # of a refusal, or its second copy
        draw = Random(f"form {self._seed} {number}")
        fate = draw.choices(list(_FATES), list(_FATES.values()))[0]
        teller, late = draw.choices(list(_TELLERS), list(_TELLERS.values()), k=2)
        code = receipt_code.encode_application(identity.MERCHANT_ID, identity.TERMINAL_ID, number)
        due = draw.expovariate(1 / draw.choice([60.0, 600.0, 3600.0]))
        self.forms[number] = Form(
            *(number, code, refund.amount, fate, teller, late, due),
            printed=self._site.loop.time(),
        )
        self._counts["form printed"] += 1

    # --- the acquirer's file -------------------------------------------------------------------

    async def tell_by_file(self) -> bool:
        """Whether the terminal surely has all that is to be told so; it may be killed meanwhile."""
        told = self.to_tell(Teller.FILE)
        if not told:
            return True
        terminal = self._site.terminal
        verb = terminal.verbs.get("import-outcomes")
        if verb is None:
            return False
        for one in told:
            if one.told_now is not None:
                one.said.add(one.told_now)  # it may have it, whatever comes of the asking
        kinds = Counter(f"form {one.told_now} by file" for one in told)
        request = {"text": _file(told), "source": "forms.jsonl"}
        try:
            answer = await terminal.ask(lambda: verb(request))
        except Failure:
            return False
        if answer is None or "report" not in answer:
            return False
        report = answer["report"]
        if report["problems"]:
            self._site.objections.append(f"the file of forms: {report['problems']}")
        self._counts["file of forms"] += 1
        if not report["left"]:
            self._counts.update(kinds)
        return not self.to_tell(Teller.FILE)


def _file(told: Sequence[Form]) -> str:
    """As ``docs/acquirer-file.md`` has it."""
    records = [
        {
            "terminal_id": identity.TERMINAL_ID,
            "merchant_id": identity.MERCHANT_ID,
            "kind": "manual",
            "application": one.number,
            "amount": one.amount,
            "outcome": "not_paid" if one.told_now is Said.WITHDRAWN else "paid",
            "reference": one.reference,
        }
        for one in told
    ]
    return "".join(json.dumps(record) + "\n" for record in records)
