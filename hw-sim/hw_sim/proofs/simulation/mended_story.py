"""A story of the counter: what went wrong with a refund is mended from its cases, which are closed
(R45, R46, R47a).

As every one of them it looks at the ledger first, and goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from hw_sim.bench import identity
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.counter_hands import exactly, to_the_end
from hw_sim.proofs.simulation.stories import Story
from pos_terminal.core import receipt_code
from pos_terminal.core.case import MISTAKES, CaseKind
from pos_terminal.core.case_paper import PaperKind
from pos_terminal.core.case_step import StepKind
from pos_terminal.core.payout import PayoutKind, PayoutState
from pos_terminal.core.print_job import UNPRINTED
from pos_terminal.core.refund import Refund
from pos_terminal.core.remedy import Remedy
from pos_terminal.core.words import say
from pos_terminal.ports import Case
from pos_terminal.texts import render

_SALE: Final = "promotion-older"
_PRICE: Final = 1_295
_ASKED_BACK, _FREIGHT, _GOODWILL = 400, 800, 300
_PER_CASE, _PER_DAY = 1_000, 1_100
_REFERENCE: Final = "20261120"


async def _mended(clerk: SimClerk) -> None:
    """One case goes to its end before the other begins."""
    await clerk.home()
    if _refund(clerk) is None:
        await clerk.find(clerk.site.shop.sale(_SALE))
        await clerk.at("sale: enter", "refund.amount: menu", "refund.lines: 1")
        await clerk.at("refund.quantity: enter", "refund.lines: menu", "refund.amount: enter")
        await clerk.at("refund.reason: 4")
        await to_the_end(clerk)
    await _hand_over(clerk)
    if not _closed(clerk, CaseKind.ACCOUNT):
        await _account(clerk)
    if not _closed(clerk, CaseKind.GOODS):
        await _goods(clerk)


async def _account(clerk: SimClerk) -> None:
    """The acquirer is asked to correct it, the customer pays back a part, and has the freight."""
    await _case(clerk, CaseKind.ACCOUNT)
    if StepKind.CALL not in _steps(clerk, CaseKind.ACCOUNT):
        await clerk.at("case.facts: 1", "case.step: 1", "case.text: 4711 enter")
        await clerk.at("evidence.kind: menu", "case.next: 0 enter", "case.noted: enter")
    if PaperKind.CORRECTION not in _papers(clerk):
        await _do(clerk, Remedy.CORRECTION)
        await clerk.at("case.form: enter", "case.form_done: enter")
    if PaperKind.RECOVERY not in _papers(clerk):
        await _do(clerk, Remedy.RECOVERY)
        await clerk.at(f"recovery.amount: {_ASKED_BACK} enter", "recovery.done: enter")
    if PayoutKind.CASH not in _payouts(clerk):
        await _pay_out(clerk, 1, PayoutKind.CASH, _FREIGHT)
        await clerk.at("payout.hand_over: enter", "payout.done: enter")
    await _close(clerk, cause=1)


async def _goods(clerk: SimClerk) -> None:
    """The supplier is asked for what the goods cost, and the customer has something by a form."""
    await _case(clerk, CaseKind.GOODS)
    if PaperKind.CLAIM not in _papers(clerk):
        await _do(clerk, Remedy.CLAIM)
        await clerk.at("claim.goods: enter", "claim.freight: enter", "evidence.kind: 3")
        await clerk.wait("evidence.reference")
        clerk.scan("PHOTO-2026-88")
        await clerk.wait_text("PHOTO-2026-88")
        await clerk.at("evidence.reference: enter", "evidence.kind: menu")
        await clerk.at("claim.confirm: enter", "claim.done: enter")
    if PayoutKind.MANUAL not in _payouts(clerk):
        await _pay_out(clerk, 2, PayoutKind.MANUAL, _GOODWILL)
        await clerk.at("payout.done: enter")
    await _close(clerk, cause=2)


async def _case(clerk: SimClerk, kind: CaseKind) -> None:
    """To its screen by the slip of the refund; one that is open is the one meant."""
    refund = _refund(clerk)
    if refund is None:
        raise Lost("nothing went back of what is to be mended")
    home = (identity.MERCHANT_ID, identity.TERMINAL_ID)
    await clerk.go("menu", "4", "4", to="find.trace")
    clerk.scan(receipt_code.encode(refund.kind, *home, refund.refund_id))
    await clerk.at(f"case.kind: {MISTAKES.index(kind) + 1}", "case.opened: enter", "case.facts")


async def _do(clerk: SimClerk, remedy: Remedy) -> None:
    await clerk.at("case.facts: 2", "case.remedy")
    clerk.choose(render(say(f"remedy.do_{remedy.value}"), clerk.site.setting.language))


async def _pay_out(clerk: SimClerk, what: int, kind: PayoutKind, amount: int) -> None:
    await _do(clerk, Remedy.PAYOUT)
    digit = list(PayoutKind).index(kind) + 1
    await clerk.at(f"payout.what: {what}", f"payout.kind: {digit}")
    await clerk.answer("payout.amount", str(amount))
    for place in (0, 1):
        await clerk.approve(place)


async def _hand_over(clerk: SimClerk) -> None:
    """What was committed and not handed over: by the menu, unless the drawer was opened for it."""
    if clerk.site.ledger.payouts.to_hand_over() and not clerk.site.parts.drawer:
        await clerk.at("home: menu", "menu: 3 2", "cash.choose: 1")
        await clerk.approve()
        await clerk.at("payout.hand_over: enter", "payout.done: enter", "home")


async def _close(clerk: SimClerk, cause: int) -> None:
    await clerk.at("case.facts: enter")
    await clerk.answer("case.reference", _REFERENCE)
    await clerk.at(f"case.close: {cause}", "case.loss: enter")
    await clerk.approve()
    await clerk.at("case.confirm_closing: enter", "case.closed: enter", "home")


def _refund(clerk: SimClerk) -> Refund | None:
    sale = clerk.site.sale(clerk.site.shop.sale(_SALE).sale_id)
    own = clerk.site.ledger.refunds.of_sale(sale.key)
    return next((one for one in own if one.done == _PRICE), None)


def _cases(clerk: SimClerk) -> list[Case]:
    refund = _refund(clerk)
    rows = clerk.site.ledger.db.execute("SELECT case_id, refund_id FROM cases ORDER BY case_id")
    own = (row["case_id"] for row in rows if refund and row["refund_id"] == refund.refund_id)
    found = (clerk.site.ledger.cases.by_id(case_id) for case_id in own)
    return [one for one in found if one is not None]


def _closed(clerk: SimClerk, kind: CaseKind) -> bool:
    return any(one.kind is kind and not one.open for one in _cases(clerk))


def _steps(clerk: SimClerk, kind: CaseKind) -> list[StepKind]:
    own = (one.case_id for one in _cases(clerk) if one.kind is kind)
    return [step.kind for case_id in own for step in clerk.site.ledger.cases.steps(case_id)]


def _papers(clerk: SimClerk) -> list[PaperKind]:
    papers = clerk.site.ledger.case_papers
    return [paper.kind for case in _cases(clerk) for paper in papers.of_case(case.case_id)]


def _payouts(clerk: SimClerk) -> list[PayoutKind]:
    payouts = clerk.site.ledger.payouts
    return [one.kind for case in _cases(clerk) for one in payouts.of_case(case.case_id)]


_KINDS: Final = (CaseKind.ACCOUNT, CaseKind.GOODS)
_STEPS: Final = {
    CaseKind.ACCOUNT: {StepKind.CALL: 1, StepKind.SLIP: 2, StepKind.DECISION: 1},
    CaseKind.GOODS: {StepKind.SLIP: 1, StepKind.DECISION: 1},
}
_PAPERS: Final = {
    PaperKind.CORRECTION: 1,
    PaperKind.RECOVERY: 1,
    PaperKind.CLAIM: 1,
    PaperKind.PAYOUT: 2,
}


def _of_mended(clerk: SimClerk) -> list[str]:
    """Both cases are closed, and each step, paper and payout of them is there once."""
    wrong = exactly(
        Counter(f"{one.kind} {'open' if one.open else 'closed'}" for one in _cases(clerk)),
        {f"{kind} closed": 1 for kind in _KINDS},
    )
    for kind in _KINDS:
        found = Counter(map(str, _steps(clerk, kind)))
        wrong += exactly(found, {str(step): count for step, count in _STEPS[kind].items()})
    wrong += exactly(Counter(map(str, _papers(clerk))), {str(k): n for k, n in _PAPERS.items()})
    ledger = clerk.site.ledger
    paid = [one for case in _cases(clerk) for one in ledger.payouts.of_case(case.case_id)]
    wrong += exactly(
        Counter(f"{one.amount} {one.kind}" for one in paid),
        {f"{_FREIGHT} {PayoutKind.CASH}": 1, f"{_GOODWILL} {PayoutKind.MANUAL}": 1},
    )
    if clerk.site.parts.drawer == 0 and any(o.state is PayoutState.TO_HAND_OVER for o in paid):
        wrong.append("what was paid out lies there, and the drawer was never opened")
    for case in _cases(clerk):
        jobs = [job for job in ledger.slips.of_case(case.case_id) if not job.duplicate]
        codes = Counter(job.slip.head.barcode for job in jobs)
        wrong += [f"{code} is on {n} slips" for code, n in codes.items() if n not in (1, 2)]
    if ledger.slips.in_state(*UNPRINTED):
        wrong.append("slips are not out")
    return wrong


MENDED: Final = Story(
    "mended",
    _SALE,
    _mended,
    amount=_PRICE,
    policy={"payouts": {"per_case": _PER_CASE, "per_day": _PER_DAY}},
    wrong=_of_mended,
    repeats=("identical",),
)
