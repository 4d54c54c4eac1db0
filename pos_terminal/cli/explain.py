"""``pos-terminal explain REQUEST``: why each rule answered as it did, from stored facts alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, to_builtins
from msgspec.structs import asdict

from pos_terminal.cli.explain_goods import GoodsTeller, goods_named, out_shown, told_whole
from pos_terminal.cli.numbers import row
from pos_terminal.core.came_back import CameBack
from pos_terminal.core.decision import StoredVerdict
from pos_terminal.core.exchange import GivenOut
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.local_time import local
from pos_terminal.core.money import with_symbol
from pos_terminal.core.refund import Kind, Refund
from pos_terminal.core.sale import Sale, SaleOrigin, SaleState, Tender
from pos_terminal.core.stock import Moved
from pos_terminal.core.tenders import Basis
from pos_terminal.core.voucher import Voucher, mask
from pos_terminal.core.words import Failure, Value, say
from pos_terminal.ports import (
    Application,
    Approval,
    Case,
    CaseStep,
    CreditBought,
    CreditReopened,
    Evidence,
    Finding,
    FormConfirmation,
    LedgerReads,
    Movement,
    Payout,
    TakenBack,
)
from pos_terminal.texts import Language, known
from pos_terminal.texts.domain import of_objection

if TYPE_CHECKING:
    from pos_terminal.config import Config

MONEY: Final = frozenset(
    {
        *("amount", "together", "sold", "done", "held", "worth", "deduction", "most", "cash_back"),
        *("limit", "amount_limit", "untaken"),
        *("ceiling", "unknown_goods", "unknown_limit"),
        *(f"{who}_{name}" for who in ("clerk", "terminal") for name in ("amount", "amount_limit")),
    }
)
"""Figures of rules that are minor units."""
BY_LINE: Final = "lowest"
"""The figure that has an amount for each line."""
NO_LIMIT: Final = frozenset({("cash_limit", "limit")})
"""Figures by rule of which 0 says that there is none."""
PAYMENT: Final = ("terminal_id", "batch", "trace", "rrn", "auth_code")
"""What the acquirer knows a payment by, beside its time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "application",
        type=row,
        nargs="?",
        metavar="REQUEST",
        help="the number of the application, as on its slip; also of one that was refused",
    )
    which.add_argument("--refund", type=row, metavar="N", help="the refund's number instead")
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--language", choices=[one.value for one in Language])
    parser.add_argument("--json", action="store_true", help="the facts as they are stored")


def run(arguments: argparse.Namespace) -> int:
    """Failure ``ledger.no_request`` or ``ledger.no_refund`` for a number that is not there."""
    from pos_terminal.config import load
    from pos_terminal.services.ledger.read_only import read_ledger

    config = load(arguments.config)
    language = Language(arguments.language or config.terminal.language)
    with read_ledger(config) as ledger:
        application = _wanted(ledger, arguments)
        if arguments.json:
            print(json.dumps(_facts(_found(ledger, application)), ensure_ascii=False, indent=2))
            return 0
        lines = explained(ledger, config, language, application.number)
    for line in lines:
        print(line)
    return 0


def explained(
    ledger: LedgerReads, config: Config, language: Language, number: int
) -> Sequence[str]:
    """Why each rule answered as it did, and what became of it. Failure ``ledger.no_request``."""
    application = ledger.applications.by_number(number)
    if application is None:
        raise Failure("ledger.no_request", number=number)
    found, tell = _found(ledger, application), Teller(language, config)
    sale, leg = found.sale, found.leg
    return [
        *tell.application(application, sale),
        *tell.ticket(application, found.plan),
        *([] if leg is None or sale is None else tell.leg(leg, sale)),
        *map(tell.taken_back, found.taken_back),
        *([] if found.basis is None else tell.basis(found.basis)),
        *(line for one in found.refunds for line in tell.refund(one, *found.said[one.refund_id])),
        *(line for one in found.cases for line in tell.case(one, ledger.cases.steps(one.case_id))),
        *(tell.payout(*one) for one in found.payouts),
        *(line for one in found.vouchers for line in tell.voucher(one)),
        *([] if found.credit is None else tell.exchange_credit(found.credit, found.rests)),
        *map(tell.credit_bought, found.bought),
        *([] if found.credit is None else tell.credit_reopened(found.credit, found.again)),
        *(tell.movement(one, sale) for one in found.movements if one),
        *(tell.price_typed(one) for one in found.out if one.price is not None),
        *(tell.goods(one, application.reason) for one in found.goods),
        *tell.goods_back(application),
        *map(tell.given_again, found.given_again),
        *tell.owed(application),
        *tell.proofs(found.proofs),
        *tell.decisions(found.decisions),
        *map(tell.approval, ledger.applications.approvals(number)),
    ]


