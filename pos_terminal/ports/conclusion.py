"""How a refund ends: what the commit of one outcome carries (R31, R32)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from pos_terminal.core.case import CaseKind
from pos_terminal.core.cause import Cause
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Refund, State
from pos_terminal.core.said import Said
from pos_terminal.core.voucher import Voucher
from pos_terminal.ports.records import AnswerFacts, Finding, FormConfirmation
from pos_terminal.wire.receipt.slip import Slip


class Evidence(Struct, frozen=True):
    """A line of the acquirer's file that tells an outcome (R32)."""

    done: int
    """Minor units that were paid; 0 for "not paid"."""
    reference: str
    """The acquirer's, of its posting or its enquiry."""
    rrn: str
    auth_code: str
    source: str
    """The file's name."""
    line: int
    digest: str
    """SHA-256 of the file, hex."""

    @property
    def paid(self) -> bool:
        return self.done > 0


class Conclusion(Struct, frozen=True):
    """The content of the one commit of an outcome."""

    state: State
    done: int = 0
    answer: AnswerFacts | None = None
    reversal: AnswerFacts | None = None
    """The answer to its reversal: no fact of the void itself."""
    cause: Cause | None = None
    stops: Said | None = None
    """The acquirer does not know merchant or terminal: no trade until it takes a sign-on."""
    flagged: bool = False
    slips: tuple[Slip, ...] = ()
    case: CaseKind | None = None
    """Kind of the case to open with it, where people must act."""
    keep: bool = False
    """Declined for want of merchant funds (51): the application stays open and comes up again."""
    finding: Finding | None = None
    """People conclude it: ACCEPTED or GIVEN_UP out of UNKNOWN or REVERSING, or OVERPAID."""
    evidence: Evidence | None = None
    """Or the acquirer's file does."""
    confirmation: FormConfirmation | None = None
    """Of a manual refund a supervisor does."""


Slips = Sequence[Slip] | Callable[[Refund], Sequence[Slip]]
"""Slips, or what makes them once the refund has its number (it is in their barcode)."""

VoucherSlips = Callable[[Refund, Voucher], Sequence[Slip]]
"""As ``Slips``, for a refund as store credit: the voucher's number comes with its commit."""

PayoutSlips = Callable[[int, Voucher | None], Sequence[Slip]]
"""Of a payout by its number; of one as store credit its voucher comes with the commit, too."""

NewNumberSlips = Callable[[Voucher], Sequence[Slip]]
"""Of a voucher that goes on under another number."""

CreditSlips = Callable[[Sequence[Refund], ExchangeCredit], Sequence[Slip]]
"""The same of an exchange credit, with the refunds that it stands on."""
