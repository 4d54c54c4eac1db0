"""What the shop's rules answer: before the card, and again with what the card adds (R19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from pos_terminal.core.decision import Decision, Phase, Verdict
from pos_terminal.core.eligibility import TO_HOLDER, Choice, Here, choose_kind
from pos_terminal.core.goods_back import GoodsBack
from pos_terminal.core.items import Item, can_be_chosen, is_owed, name_items
from pos_terminal.core.looked import Inspection
from pos_terminal.core.rules.facts import Facts, Together
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.flows.common.desk import Desk
from pos_terminal.flows.common.found_goods import with_found
from pos_terminal.flows.common.wanted import Wanted
from pos_terminal.ports import Payee


def ask_rules(desk: Desk, wanted: Wanted, card: Payee | None = None) -> Decision:
    """Of the phase before the card, or with the card. What rules must know of earlier refunds they
    ask the ledger."""
    phase = Phase.BEFORE_CARD if card is None else Phase.WITH_CARD
    return desk.shop.book.decide(phase, _facts(desk, wanted, card), desk.ledger.refunds)


def refused_anyway(
    desk: Desk, here: Here, sale: Sale, leg: Tender, *, by_gift: bool = False
) -> Verdict | None:
    """By what every request for this payment is refused before the card is known; None where one
    might not be. ``by_gift``: as store credit for who has the gift receipt."""

    def choose(amount: int) -> Choice:
        return TO_HOLDER if by_gift else choose_kind(sale, leg, amount, here)

    mildest = _mildest(desk, sale, leg, choose)
    return desk.shop.book.refused_anyway(mildest, desk.ledger.refunds)


def _mildest(
    desk: Desk, sale: Sale, leg: Tender, choose: Callable[[int], Choice]
) -> Iterator[Facts]:
    """The least that could be asked for, for no goods and for each of them alone, then all of it,
    which may be a void and is what is told; with each kind of reason."""
    of_each = {(reason.defect, reason.goods): reason for reason in desk.shop.reasons}
    for _, reason in sorted(of_each.items()):
        # nearly always enough, and on the way of every scan
        yield _facts(desk, Wanted(sale, leg, 1, choose(1), reason, ""), None)
        least = [(1, {line.line: line.remaining}) for line in sale.lines if can_be_chosen(line)]
        for amount, goods in (*least, (leg.most, {})):
            choice = choose(amount)
            items = with_found(desk, sale, name_items(sale, choice.kind, amount, goods), reason)
            yield _facts(desk, Wanted(sale, leg, amount, choice, reason, "", items), None)


def _is_owed(wanted: Wanted) -> bool:
    """No goods come with it, and it is owed for others that are back."""
    if wanted.items or wanted.goods or wanted.together.came_back is not None:
        return False
    asked = wanted.amount + wanted.together.of_sale
    return is_owed(wanted.sale, asked, to_holder=wanted.to_holder)


def _together(desk: Desk, wanted: Wanted) -> Together:
    """The day counts on which these goods came back, in whatever ticket."""
    if not _is_owed(wanted):
        return wanted.together
    back = desk.ledger.refunds.goods_came_back(wanted.sale.key)
    return replace(wanted.together, came_back=back)


def _about(wanted: Wanted) -> frozenset[int]:
    if not _is_owed(wanted):
        return frozenset()
    return frozenset(line.line for line in wanted.sale.goods if line.returned or line.held)


def _said_not_back(desk: Desk, wanted: Wanted, items: Sequence[Item]) -> bool:
    """Against what the reason of the goods supposes."""
    none = {reason.code for reason in desk.shop.reasons if reason.goods == "none"}
    looked = [item.looked for item in items if item.looked is not None]
    if looked:
        return any(one.disposition is None and one.reason not in none for one in looked)
    return wanted.goods_back is GoodsBack.NONE and wanted.reason.code not in none


def _facts(desk: Desk, wanted: Wanted, card: Payee | None) -> Facts:
    items = wanted.items or wanted.goods
    looked = {item.line: item.looked for item in items if item.looked is not None}
    defective = {reason.code for reason in desk.shop.reasons if reason.defect}
    defects = frozenset(line for line, found in looked.items() if found.reason in defective)
    conditions = {line: desk.shop.condition(found.condition) for line, found in looked.items()}
    return Facts(
        sale=wanted.sale,
        tender=wanted.tender,
        kind=wanted.choice.kind,
        amount=wanted.amount,
        now=desk.clock.now(),
        reason=wanted.reason.code,
        defect=len(defects) == len(looked) if looked else wanted.reason.defect,
        items=items,
        operator=desk.clerk.number,
        token=None if card is None else card.token,
        older_tokens=() if card is None else card.older_tokens,
        par=None if card is None else card.par,
        match=None if card is None else card.match,
        together=_together(desk, wanted),
        no_receipt=wanted.no_receipt,
        about=wanted.about or _about(wanted),
        invoice=wanted.invoice,
        goods_back=wanted.goods_back,
        inspects=desk.shop.inspection is not Inspection.OFF,
        out=wanted.out,
        not_back=_said_not_back(desk, wanted, items),
        defects=defects,
        refused={
            line: {"condition_zh": one.zh, "condition_en": one.en}
            for line, one in conditions.items()
            if one is not None and one.refuse
        },
    )