class _Found(Struct):
    """All that is stored of an application."""

    application: Application
    decisions: Sequence[StoredVerdict]
    sale: Sale | None
    leg: Tender | None
    goods: Sequence[dict[str, Any]]
    refunds: Sequence[Refund]
    plan: Sequence[Application]
    basis: Basis | None
    said: Mapping[int, tuple[Sequence[Evidence], Sequence[Finding], FormConfirmation | None]]
    cases: Sequence[Case]
    """Of its refunds, and of its sale as such."""
    payouts: Sequence[tuple[Payout, Voucher | None]]
    """What was paid out for these cases, with the voucher that it is."""
    proofs: int
    taken_back: Sequence[TakenBack]
    vouchers: Sequence[Voucher]
    credit: ExchangeCredit | None
    rests: Sequence[Application]
    bought: Sequence[CreditBought]
    again: Sequence[CreditReopened]
    out: Sequence[GivenOut]
    movements: Sequence[Movement]
    given_again: Sequence[CameBack]


def _found(ledger: LedgerReads, application: Application) -> _Found:
    sale = ledger.sales.by_key(application.sale_key)
    refunds = _refunds(ledger, application)
    credit = ledger.exchange_credits.behind(application.number)
    vouchers = (ledger.vouchers.of_refund(one.refund_id) for one in refunds)
    about = [] if sale is None else ledger.cases.about(sale.key)
    of_it = {None, *(one.refund_id for one in refunds)}
    cases = [one for one in about if one.refund_id in of_it]
    paid_out = [one for case in cases for one in ledger.payouts.of_case(case.case_id)]
    return _Found(
        application=application,
        decisions=ledger.applications.decisions(application.number),
        sale=sale,
        leg=_leg(sale, application),
        goods=goods_named(sale, application),
        refunds=refunds,
        plan=ledger.applications.of_ticket(application.ticket),
        basis=ledger.exceptions.of_application(application.number),
        said={
            one.refund_id: (
                ledger.outcomes.evidence(one.refund_id),
                ledger.findings.of_refund(one.refund_id),
                ledger.manual.confirmation(one.refund_id),
            )
            for one in refunds
        },
        cases=cases,
        payouts=[(one, ledger.vouchers.of_payout(one.payout_id)) for one in paid_out],
        proofs=0 if sale is None else ledger.slips.proofs_of(sale.key),
        taken_back=[] if sale is None else ledger.journal.taken_back(sale.key),
        vouchers=[one for one in vouchers if one],
        credit=credit,
        rests=[] if credit is None else _rests(ledger, credit),
        bought=[] if credit is None else ledger.exchange_credits.bought(credit.number),
        again=[] if credit is None else ledger.exchange_credits.opened_again(credit.ticket),
        out=[one for by in refunds for one in ledger.exchanges.of_refund(by.refund_id)],
        movements=[one for by in refunds for one in ledger.stock.of_refund(by.refund_id)],
        given_again=[]
        if sale is None
        else ledger.sales.given_again(sale.key, application.leg, application.number),
    )


def _facts(found: _Found) -> dict[str, Any]:
    """As they are stored."""
    application, credit = found.application, found.credit
    return {
        "ticket": application.ticket,
        "place": application.place,
        "decisions": [asdict(one) for one in found.decisions],
        "leg": None if found.leg is None else leg_facts(found.leg),
        "invoice": to_builtins(application.invoice),
        "items": found.goods,
        "goods_back": application.goods_back,
        "proofs": found.proofs,
        "typed_withdrawn": to_builtins(found.taken_back),
        "exception": None if found.basis is None else to_builtins(found.basis),
        "voucher": next((voucher_facts(one) for one in found.vouchers), None),
        "exchange_credit": None
        if credit is None
        else credit_facts(credit, found.rests)
        | {"bought": to_builtins(found.bought), "reopened": to_builtins(found.again)},
        "gives_again": to_builtins(found.given_again),
        "out": list(map(out_shown, found.out)),
        "stock": [told_whole(one) for one in found.movements],
        "points": next((one.n for one in found.movements if one.what is Moved.POINTS), None),
        "cases": [
            {"number": one.case_id, "kind": one.kind, "open": one.open, "steps": one.steps}
            for one in found.cases
        ],
        "payouts": [
            to_builtins(one) | {"voucher": None if voucher is None else mask(voucher.number)}
            for one, voucher in found.payouts
        ],
    }


