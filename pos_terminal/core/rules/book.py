"""All rules with the shop's parameters, and the decision that they make together (R19)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pos_terminal.core.decision import Answer, Decision, Phase, Supervision, Verdict
from pos_terminal.core.rules import (
    balance,
    card_absent,
    card_match,
    card_refused,
    cash_limit,
    ceiling,
    daily,
    deduction,
    duplicate,
    exchange_told,
    inspection,
    invoice,
    leg_refused,
    no_receipt,
    returnable,
    serial,
    state,
    typed,
    voucher_paid,
    window,
)
from pos_terminal.core.rules.facts import Bounds, Facts, NotTaken, Params, Rule
from pos_terminal.core.sale import SaleLine

#: A new rule is one file with a RULE, and a line here. Of two equally strict the first wins.
ALL: Final[tuple[Rule[Any, Any], ...]] = (
    state.RULE,
    balance.RULE,
    leg_refused.RULE,
    typed.RULE,
    returnable.RULE,
    inspection.RULE,
    deduction.RULE,
    serial.RULE,
    invoice.RULE,
    exchange_told.RULE,
    cash_limit.RULE,
    window.RULE,
    ceiling.RULE,
    daily.RULE,
    voucher_paid.RULE,
    no_receipt.RULE,
    card_refused.RULE,
    card_match.RULE,
    card_absent.RULE,
    duplicate.RULE,
)
STATUTORY_DAYS: Final = 7
"""Days in which a defect can't be denied by policy (R19)."""


class RuleError(ValueError):
    """A parameter in ``[policy.rules]`` is unknown or out of range."""

    def __init__(self, option: str, cause: str) -> None:
        super().__init__(f"{option}: {cause}")
        self.option, self.cause = option, cause


class Past(
    card_absent.Past,
    card_refused.Past,
    daily.Past,
    duplicate.Past,
    exchange_told.Past,
    inspection.Past,
    leg_refused.Past,
    no_receipt.Past,
    serial.Past,
    typed.Past,
    voucher_paid.Past,
    Protocol,
):
    """What rules ask of earlier refunds; a rule that asks something else is a base more."""


class RuleBook(Struct, frozen=True):
    """Rules with their parameters, in order."""

    entries: tuple[tuple[Rule[Any, Any], Params], ...]

    def decide(self, phase: Phase, facts: Facts, past: Past) -> Decision:
        """What every rule of this phase that is on answers, and by which figures."""
        verdicts = (
            rule.judge(params, facts, rule.asks(params, facts, past))
            for rule, params in self._in_force
            if rule.phase is phase and not (rule.of_goods and facts.together.reopened)
        )
        return Decision(phase, tuple(_soften(verdict, facts) for verdict in verdicts))

    def refused_anyway(self, requests: Iterable[Facts], past: Past) -> Verdict | None:
        """What refuses the last of these before the card is known; None where one is not refused.

        Of a sale's mildest requests: whatever else is asked for is refused as well.
        """
        found: Verdict | None = None
        for facts in requests:
            found = self._denial(facts, past)
            if found is None:
                return None
        return found

    def _denial(self, facts: Facts, past: Past) -> Verdict | None:
        for rule, params in self._in_force:
            if rule.phase is Phase.BEFORE_CARD and rule.denies(params):
                verdict = rule.judge(params, facts, rule.asks(params, facts, past))
                if _soften(verdict, facts).answer is Answer.DENY:
                    return verdict
        return None

    @property
    def cash_limit(self) -> int:
        """What of one sale may go back in notes, in minor units; 0: all of it."""
        return min((b.cash for b in self._bounds if b.cash is not None), default=0)

    @property
    def no_receipt(self) -> int | None:
        """Minor units up to which goods that nobody knows go back without a receipt; None: the
        shop gives nothing back without one."""
        most = [b.no_receipt for b in self._bounds if b.no_receipt is not None]
        return min(most, default=None)

    @property
    def refundable_days(self) -> int | None:
        """Whole days after which nothing of a sale is given back; None: no rule says so."""
        days = [b.refundable_days for b in self._bounds if b.refundable_days is not None]
        return min(days, default=None)

    def free_days(self, lines: Sequence[SaleLine]) -> int | None:
        """Whole days in which these go back without anybody being asked; None: for ever."""
        days = [b.free_days(lines) for b in self._bounds if b.free_days is not None]
        return min(days, default=None)

    def not_taken(self, line: SaleLine) -> NotTaken | None:
        """Why these goods don't come back, before a refund of them is judged; None where they
        do."""
        asked = (b.not_taken for b in self._bounds if b.not_taken is not None)
        return next((found for ask in asked if (found := ask(line)) is not None), None)

    @property
    def _bounds(self) -> Iterator[Bounds]:
        return (rule.bounds(params) for rule, params in self._in_force)

    @property
    def _in_force(self) -> Iterator[tuple[Rule[Any, Any], Params]]:
        return ((rule, params) for rule, params in self.entries if params.enabled)


def make_book(options: Mapping[str, Mapping[str, Any]]) -> RuleBook:
    """The rule book with the parameters of ``[policy.rules]``. RuleError names a bad option."""
    known = {rule.name: rule for rule in ALL}
    for name in options:
        if name not in known:
            raise RuleError(f"policy.rules.{name}", f"unknown rule; known: {', '.join(known)}")
    return RuleBook(tuple((rule, _params(rule, options.get(rule.name, {}))) for rule in ALL))


def _params(rule: Rule[Any, Any], options: Mapping[str, Any]) -> Params:
    try:
        params: Params = msgspec.convert(options, rule.params)
    except msgspec.ValidationError as error:
        cause = _named(str(error), rule.params, options)
        raise RuleError(f"policy.rules.{rule.name}", cause) from None
    if rule.fixed and not params.enabled:
        raise RuleError(f"policy.rules.{rule.name}.enabled", "this rule can't be switched off")
    return params


def _named(cause: str, params: type[Params], options: object) -> str:
    """msgspec says ``[...]`` where the key stands of an entry that the shop has named: of these it
    is the first that is wrong by itself."""
    found = re.search(r"\$\.(\w+)\[\.\.\.\]", cause)
    entries = options.get(found[1]) if found and isinstance(options, Mapping) else None
    if found is None or not isinstance(entries, Mapping):
        return cause
    for name, entry in entries.items():
        try:
            msgspec.convert({found[1]: {name: entry}}, params)
        except msgspec.ValidationError:
            return cause.replace("[...]", f".{name}")
    return cause


def _soften(verdict: Verdict, facts: Facts) -> Verdict:
    """A defect in the statutory days, of what it is about, turns a denial by policy into a
    question."""
    defect = facts.defect or (bool(verdict.lines) and verdict.lines <= facts.defects)
    if verdict.answer is Answer.DENY and verdict.by_policy and defect:  # noqa: SIM102
        if facts.age_days <= STATUTORY_DAYS:
            figures = {**verdict.figures, "statutory_days": STATUTORY_DAYS}
            return replace(verdict, answer=Answer.ASK_SUPERVISOR, figures=figures)
    return verdict


def approvals_needed(decisions: Sequence[Decision], policy: Supervision) -> int:
    """How many supervisors: by the strictest rule, and at least one where every refund needs it."""
    answers = (decision.answer for decision in decisions)
    strictest = max(answers, key=lambda answer: answer.rank, default=Answer.ALLOW)
    by_rule = {Answer.ASK_SUPERVISOR: 1, Answer.ASK_TWO: 2}.get(strictest, 0)
    return max(by_rule, 1) if policy is Supervision.ALWAYS else by_rule
