"""Why the money goes back: compulsory, from the shop's list (R15)."""

from __future__ import annotations

from collections.abc import Callable

from pos_terminal.core.decision import Supervision
from pos_terminal.core.words import Words, say
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.menu_key import menu_key
from pos_terminal.flows.common.secret_code import ask_text
from pos_terminal.flows.common.steps import BackHere
from pos_terminal.flows.refund.change_by_line import change_by_line, proposal_of
from pos_terminal.flows.refund.goods_of_amount import TypedAmount
from pos_terminal.flows.refund.inspected import Inspected, against_reason
from pos_terminal.policy_options import Reason, named
from pos_terminal.ports import Key
from pos_terminal.ui.ask import Typed, choose, choose_or
from pos_terminal.ui.page import Line, Page

MOST_CHARACTERS = 40


async def ask_reason(
    desk: Desk,
    about: Callable[[], tuple[Line, ...]],
    note: Typed,
    inspected: Inspected,
    *,
    typed: TypedAmount | None = None,
) -> Reason:
    """The reason; the reference goes into ``note``, where it asks for one or the clerk adds one.

    The screen also says what it is ``about``. The menu key leads to the reference and back, or
    where goods come back to how they are as well, and where a ``typed`` amount names none to
    whether any do.
    """
    reasons = desk.shop.reasons
    against: Words | None = None
    while True:
        asks = typed if typed is not None and typed.asks else None
        hint = say("goods.reason_hint" if inspected.lines or asks else "flows.reason_hint")
        lines = (
            *about(),
            *(() if asks is None else asks.lines()),
            *((Line(say("flows.noted", note=note.text)),) if note.text else ()),
        )
        page = Page("refund.reason", say("flows.reason"), lines, hint=against or hint)
        options = [_option(desk, one, inspected, asks) for one in reasons]
        picked = await choose_or(desk.ui, page, options, menu_key, first=None, options_first=True)
        reason = None if isinstance(picked, Key) else reasons[picked]
        against = None if reason is None else against_reason(inspected, reason)
        if against is not None:
            desk.ui.beep()
            continue
        with BackHere():
            if reason is None:
                await _more(desk, note, inspected, asks)
            elif reason.note and not note.text:
                await _ask_note(desk, note)
            if reason is not None:
                inspected.reason = reason
                return reason


def _option(desk: Desk, reason: Reason, inspected: Inspected, asks: TypedAmount | None) -> Line:
    """With what it proposes: that nothing comes back; or how goods are, where no supervisor may
    come to see that."""
    if asks is not None:
        return Line(named(reason, desk.ui.language), asks.proposal(reason))
    unseen = desk.shop.supervisor is Supervision.BY_RULE and bool(inspected.unsaid)
    proposal = proposal_of(desk, inspected, reason) if unseen else ""
    return Line(named(reason, desk.ui.language), proposal)


async def _more(desk: Desk, note: Typed, inspected: Inspected, asks: TypedAmount | None) -> None:
    if not inspected.lines and asks is None:
        await _ask_note(desk, note)
        return
    page = Page("goods.or_note", say("flows.reason"), hint=say("ui.by_digit"))
    goods = say("goods.by_line" if asks is None else "goods.do_any")
    options = [Line(say("flows.note")), Line(goods)]
    if await choose(desk.ui, page, options, first=None) == 0:
        await _ask_note(desk, note)
    elif asks is not None:
        await asks.ask()
    else:
        await change_by_line(desk, [inspected])


async def _ask_note(desk: Desk, note: Typed) -> None:
    """Typed or scanned; may be empty."""
    page = Page("refund.note", say("flows.reason"), (Line(say("flows.note")),))
    note.text = await ask_text(desk, page, MOST_CHARACTERS, note.text)
