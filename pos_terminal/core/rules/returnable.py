"""Goods that the shop does not take back (R14), as the till or the shop's options say. The shop's
policy: a defect softens it, and so does a reason by which nothing comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, field

from pos_terminal.core.decision import Answer, Phase, Verdict, allow
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.refund import Kind
from pos_terminal.core.rules.facts import Bounds, Facts, NotTaken, Params, Rule
from pos_terminal.core.sale import LineKind, SaleLine
from pos_terminal.core.words import Value


class Against(StrEnum):
    NOT_RETURNABLE = "not_returnable"
    NOT_TAKEN = "not_taken"
    """By the shop's own list."""


class Ground(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the shop does not take such goods back."""

    zh: str
    en: str


class ReturnableParams(Params, frozen=True):
    """Goods that don't come back though the till says nothing of it: by category and by SKU."""

    categories: Mapping[str, Ground] = field(default_factory=dict)
    skus: Mapping[str, Ground] = field(default_factory=dict)


def bounds(params: ReturnableParams) -> Bounds:
    return Bounds(not_taken=lambda line: _objection(params, line))


def _objection(params: ReturnableParams, line: SaleLine) -> NotTaken | None:
    """What is against this line; the till's word first."""
    if not line.returnable:
        return Against.NOT_RETURNABLE, told_of(line)
    ground = params.skus.get(line.sku) or params.categories.get(line.category)
    if ground is None or line.kind is LineKind.DISCOUNT:
        return None
    return Against.NOT_TAKEN, {"name": line.name, "ground_zh": ground.zh, "ground_en": ground.en}


def told_of(line: SaleLine) -> Mapping[str, Value]:
    """Its name, and why it is not taken back where the till says it."""
    return {"goods": f"{line.name} {line.not_returnable_because}".strip()}


def judge(params: ReturnableParams, facts: Facts, _: None) -> Verdict:
    """Named goods may be none of them, and an amount that names none may take nothing of theirs.

    A void takes a sale back as if it had not been: supervisors say whether it may. So they do of
    goods that never came, or that nobody bought: nothing of them comes back.
    """
    lines = ((line, _objection(params, line)) for line in facts.lines if line.remaining)
    found = [(line, objection) for line, objection in lines if objection is not None]
    shut = [line for line, _ in found]
    asked, most = facts.leaves(shut)
    figures: dict[str, Value] = {"amount": facts.amount, "most": most}
    if not found or (not facts.items and asked <= most):
        return allow("returnable", figures)
    asks = facts.kind is Kind.VOID or _none_back(facts, shut)
    answer = Answer.ASK_SUPERVISOR if asks else Answer.DENY
    against, told = found[0][1]
    return Verdict(
        "returnable",
        answer,
        against,
        figures | {"line": shut[0].line},
        told,
        by_policy=True,
        lines=frozenset(line.line for line in shut),
    )


def _none_back(facts: Facts, shut: Sequence[SaleLine]) -> bool:
    """By the reason, and not by the clerk's word alone."""
    if facts.not_back:
        return False
    if not facts.items:
        return facts.goods_back is GoodsBack.NONE
    back = {one.line for one in facts.items if one.looked is None or one.looked.disposition}
    return back.isdisjoint(line.line for line in shut)


RULE = Rule(
    "returnable", Phase.BEFORE_CARD, ReturnableParams, Against, judge, bounds=bounds, of_goods=True
)