def _wanted(ledger: LedgerReads, arguments: argparse.Namespace) -> Application:
    number = arguments.application
    if arguments.refund is not None:
        refund = ledger.refunds.by_id(arguments.refund)
        if refund is None:
            raise Failure("ledger.no_refund", number=arguments.refund)
        number = refund.application
    application = ledger.applications.by_number(number)
    if application is None:
        raise Failure("ledger.no_request", number=number)
    return application


def _refunds(ledger: LedgerReads, application: Application) -> Sequence[Refund]:
    """What was sent for it: none where it was refused, two where a batch ended in between."""
    if application.sale_key is None:
        return []
    of_sale = ledger.refunds.of_sale(application.sale_key)
    return [refund for refund in of_sale if refund.application == application.number]


def _rests(ledger: LedgerReads, credit: ExchangeCredit) -> Sequence[Application]:
    """What is, or was, to give back what the till left of it."""
    of_ticket = ledger.applications.of_ticket(credit.ticket)
    return [one for one in of_ticket if one.kind is not Kind.EXCHANGE_CREDIT]


def _leg(sale: Sale | None, application: Application) -> Tender | None:
    """The one that it is about; None where it was refused before one was chosen."""
    tenders = () if sale is None else sale.tenders
    return next((one for one in tenders if one.leg == application.leg), None)


def leg_facts(leg: Tender) -> dict[str, Any]:
    """With what the acquirer knows its payment by: the leg's own, nothing of another one's."""
    payment = leg.payment
    return {
        "leg": leg.leg,
        "kind": leg.kind,
        "amount": leg.amount,
        "masked": None if leg.card is None else leg.card.masked,
        **{name: None if payment is None else getattr(payment, name) for name in PAYMENT},
        "paid_at": None if payment is None else payment.paid_at.isoformat(),
    }


def voucher_facts(voucher: Voucher) -> dict[str, Any]:
    """Its number, and that of the one that had paid, as anybody may see them."""
    return {
        "number": mask(voucher.number),
        "state": voucher.state,
        "paid_by": voucher.paid_by or None,
        "paid_by_refund": voucher.paid_by_refund,
        "paid_by_payout": voucher.paid_by_payout,
    }


def credit_facts(credit: ExchangeCredit, rests: Sequence[Application]) -> dict[str, Any]:
    """Its number as anybody may see it; amounts of all payments that it stands on; which
    applications give its rest back."""
    return {
        "number": mask(credit.number),
        "state": credit.state,
        "amount": credit.amount,
        "taken": credit.taken,
        "left": credit.left,
        "expires_at": credit.expires_at.isoformat(),
        "rest": [
            {"application": one.number, "amount": one.amount, "state": one.state} for one in rests
        ],
    }


