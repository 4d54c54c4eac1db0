"""A rule refuses: the rule and the contact for a complaint, on screen and slip (R67)."""

from __future__ import annotations

from pos_terminal.core.decision import Decision, is_to_holder
from pos_terminal.core.unfit import RULE
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.another_way import AnotherWay, read_or_form
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.keep_doubt import keep_doubt
from pos_terminal.flows.common.of_gift import told
from pos_terminal.ports import Application
from pos_terminal.texts import Language, known, next_step, render
from pos_terminal.texts.domain import of_verdict


async def refuse(desk: Desk, application: Application, decision: Decision, *more: Words) -> None:
    """Until the clerk has read why, and what ``more`` there is to it."""
    verdict = decision.strictest
    if verdict is None:
        raise ValueError("a refusal needs a rule that refused")
    against = of_verdict(verdict)
    await keep_doubt(desk, application.sale_key, against)
    words = told(against, holder=is_to_holder(decision.verdicts))
    rule = _name(verdict.rule if words == against else RULE, desk.ui.language)
    following = next_step(words)
    slips = desk.papers().refused(application, words)
    await desk.ledger.slips.queue(slips, application.number)
    desk.printing.wake()
    said = (
        words,
        *([] if following is None else [following]),
        *more,
        say("flows.refused_number", number=application.number, rule=rule),
        say("flows.complaint", contact=desk.shop.contact or "-"),
    )
    if await read_or_form(desk, "result", say("flows.not_refunded"), said, cancellable=False):
        raise AnotherWay(application.number)


def _name(rule: str, language: Language) -> str:
    words = say(f"rules.name_{rule}")
    return render(words, language) if known(words.code) else rule
