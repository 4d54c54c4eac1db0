"""What the acquirer's file says became of a payment: on the account, or come back from there (R50).

Told late, twice and in the wrong order each has a defined end (``docs/acquirer-file.md``): what
came back is free once, and what is on the account after all locks the sale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from pos_terminal.core.case import Posting
from pos_terminal.core.effect import FINAL, Effect, Told
from pos_terminal.core.money import format_amount
from pos_terminal.core.refund import Refund, State
from pos_terminal.ports.books.outcomes import Judged, StoredOutcome
from pos_terminal.services.money.bad_outcome import BadOutcome
from pos_terminal.wire.feed.outcome import Outcome

_OPEN: Final = frozenset({State.UNKNOWN, State.REVERSING, State.FORM_PRINTED})
_GIVEN: Final = frozenset({State.ACCEPTED, State.CONFIRMED})


def in_turn(records: Iterable[Outcome]) -> Sequence[Outcome]:
    """As it happened, where all say when; else as the file has them."""
    found = list(records)
    if all(one.happened_on for one in found):
        found.sort(key=lambda one: one.happened_on)
    return found


def is_known_after(outcome: Outcome, told: Sequence[StoredOutcome]) -> bool:
    """Whether as much was told before. BadOutcome where it was another amount."""
    for one in told:
        same = one.told is outcome.told and one.effect in FINAL
        if same and outcome.same_posting(one.posting.rrn, one.posting.reference):
            if one.done != outcome.done:
                place = f"{one.posting.file}:{one.posting.line}"
                raise BadOutcome(f"known with another amount, from {place}")
            return True
    return False


def concludes(outcome: Outcome, refund: Refund) -> bool:
    """What is on the account was paid: nobody needs another record of it. A form is confirmed by
    the reference of its payment alone."""
    return outcome.told is Told.CREDITED and refund.state in (State.UNKNOWN, State.GIVEN_UP)


def after_it(refund: Refund | None, one: Judged) -> Refund | None:
    """As the refund will be once this line was taken."""
    if refund is not None and one.conclusion is not None:
        return replace(refund, state=one.conclusion.state, done=one.conclusion.done)
    if refund is not None and one.effect is Effect.RETURNED:
        return replace(refund, state=State.RETURNED)
    return refund


def became_of(
    outcome: Outcome,
    refund: Refund,
    told: Sequence[StoredOutcome],
    *,
    posting: Posting,
    beside: int,
) -> Judged:
    """``beside``: what the acquirer is known to have paid of it against the ledger's word."""
    number = refund.refund_id
    if refund.state in _OPEN:
        reason = f"refund {number}: {outcome.told}, and nobody told yet that it was paid"
        return Judged(outcome, Effect.LEFT, number, reason=reason)
    if outcome.told is Told.RETURNED:
        return _returned(outcome, refund)
    if refund.state is State.RETURNED:
        return _credited_since(outcome, refund, told)
    if refund.done + beside != outcome.done:
        return _against(outcome, refund, over=max(0, outcome.done - refund.done - beside))
    return _credited(outcome, refund, told, posting)


def _returned(outcome: Outcome, refund: Refund) -> Judged:
    if refund.state not in _GIVEN:
        return _against(outcome, refund)
    back = min(outcome.done, refund.done)
    amount = format_amount(back, refund.currency)
    reason = f"refund {refund.refund_id}: {amount} came back; its tender is free, a case is open"
    return Judged(outcome, Effect.RETURNED, refund.refund_id, reason=reason, back=back)


def _credited_since(outcome: Outcome, refund: Refund, told: Sequence[StoredOutcome]) -> Judged:
    """It had come back, and was free to be given again: told late only where the days say so."""
    number = refund.refund_id
    back = next(one for one in told if one.effect is Effect.RETURNED)
    if outcome.happened_on and outcome.happened_on < back.happened_on:
        return Judged(outcome, Effect.CREDITED, number)
    if any(one.effect is Effect.OVERPAID for one in told):
        return _against(outcome, refund)
    over = min(back.done, refund.done)
    about = f"refund {number}: credited after it had come back"
    reason = f"{about}; the sale is locked until its case is closed"
    return Judged(outcome, Effect.OVERPAID, number, reason=reason, over=over)


def _credited(
    outcome: Outcome, refund: Refund, told: Sequence[StoredOutcome], posting: Posting
) -> Judged:
    """On the account under another reference it is there twice, but where a second payment of it
    is a case by now."""
    number = refund.refund_id
    first = next((one for one in told if one.effect is Effect.CREDITED), None)
    if first is None or any(one.effect is Effect.PAID_TWICE for one in told):
        return Judged(outcome, Effect.CREDITED, number)
    reason = f"refund {number}: credited again; the sale is locked until its case is closed"
    return Judged(
        outcome,
        Effect.PAID_TWICE,
        number,
        reason=reason,
        postings=(first.posting, posting),
        over=outcome.done,
    )


def _against(outcome: Outcome, refund: Refund, over: int = 0) -> Judged:
    here, there = (format_amount(done, refund.currency) for done in (refund.done, outcome.done))
    about = f"refund {refund.refund_id}: {refund.state} here with {here}"
    locked = "; the sale is locked until its case is closed" if over else ""
    reason = f"{about}, {outcome.told} in the file with {there}; a case is open{locked}"
    return Judged(outcome, Effect.CONTRADICTS, refund.refund_id, reason=reason, over=over)