class Teller(GoodsTeller):
    """Lines of what is stored, all in one language."""

    def __init__(self, language: Language, config: Config) -> None:
        super().__init__(language, config)
        self._zone = config.terminal.zone

    def application(self, application: Application, sale: Sale | None) -> Iterator[str]:
        on = say("explain.no_sale") if sale is None else say("explain.sale", name=sale.name)
        state = self._word("state", application.state)
        number = application.number
        yield self._text(
            say("explain.application", number=number, sale=self._text(on), state=state)
        )
        if application.note:
            yield self._text(say("explain.typed", typed=application.note))
        if (invoice := application.invoice) is not None:
            told = self._text(say(f"invoice.{invoice.answer.value}"))
            answer = f"{told} {invoice.number}".rstrip()
            yield self._text(say("explain.invoice", answer=answer))

    def ticket(self, application: Application, plan: Sequence[Application]) -> Iterator[str]:
        """Where it stands in the plan of a ticket of several legs."""
        count = max(one.place for one in plan)
        if count > 1:
            facts = {"number": application.ticket, "place": application.place, "count": count}
            yield self._text(say("explain.ticket", **facts))
        if application.kept:
            yield self._text(say("explain.to_do"))

    def leg(self, leg: Tender, sale: Sale) -> Iterator[str]:
        """How it was paid, and what its payment is called by; what is not known stands as ``-``. Of
        what was typed only the day is known."""
        masked = "" if leg.card is None or leg.card.masked is None else f" {leg.card.masked}"
        kind = self._text(say(f"flows.tender_{leg.kind}"))
        amount = self._money(leg.amount)
        yield self._text(say("explain.leg", number=leg.leg, kind=f"{kind}{masked}", amount=amount))
        if leg.payment is not None:
            form = "%Y-%m-%d" if sale.origin is SaleOrigin.TYPED else "%Y-%m-%d %H:%M:%S"
            paid_at = format(local(leg.payment.paid_at, self._zone), form)
            known = {name: getattr(leg.payment, name) or "-" for name in PAYMENT}
            yield "  " + self._text(say("explain.payment", **known, paid_at=paid_at))

    def taken_back(self, one: TakenBack) -> str:
        """By what it may have been asked for, and is not known any more."""
        at = f"{local(one.at, self._zone):%Y-%m-%d %H:%M}"
        facts: dict[str, Value] = {"at": at, "leg": one.leg, "rrn": one.rrn}
        said = say("explain.taken_back", **facts, operator=one.operator, supervisor=one.supervisor)
        return "  " + self._text(said)

    def basis(self, basis: Basis) -> Iterator[str]:
        """Why it went back another way, and what shows it."""
        why = self._text(say(f"tenders.exception_{basis.exception.value}"))
        yield self._text(say("explain.exception", why=why))
        for one in basis.evidence:
            kind = self._text(say(f"tenders.evidence_{one.kind.value}"))
            yield "  " + self._text(say("explain.evidence", kind=kind, number=one.reference or "-"))

    def refund(
        self,
        refund: Refund,
        told: Sequence[Evidence],
        found: Sequence[Finding],
        confirmed: FormConfirmation | None,
    ) -> Iterator[str]:
        """What it has come to, and who said so where that was no answer of the acquirer's: its
        files, people, whoever confirmed that a form was carried out."""
        state = self._word("state", refund.state)
        yield self._text(say("explain.refund", number=refund.refund_id, state=state))
        form = "form_" if refund.kind is Kind.MANUAL else ""
        for one in told:
            facts: dict[str, Value] = {
                "file": one.source,
                "line": one.line,
                "reference": one.reference,
            }
            name = "told_paid" if one.paid else f"{form}told_not_paid"
            yield "  " + self._text(say(f"explain.{name}", **facts))
        for finding in found:
            at = f"{local(finding.approvals[0].at, self._zone):%Y-%m-%d %H:%M}"
            first, second = (f"{by.supervisor} {by.name}".strip() for by in finding.approvals)
            people: dict[str, Value] = {"at": at, "first": first, "second": second}
            name = "found_paid" if finding.paid else f"{form}found_not_paid"
            yield "  " + self._text(say(f"explain.{name}", **people, reference=finding.reference))
        if confirmed is not None:
            at = f"{local(confirmed.approval.at, self._zone):%Y-%m-%d %H:%M}"
            by = f"{confirmed.approval.supervisor} {confirmed.approval.name}".strip()
            said = say("explain.form_confirmed", at=at, by=by, reference=confirmed.reference)
            yield "  " + self._text(said)

    def case(self, case: Case, steps: Sequence[CaseStep]) -> Iterator[str]:
        """What went wrong with it, how far that is, and what was done; `export-case` tells all."""
        key = f"cases.kind_{case.kind}"
        kind = self._text(say(key)) if known(key) else str(case.kind)
        name = "case_open" if case.open else "case_closed"
        facts: dict[str, Value] = {"number": case.case_id, "kind": kind, "steps": case.steps}
        yield "  " + self._text(say(f"explain.{name}", due=case.due_on.isoformat(), **facts))
        for step in steps:
            what = self._text(say(f"cases.step_{step.kind.value}"))
            at = f"{local(step.at, self._zone):%Y-%m-%d %H:%M}"
            yield f"    {step.n}. {what} {at} {step.operator} {step.text}".rstrip()

    def payout(self, payout: Payout, voucher: Voucher | None) -> str:
        """Beside the sale: no refund's amount has it."""
        facts: dict[str, Value] = {
            "number": payout.payout_id,
            "case": payout.case_id,
            "what": self._text(say(f"remedy.for_{payout.what.value}")),
            "way": self._text(say(f"remedy.by_{payout.kind.value}")),
            "amount": with_symbol(payout.amount, payout.currency),
        }
        line = self._text(say("explain.payout", **facts))
        return f"  {line}" if voucher is None else f"  {line}, {mask(voucher.number)}"

    def voucher(self, voucher: Voucher) -> Iterator[str]:
        yield "  " + self._text(say("explain.voucher", number=mask(voucher.number)))
        if voucher.paid_by_refund is not None:
            number, refund = voucher.paid_by, voucher.paid_by_refund
            yield "  " + self._text(say("explain.paid_by_ours", number=number, refund=refund))
        elif voucher.paid_by_payout is not None:
            number, payout = voucher.paid_by, voucher.paid_by_payout
            yield "  " + self._text(say("explain.paid_by_payout", number=number, payout=payout))
        elif voucher.paid_by:
            yield "  " + self._text(say("explain.paid_by", number=voucher.paid_by))

    def exchange_credit(
        self, credit: ExchangeCredit, rests: Sequence[Application]
    ) -> Iterator[str]:
        """All of it, whichever of its payments was asked about; what became of its rest, and what
        two people ended."""
        amounts = {name: self._money(getattr(credit, name)) for name in ("amount", "taken", "left")}
        until = f"{local(credit.expires_at, self._zone):%Y-%m-%d %H:%M}"
        number = mask(credit.number)
        said = say("explain.exchange_credit", number=number, until=until, **amounts)
        yield "  " + self._text(said)
        for one in rests:
            state, amount = self._word("state", one.state), self._money(one.amount)
            said = say("explain.credit_rest", number=one.number, amount=amount, state=state)
            yield "  " + self._text(said)
        if credit.state is CreditState.ENDED:
            rest = self._money(credit.amount - credit.taken)
            yield "  " + self._text(say("explain.credit_ended", amount=rest))

    def credit_bought(self, one: CreditBought) -> str:
        name = "credit_bought_void" if one.state is SaleState.VOIDED else "credit_bought"
        amount = self._money(one.amount)
        return "  " + self._text(say(f"explain.{name}", sale=one.sale_id, amount=amount))

    def credit_reopened(
        self, credit: ExchangeCredit, again: Sequence[CreditReopened]
    ) -> Iterator[str]:
        """Where it goes back, and by which goods."""
        for one in again:
            where = say(
                f"explain.credit_reopened{'' if one.application else '_gone'}",
                number=one.application or 0,
                leg=one.leg,
                first=credit.sale_id,
                amount=self._money(one.amount),
            )
            yield "  " + self._text(where)

    def given_again(self, one: CameBack) -> str:
        """What it gives again of what came back from the account."""
        amount = self._money(one.left)
        return self._text(say("explain.given_again", amount=amount, number=one.application))

    def owed(self, application: Application) -> Iterator[str]:
        if application.owed:
            yield self._text(say("explain.owed", amount=self._money(application.owed)))

    def proofs(self, count: int) -> Iterator[str]:
        """Who holds one has a paper that finds the sale again."""
        if count:
            yield self._text(say("explain.proofs", count=count))

    def decisions(self, verdicts: Sequence[StoredVerdict]) -> Iterator[str]:
        """Of each phase all rules that were on: those that allowed, too."""
        for phase, of_phase in groupby(verdicts, lambda one: one.phase):
            yield self._text(say(f"explain.{phase}"))
            yield from (f"  {self._verdict(one)}" for one in of_phase)
        if not verdicts:
            yield self._text(say("explain.no_rules"))

    def approval(self, approval: Approval) -> str:
        at = f"{local(approval.at, self._zone):%Y-%m-%d %H:%M}"
        who = {"supervisor": approval.supervisor, "name": approval.name}
        return self._text(say("explain.approved", at=at, **who))

    def _verdict(self, verdict: StoredVerdict) -> str:
        """One rule's answer with its text and the figures that it saw."""
        name = f"rules.name_{verdict.rule}"
        told = {
            "rule": self._text(say(name)) if known(name) else verdict.rule,
            "answer": self._word("answer", verdict.answer),
            "figures": ", ".join(
                self._figure(verdict.rule, *named) for named in verdict.figures.items()
            ),
        }
        if not verdict.figures:
            told["figures"] = "-"
        if not verdict.code:
            return self._text(say("explain.rule", **told))
        words = of_objection(verdict.code, verdict.values)
        text = self._text(words) if known(words.code) else verdict.code
        return self._text(say("explain.rule_against", text=text, **told))

    def _figure(self, rule: str, name: str, value: Value) -> str:
        label = self._word("figure", name)
        if value == 0 and (rule, name) in NO_LIMIT:
            return f"{label} {self._text(say('explain.no_limit'))}"
        if name in MONEY and isinstance(value, int):
            return f"{label} {self._money(value)}"
        if name == BY_LINE:
            of_lines = [one.split(":") for one in str(value).split()]
            return f"{label} {' '.join(f'{line}: {self._money(int(n))}' for line, n in of_lines)}"
        return f"{label} {' '.join(self._word('value', one) for one in str(value).split(' '))}"

    def _word(self, what: str, code: str) -> str:
        key = f"explain.{what}_{code}"
        return self._text(say(key)) if known(key) else code
