"""``[policy]`` of ``terminal.toml``: who approves, why goods come back, and how they are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta, field

from pos_terminal.core.decision import Supervision
from pos_terminal.core.looked import Disposition, Inspection
from pos_terminal.core.payout import PayoutLimits
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import TenderKind
from pos_terminal.core.tenders import Exceptional, Way, goes_back_so
from pos_terminal.option_section import Section
from pos_terminal.texts import Language


class Reason(Section, frozen=True):
    """``[[policy.reasons]]``: why money goes back (R15)."""

    code: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}\Z")]
    zh: str
    en: str
    note: bool = False
    """Ask for a reference to go with it."""
    defect: bool = False
    """A defect: within the statutory seven days no policy may deny it."""
    condition: str = ""
    """The code of the condition that it proposes (R16)."""
    goods: Literal["unknown", "none"] = "unknown"
    """Whether goods come back, until the clerk says so (R11): with ``unknown`` those that are named
    do."""


class Condition(Section, frozen=True):
    """``[[policy.conditions]]``: how goods come back, and where they go then (R16)."""

    code: Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{1,4}\Z")]
    zh: str
    en: str
    disposition: Disposition
    refuse: bool = False
    """Such goods are not taken back, or for less (R74)."""

    @property
    def restocks(self) -> bool:
        return self.disposition is Disposition.RESTOCK


class Named(Protocol):
    """What the shop calls by its own names."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def named(one: Named, language: Language) -> str:
    """As the shop calls it, to who reads this language."""
    return one.zh if language is Language.ZH_CN else one.en


def name_of(listed: Iterable[Reason | Condition], code: str, language: Language) -> str:
    """Of the one that has this ``code``; one that the shop has no longer is called by the code."""
    return next((named(one, language) for one in listed if one.code == code), code)


def _reasons() -> list[Reason]:
    return [
        Reason(code="1", zh="质量问题", en="Defective", defect=True, condition="3"),
        Reason(code="2", zh="商品不符", en="Not as described", condition="2"),
        Reason(code="3", zh="未收到货", en="Not received", goods="none"),
        Reason(code="4", zh="无理由退货", en="Change of mind", condition="1"),
        Reason(code="5", zh="错收款", en="Charged by mistake", condition="1", goods="none"),
    ]


def _conditions() -> list[Condition]:
    return [
        Condition(code="1", zh="完好", en="As new", disposition=Disposition.RESTOCK),
        Condition(code="2", zh="已拆封", en="Opened", disposition=Disposition.QUARANTINE),
        Condition(code="3", zh="有质量问题", en="Defective", disposition=Disposition.VENDOR),
        Condition(
            code="4",
            zh="人为损坏",
            en="Damaged by the buyer",
            disposition=Disposition.DAMAGED,
            refuse=True,
        ),
    ]


class OtherTender(Section, frozen=True):
    """``[[policy.tenders]]``: what was paid so may go back so, by this exception (R34)."""

    paid: TenderKind
    back: Literal["cash", "credit", "manual"]
    exception: Exceptional
    approvals: Annotated[int, Meta(ge=1, le=2)] = 1
    evidence: bool = True
    """Whether it takes evidence."""

    @property
    def way(self) -> Way:
        return Way(self.paid, Kind(self.back), self.exception, self.approvals, self.evidence)


class PayoutOptions(Section, frozen=True):
    """``[policy.payouts]``: freight and goodwill, paid beside sales (R47a); minor units."""

    per_case: Annotated[int, Meta(ge=1)]
    per_day: Annotated[int, Meta(ge=1)]

    @property
    def limits(self) -> PayoutLimits:
        return PayoutLimits(self.per_case, self.per_day)


class Policy(Section, frozen=True):
    """``[policy]``: approvals and reasons."""

    supervisor: Supervision = Supervision.ALWAYS
    reasons: Annotated[list[Reason], Meta(min_length=1, max_length=9)] = field(
        default_factory=_reasons
    )
    conditions: Annotated[list[Condition], Meta(min_length=1, max_length=9)] = field(
        default_factory=_conditions
    )
    inspection: Inspection = Inspection.OFF
    """Whether the clerk is asked in which condition goods come back (R16)."""
    exchange_hours: Annotated[int, Meta(ge=1, le=72)] = 2
    """How long the till takes an exchange credit (R37)."""
    without_printer: bool = False
    """Whether refunds may begin while there is no printer at all; slips then wait (R43)."""
    tenders: list[OtherTender] = field(default_factory=list)
    """Other tenders than the sale's; none: the same one alone."""
    payouts: PayoutOptions | None = None
    """How much may be paid beside sales; without it nothing."""
    rules: dict[str, Any] = field(default_factory=dict)
    """``[policy.rules.NAME]``: parameters of each rule; see ``docs/rules.md``."""

    @property
    def payout_limits(self) -> PayoutLimits | None:
        return None if self.payouts is None else self.payouts.limits


def problems_of_policy(policy: Policy) -> Iterator[tuple[str, str]]:
    """What the types can't say: (section.option, cause)."""
    yield from _problems_of_tenders(policy.tenders)
    yield from _problems_of_conditions(policy)


def _problems_of_conditions(policy: Policy) -> Iterator[tuple[str, str]]:
    """Codes that stand for two things, or for nothing; and what no reason may propose."""
    for name, listed in (("reasons", policy.reasons), ("conditions", policy.conditions)):
        codes = [one.code for one in listed]
        for number, code in enumerate(codes):
            if code in codes[:number]:
                yield f"policy.{name}[{number}].code", f'"{code}" stands twice'
    known = {one.code: one for one in policy.conditions}
    for number, reason in enumerate(policy.reasons):
        option = f"policy.reasons[{number}].condition"
        condition = known.get(reason.condition)
        if reason.condition and condition is None and policy.reasons == _reasons():
            yield (
                "policy.conditions",
                f'none has the code "{reason.condition}", which the built-in reason "{reason.en}"'
                " proposes: write [[policy.reasons]] as well",
            )
        elif reason.condition and condition is None:
            yield option, f'no condition has the code "{reason.condition}"'
        elif condition is not None and condition.refuse:
            yield option, "what refuses goods is never proposed"
        elif condition is not None and condition.restocks and reason.defect:
            yield option, "defective goods are not back to stock"


def _problems_of_tenders(tenders: list[OtherTender]) -> Iterator[tuple[str, str]]:
    """Entries that could never matter: whoever wrote one expects something of it."""
    ways = [one.way for one in tenders]
    for number, way in enumerate(ways):
        entry, paid = f"policy.tenders[{number}]", way.paid.value
        same = ((one.paid, one.back, one.exception) for one in ways[:number])
        if (way.paid, way.back, way.exception) in same:
            yield f"{entry}.exception", "the same way twice"
        elif goes_back_so(way):
            yield (
                f"{entry}.back",
                f"what was paid by {paid} goes back so without it",
            )
        elif way.exception is Exceptional.DECLINED and way.paid is not TenderKind.CARD:
            yield f"{entry}.exception", f"no acquirer is asked for {paid}: none declines it"
