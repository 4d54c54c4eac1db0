"""All kinds of slips. A new one is a file in ``kinds``, a line here, and its texts."""

from pos_terminal.wire.receipt.kinds.case_record import CaseRecord
from pos_terminal.wire.receipt.kinds.cash import CashBack
from pos_terminal.wire.receipt.kinds.claim import Claim
from pos_terminal.wire.receipt.kinds.complaint import Complaint
from pos_terminal.wire.receipt.kinds.credit import StoreCredit
from pos_terminal.wire.receipt.kinds.declined import Declined
from pos_terminal.wire.receipt.kinds.enquiry import Enquiry
from pos_terminal.wire.receipt.kinds.exchange import Exchanged
from pos_terminal.wire.receipt.kinds.exchange_back import ExchangeBack
from pos_terminal.wire.receipt.kinds.exchange_credit import ExchangeCredited
from pos_terminal.wire.receipt.kinds.form import Form
from pos_terminal.wire.receipt.kinds.given_up import GivenUp
from pos_terminal.wire.receipt.kinds.manual import CarriedOut
from pos_terminal.wire.receipt.kinds.not_sent import NotSent
from pos_terminal.wire.receipt.kinds.overpaid import Overpaid
from pos_terminal.wire.receipt.kinds.payout import PayoutForm, PayoutInCash
from pos_terminal.wire.receipt.kinds.pending import Pending
from pos_terminal.wire.receipt.kinds.points import PointsBack
from pos_terminal.wire.receipt.kinds.proof import Proof
from pos_terminal.wire.receipt.kinds.recovery import Recovery
from pos_terminal.wire.receipt.kinds.refund import Refunded
from pos_terminal.wire.receipt.kinds.refused import Refused
from pos_terminal.wire.receipt.kinds.reversed import Reversed
from pos_terminal.wire.receipt.kinds.test import PrintTest
from pos_terminal.wire.receipt.kinds.to_acquirer import Correction, RefundEnquiry
from pos_terminal.wire.receipt.kinds.to_do import ToDo
from pos_terminal.wire.receipt.kinds.void import Voided

Kinds = (
    Refunded
    | Voided
    | CashBack
    | StoreCredit
    | PointsBack
    | Exchanged
    | ExchangeCredited
    | ExchangeBack
    | Declined
    | Pending
    | NotSent
    | Reversed
    | Refused
    | GivenUp
    | Overpaid
    | Enquiry
    | Form
    | CarriedOut
    | ToDo
    | Proof
    | PayoutInCash
    | PayoutForm
    | Recovery
    | Correction
    | RefundEnquiry
    | Claim
    | Complaint
    | CaseRecord
    | PrintTest
)
"""What a stored slip may be of."""
