"""What became of what a slip of ours, or its number, stands for: for the desk and for the shop's
website alike (R50)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pos_terminal.core import receipt_code
from pos_terminal.core.application import ApplicationState
from pos_terminal.core.refund import Refund
from pos_terminal.core.status import Status, status_of

if TYPE_CHECKING:
    from pos_terminal.ports.books.outcomes import Became
    from pos_terminal.ports.ledger import LedgerReads
    from pos_terminal.ports.records import Application, Case


class Standing(Struct, frozen=True):
    application: Application
    refund: Refund | None
    """Its newest; None where nothing was tried."""
    status: Status
    since: datetime
    """When it came to that."""
    became: Became | None = None
    """What the acquirer's file told of its money since."""
    given_again: bool = False
    """It came back, and nothing of that waits any more."""

    @property
    def arn(self) -> str:
        """The acquirer's number of it, by which the customer's bank finds it; empty: none was
        told."""
        return "" if self.became is None else self.became.arn

    @property
    def amount(self) -> int:
        """Minor units that went back, or were asked for."""
        if self.refund is None:
            return self.application.amount
        return self.refund.done or self.refund.amount

    def day(self, local: Callable[[datetime], datetime]) -> str:
        """The day on which it came to that, ISO 8601: the acquirer's, where it named one.
        ``local`` tells the shop's time."""
        named = "" if self.became is None else self.became.happened_on
        return named or local(self.since).date().isoformat()


def standing_of(ledger: LedgerReads, number: int) -> Standing | None:
    """Of an application, by its number; None where there is none."""
    application = ledger.applications.by_number(number)
    if application is None:
        return None
    refund = _newest_refund(ledger, application)
    if refund is None or application.state is ApplicationState.OPEN:
        is_open = application.state is ApplicationState.OPEN  # also where an earlier try failed
        status = Status.PROCESSING if is_open else Status.FAILED
        return Standing(application, refund, status, ledger.applications.changed_at(number))
    since = refund.concluded_at or refund.sealed_at
    became = ledger.outcomes.became(refund.refund_id)
    status = status_of(refund.state, credited=became is not None and became.credited)
    since = since if became is None else became.at
    again = status is Status.RETURNED and not waits(ledger, refund)
    return Standing(application, refund, status, since, became, again)


def waits(ledger: LedgerReads, refund: Refund) -> bool:
    """Whether some of what came back of it is to be given again."""
    back = ledger.sales.came_back(refund.sale_key, refund.leg)
    return any(one.refund_id == refund.refund_id for one in back)


OF_CASE: Final = (receipt_code.CASE_DIGIT, receipt_code.REMEDY_DIGIT)
"""Kinds of codes that lead to a case: its own, and those of its papers."""


def case_of(ledger: LedgerReads, code: receipt_code.ReceiptCode) -> Case | None:
    """None where no case has it. The code is this terminal's, and of a kind of ``OF_CASE``."""
    number = code.serial
    if code.kind == receipt_code.REMEDY_DIGIT:
        paper = ledger.case_papers.by_number(code.serial)
        number = 0 if paper is None else paper.case_id
    return ledger.cases.by_id(number)


def application_of(
    ledger: LedgerReads, code: receipt_code.ReceiptCode, merchant_id: str, terminal_id: str
) -> int | None:
    """The number of the application behind the code of a slip; None where it is no slip of this
    terminal's about a refund. A voucher is money and has no status here."""
    ours = (receipt_code.check_of(merchant_id), receipt_code.check_of(terminal_id))
    if (code.merchant_check, code.terminal_check) != ours:
        return None
    if code.kind == receipt_code.APPLICATION_DIGIT:
        return code.serial
    if code.kind in OF_CASE:
        case = case_of(ledger, code)
        refund_id = None if case is None else case.refund_id
        refund = None if refund_id is None else ledger.refunds.by_id(refund_id)
        return None if refund is None else refund.application
    refund = ledger.refunds.by_id(code.serial)
    if refund is None or receipt_code.KIND_DIGIT.get(refund.kind) != code.kind:
        return None
    return refund.application


def _newest_refund(ledger: LedgerReads, application: Application) -> Refund | None:
    if application.sale_key is None:
        return None
    of_sale = ledger.refunds.of_sale(application.sale_key)
    return next((one for one in reversed(of_sale) if one.application == application.number), None)
