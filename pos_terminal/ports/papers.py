"""The slips of each occasion, as facts (R39)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from pos_terminal.core.came_back import CameBack
from pos_terminal.core.decision import StoredVerdict
from pos_terminal.core.exchange_credit import ExchangeCredit
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale, Tender
from pos_terminal.core.tenders import Basis
from pos_terminal.core.words import Words
from pos_terminal.ports.conclusion import (
    CreditSlips,
    Evidence,
    NewNumberSlips,
    PayoutSlips,
    Slips,
    VoucherSlips,
)
from pos_terminal.ports.records import (
    Application,
    Approval,
    Case,
    CaseEnd,
    CaseStep,
    Finding,
    FormConfirmation,
    NewPaper,
    NewPayout,
    Payout,
)
from pos_terminal.wire.receipt.slip import Slip

if TYPE_CHECKING:
    from pos_terminal.core.exchange import GivenOut
    from pos_terminal.ports.books.applications import ApplicationReads
    from pos_terminal.ports.books.exceptions import ExceptionReads
    from pos_terminal.ports.books.exchange_credits import ExchangeCreditReads
    from pos_terminal.ports.books.sales import SaleReads

Copies = tuple[Slip, Slip]
"""The merchant's copy and the customer's."""
Teller = Finding | Evidence | FormConfirmation
"""Who told of an outcome that the line did not."""
CaseSlips = Callable[[int], Sequence[Slip]]
"""What makes slips once the case has its number."""


class Filed(Protocol):
    """What papers look up in the ledger."""

    @property
    def sales(self) -> SaleReads: ...

    @property
    def applications(self) -> ApplicationReads: ...

    @property
    def exceptions(self) -> ExceptionReads: ...

    @property
    def exchange_credits(self) -> ExchangeCreditReads: ...


class Grounds(Struct, frozen=True):
    """Everything about one application that its slips are made of."""

    application: Application
    sale: Sale
    approvals: Sequence[Approval]
    decisions: Sequence[StoredVerdict]
    at: datetime
    basis: Basis | None = None
    """Why it goes back another way, where it does."""
    credit: ExchangeCredit | None = None
    """Whose rest it gives back, or what goods that it had paid for opened of it again."""
    again: Sequence[CameBack] = ()
    """What it gives again of what came back from the account (R50)."""

    @classmethod
    def of(cls, filed: Filed, application: Application, sale: Sale, at: datetime) -> Grounds:
        number, asked = application.number, filed.applications
        basis = filed.exceptions.of_application(number)
        credit = filed.exchange_credits.behind(number)
        said = asked.approvals(number), asked.decisions(number)
        again = filed.sales.given_again(sale.key, application.leg, number)
        return cls(application, sale, *said, at, basis, credit, again)

    @property
    def tender(self) -> Tender:
        """The leg that it is about."""
        return self.sale.tender(self.application.leg)

    @property
    def rule(self) -> str:
        """The rule that decided: the strictest, the first of equals; ``policy`` where none was."""
        against = (one for one in self.decisions if one.code)
        deciding = max(against, key=lambda one: one.answer.rank, default=None)
        if deciding is not None:
            return deciding.rule
        return self.approvals[0].rule if self.approvals else ""


class Papers(Protocol):
    """Makes slips; writes nothing. The flows' occasions are looked up by their application.

    A text that is missing never keeps money from its record.
    """

    # --- for the flows -------------------------------------------------------------------------

    def refused(
        self, application: Application, cause: Words, advice: Words | None = None
    ) -> Copies:
        """Refused by a rule: the rule, and whom to turn to (R67). No refund exists."""

    def turned_away(self, application: Application, cause: Words) -> Copies:
        """Refused before an amount was asked, perhaps without any sale (R67)."""

    def cash(self, application: Application) -> Slips:
        """For ``Ledger.commit_cash``: the refund's number is known only there."""

    def points(self, application: Application) -> Slips:
        """For ``Ledger.book_points``: the refund's number is known only there."""

    def exchange_back(self, application: Application) -> Slips:
        """For ``Ledger.reopen_exchange_credit``: likewise."""

    def exchange(self, application: Application, out: Sequence[GivenOut]) -> Slips:
        """For ``Ledger.exchange``: the refund's number is known only there."""

    def exchange_credit(self, applications: Sequence[Application]) -> CreditSlips:
        """For ``Ledger.make_exchange_credit``: the merchant's record, and what the till takes."""

    def credit(
        self, application: Application, *, clerk: str = "", agreed: str = ""
    ) -> VoucherSlips:
        """For ``Ledger.issue_credit``, and ``replace_voucher`` of such: the merchant's record,
        and the voucher itself (R37). Of one in place of another: the ``clerk`` who asked for that,
        number and name of the supervisor who ``agreed``."""

    def form(self, application: Application) -> Slips:
        """For ``Ledger.commit_form``: what people fill in, sign and carry out elsewhere (R38)."""

    def to_do(self, applications: Sequence[Application]) -> Copies:
        """What of a ticket could not be done yet, leg by leg (R35)."""

    def proof(self, sale: Sale, operator: str) -> Callable[[int], Slip]:
        """Made with its number: the how manieth proof of this purchase it is (R73)."""

    def enquiry(self, sale: Sale, operator: str, customer: str) -> CaseSlips:
        """单边账: the acquirer's form and the customer's slip, with how the customer is reached.

        For ``Cases.open_of_sale``: the case's number is known only there.
        """

    def payout(self, new: NewPayout, sale_key: int) -> PayoutSlips:
        """For ``Payouts.pay_out``: made with the number that only that commit knows (R47a)."""

    def payout_credit(
        self, payout: Payout, sale_key: int, *, clerk: str, agreed: str
    ) -> NewNumberSlips:
        """For ``Ledger.replace_voucher``, where the voucher was such a payout."""

    def recovery(self, new: NewPaper, sale_key: int | None, given: int) -> CaseSlips:
        """For ``CasePapers.add``, as the next two: what the customer pays at the till (R46).
        ``given`` back of it in all, minor units; 0 where no refund says so."""

    def to_acquirer(self, new: NewPaper, refund: Refund) -> CaseSlips:
        """The acquirer is asked to correct where it went, or where it is; what the customer keeps
        of that (R46)."""

    def claim(self, new: NewPaper, refund: Refund, freight: int) -> CaseSlips:
        """What the supplier of its goods is asked for; ``freight`` of the amount, minor units
        (R47a)."""

    def complaint(
        self, sale: Sale, refund: Refund | None, operator: str, *, by_gift: bool = False
    ) -> CaseSlips:
        """What the customer keeps of a complaint, for ``Cases.open`` and ``open_of_sale`` (R76)."""

    def case_record(
        self,
        case: Case,
        operator: str,
        facts: Sequence[tuple[Words | str, str]],
        steps: Sequence[CaseStep],
        end: CaseEnd | None,
    ) -> Slip:
        """All of a case: what it is about, as label and value, its steps, how it ended (R45)."""

    # --- for outcomes --------------------------------------------------------------------------

    def accepted(
        self,
        grounds: Grounds,
        refund: Refund,
        cause: Words | None = None,
        told: Teller | None = None,
    ) -> Copies:
        """Money given back: ``refund`` as it will be, with ``done`` and the answer's numbers.

        ``cause`` says why it is less than was asked for (10, 部分承兑), ``told`` who says so
        where no answer came.
        """

    def declined(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        """未退款: what was asked, why not, and what next."""

    def not_sent(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        """未发送,未退款: the request never left."""

    def reversed(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        """The void did not take effect; the sale stands."""

    def pending(
        self, grounds: Grounds, refund: Refund, cause: Words, advice: Words | None
    ) -> Copies:
        """The certificate of an unknown outcome: check code, expected date, contact (R32).

        ``cause`` and ``advice`` are the clerk's; the customer reads what to expect and how to ask.
        """

    def given_up(
        self, grounds: Grounds, refund: Refund, told: Teller, cause: Words, advice: Words | None
    ) -> Copies:
        """Nothing was paid, as people or the acquirer's file found: the hold is free (R32)."""

    def overpaid(
        self,
        grounds: Grounds,
        refund: Refund,
        earlier: Teller | None,
        late: Teller | None,
        *,
        cause: Words,
        advice: Words,
    ) -> tuple[Slip]:
        """Approved after it was given up, ``done`` of it: for the merchant, who follows it.

        ``earlier`` gave it up, ``late`` told of the approval where it did not come on the line.
        """
