"""What the rules answered, in a form that is stored with the application and printed (R19, R20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct, field

from pos_terminal.core.words import Value


class Answer(StrEnum):
    """The strictest wins."""

    ALLOW = "allow"
    ASK_SUPERVISOR = "ask_supervisor"
    ASK_TWO = "ask_two"
    DENY = "deny"

    @property
    def rank(self) -> int:
        """How strict it is. Answers themselves compare by their letters."""
        return _BY_STRICTNESS.index(self)


_BY_STRICTNESS: Final = (Answer.ALLOW, Answer.ASK_SUPERVISOR, Answer.ASK_TWO, Answer.DENY)


class Phase(StrEnum):
    BEFORE_CARD = "before_card"
    WITH_CARD = "with_card"


class Supervision(StrEnum):
    """When supervisors are asked (R23)."""

    ALWAYS = "always"
    BY_RULE = "by-rule"


class Verdict(Struct, frozen=True):
    """One rule's answer, with the figures it saw."""

    rule: str
    answer: Answer
    against: StrEnum | None
    """What the rule has against it: a code of its own. Words are made where it is read. None: it
    allows."""
    figures: Mapping[str, Value]
    told: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    """The figures that the reader is told."""
    by_policy: bool = False
    """The shop's own rule, which a defect within the statutory days may soften (R19)."""
    lines: frozenset[int] = frozenset()
    """Of the sale, that it is about; none: all that comes back."""
    always_read: bool = False
    """By whoever approves it, beside what is stricter."""


def allow(rule: str, figures: Mapping[str, Value]) -> Verdict:
    """Nothing against it, with what the rule looked at."""
    return Verdict(rule, Answer.ALLOW, None, figures)


class Objection(StrEnum):
    """The shop's own, where no rule asks."""

    POLICY = "policy"
    """Every refund needs a supervisor (R23)."""
    MOVED = "moved"
    """The clerk moved an amount from one leg of the plan to another (R35)."""
    OTHER_WAY = "other_way"
    """It goes back by another tender than it was paid with (R34)."""
    GIFT = "gift"
    """Found by a gift receipt, and yet it is to go back to who paid."""


class Decision(Struct, frozen=True):
    """The answers of all rules of one phase."""

    phase: Phase
    verdicts: tuple[Verdict, ...]

    @property
    def strictest(self) -> Verdict | None:
        """The first of the strictest verdicts; None where nothing is against it."""
        against = (one for one in self.verdicts if one.against is not None)
        return max(against, key=lambda one: one.answer.rank, default=None)

    @property
    def answer(self) -> Answer:
        verdict = self.strictest
        return Answer.ALLOW if verdict is None else verdict.answer

    @property
    def refuses(self) -> bool:
        return self.answer is Answer.DENY

    @property
    def read(self) -> tuple[Verdict, ...]:
        """By who approves it: the strictest answer, and those that are always read."""
        strictest = self.strictest
        always = (one for one in self.verdicts if one.always_read and one is not strictest)
        return () if strictest is None else (strictest, *always)


class StoredVerdict(Struct, frozen=True):
    """One rule's answer as it is kept, from which it can be explained later."""

    phase: Phase
    rule: str
    answer: Answer
    code: str
    """What the rule had against it; ``values`` is told with it. Empty: it allowed."""
    values: Mapping[str, Value]
    figures: Mapping[str, Value]


def with_policy(decision: Decision, policy: Supervision) -> Decision:
    """The shop's default as a verdict of its own, where it asks and no rule does."""
    if policy is not Supervision.ALWAYS or decision.answer is not Answer.ALLOW:
        return decision
    figures = {"supervisor": policy.value}
    default = Verdict("policy", Answer.ASK_SUPERVISOR, Objection.POLICY, figures)
    return Decision(decision.phase, (*decision.verdicts, default))


GIFT: Final = "gift"
"""What is asked, or noted, of a sale that was found by its gift receipt."""


def with_gift(decision: Decision, *, to_buyer: bool) -> Decision:
    """What is found by a gift receipt never goes to the buyer unasked: a supervisor says so."""
    verdict = allow(GIFT, {"by_gift": 1})
    if to_buyer:
        verdict = Verdict(GIFT, Answer.ASK_SUPERVISOR, Objection.GIFT, {"by_gift": 1})
    return Decision(decision.phase, (*decision.verdicts, verdict))


def is_to_holder(verdicts: Iterable[Verdict | StoredVerdict]) -> bool:
    """Whether it is for who has the gift receipt, not for who paid."""
    return any(one.rule == GIFT and one.answer is Answer.ALLOW for one in verdicts)


def was_by_gift(verdicts: Iterable[StoredVerdict]) -> bool:
    """Of what was stored with an application."""
    return any(one.rule == GIFT for one in verdicts)


def was_moved(verdicts: Iterable[StoredVerdict]) -> bool:
    """Whether the clerk had moved an amount of its plan."""
    return any(one.code == Objection.MOVED for one in verdicts)


def with_move(decision: Decision) -> Decision:
    """A plan whose amounts the clerk moved asks a supervisor, whatever the rules answer."""
    verdict = Verdict("policy", Answer.ASK_SUPERVISOR, Objection.MOVED, {"moved": 1})
    return Decision(decision.phase, (*decision.verdicts, verdict))


def with_way(decision: Decision, approvals: int) -> Decision:
    """Another tender than the sale's takes so many supervisors, or more where a rule asks."""
    answer = Answer.ASK_TWO if approvals > 1 else Answer.ASK_SUPERVISOR
    verdict = Verdict("policy", answer, Objection.OTHER_WAY, {"approvals": approvals})
    return Decision(decision.phase, (*decision.verdicts, verdict))


def as_stored(decisions: Sequence[Decision]) -> list[StoredVerdict]:
    return [
        StoredVerdict(
            phase=decision.phase,
            rule=verdict.rule,
            answer=verdict.answer,
            code="" if verdict.against is None else verdict.against.value,
            values=dict(verdict.told),
            figures=dict(verdict.figures),
        )
        for decision in decisions
        for verdict in decision.verdicts
    ]
