"""The ledger: questions, and durable writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # said to the type checker only: no start imports what a book is asked for
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from pos_terminal.core.blind import NoReceipt
    from pos_terminal.core.cause import Cause
    from pos_terminal.core.exchange import GivenOut
    from pos_terminal.core.exchange_credit import ExchangeCredit
    from pos_terminal.core.refund import Refund
    from pos_terminal.core.sale import Sale
    from pos_terminal.core.typed import Typed
    from pos_terminal.core.voucher import Voucher
    from pos_terminal.ports.books.applications import ApplicationReads, Applications
    from pos_terminal.ports.books.case_papers import CasePaperReads, CasePapers
    from pos_terminal.ports.books.cases import CaseReads, Cases
    from pos_terminal.ports.books.cleared import Cleared, ClearedReads
    from pos_terminal.ports.books.counter import Counter, CounterReads
    from pos_terminal.ports.books.exceptions import ExceptionReads
    from pos_terminal.ports.books.exchange_credits import ExchangeCreditReads
    from pos_terminal.ports.books.exchanges import ExchangeReads
    from pos_terminal.ports.books.feed import FeedReads, SalesFeed
    from pos_terminal.ports.books.findings import FindingReads
    from pos_terminal.ports.books.journal import Journal, JournalReads
    from pos_terminal.ports.books.manual import ManualReads
    from pos_terminal.ports.books.messages import MessageReads, Messages
    from pos_terminal.ports.books.outcomes import OutcomeReads, Outcomes
    from pos_terminal.ports.books.payouts import PayoutReads, Payouts
    from pos_terminal.ports.books.refunds import RefundReads, Refunds
    from pos_terminal.ports.books.sales import SaleReads
    from pos_terminal.ports.books.slips import PrintJobReads, PrintJobs
    from pos_terminal.ports.books.stock import Stock, StockReads
    from pos_terminal.ports.books.vouchers import VoucherReads, Vouchers
    from pos_terminal.ports.conclusion import (
        Conclusion,
        CreditSlips,
        NewNumberSlips,
        Slips,
        VoucherSlips,
    )
    from pos_terminal.ports.records import (
        Application,
        Approval,
        Draft,
        Drawn,
        ExchangeTaking,
        Payee,
        Sealed,
        Taking,
    )
    from pos_terminal.wire.iso8583.message import Message
    from pos_terminal.wire.receipt.slip import Slip


class LedgerReads(Protocol):
    """Questions to the ledger; answered in the loop, from an index."""

    @property
    def journal(self) -> JournalReads: ...

    @property
    def counter(self) -> CounterReads: ...

    @property
    def refunds(self) -> RefundReads: ...

    @property
    def messages(self) -> MessageReads: ...

    @property
    def slips(self) -> PrintJobReads: ...

    @property
    def sales(self) -> SaleReads: ...

    @property
    def cases(self) -> CaseReads: ...

    @property
    def case_papers(self) -> CasePaperReads: ...

    @property
    def payouts(self) -> PayoutReads: ...

    @property
    def outcomes(self) -> OutcomeReads: ...

    @property
    def findings(self) -> FindingReads: ...

    @property
    def applications(self) -> ApplicationReads: ...

    @property
    def vouchers(self) -> VoucherReads: ...

    @property
    def stock(self) -> StockReads: ...

    @property
    def exchanges(self) -> ExchangeReads: ...

    @property
    def exchange_credits(self) -> ExchangeCreditReads: ...

    @property
    def cleared(self) -> ClearedReads: ...

    @property
    def manual(self) -> ManualReads: ...

    @property
    def exceptions(self) -> ExceptionReads: ...

    @property
    def feed(self) -> FeedReads: ...


class LedgerWrites(Protocol):
    """Every method is one durable transaction with its audit entry, done on the writer thread."""

    async def seal(
        self, application: int, card: Payee | None, build: Callable[[Drawn], Message]
    ) -> Sealed:
        """Seal: hold, STAN, message without secrets, sealed card data, for a void its reversal.

        ``build`` makes the whole request from what was drawn, without field 64. Raises Failure
        ``ledger.balance`` where the balance no longer covers it, ``ledger.lines`` where that of
        the goods doesn't; nothing is changed then.
        """

    async def reseal(
        self,
        refund_id: int,
        cause: Cause,
        card: Payee | None,
        build: Callable[[Drawn], Message],
    ) -> Sealed:
        """NOT_SENT and the seal of the same application in one commit: the acquirer surely did not
        take the request, and it goes out under another STAN. Failures as of ``seal``."""

    async def conclude(self, refund_id: int, conclusion: Conclusion) -> Refund:
        """The commit of an outcome. Raises IllegalMove.

        UNKNOWN to UNKNOWN and REVERSING to REVERSING add facts and keep the hold: slips are
        queued, a case is opened (once for each kind), the cause is replaced where one is given.
        With a ``finding`` people conclude it: ACCEPTED, GIVEN_UP or OVERPAID, and a manual one
        WITHDRAWN; with a ``confirmation`` that is CONFIRMED. OVERPAID locks the sale. Cases about
        an unknown outcome are closed with it.
        """

    async def commit_cash(self, application: int, slips: Slips) -> Refund:
        """A cash leg: TO_HAND_OVER, balance spent, slips queued. Before the drawer opens.

        Failure ``ledger.balance`` or ``ledger.lines`` where the balance no longer covers it.
        """

    async def commit_cash_legs(self, legs: Sequence[tuple[int, Slips]]) -> Sequence[Refund]:
        """The cash legs of a ticket, each with its slips, in one commit. Failures as of
        ``commit_cash``: nothing is changed then."""

    async def commit_form(self, application: int, slips: Slips) -> Refund:
        """A manual refund: FORM_PRINTED, its amount held, the form queued.

        Failure ``ledger.balance``, ``ledger.lines``, or ``ledger.sale_open`` while a refund of the
        sale is open.
        """

    async def type_sale(self, sale: Sale, operator: str) -> int:
        """A sale that a clerk typed from a receipt; its key (R7).

        Failure ``ledger.typed_known`` where a sale has that reference of that day by now.
        """

    async def type_reference(self, sale_key: int, leg: int, typed: Typed, operator: str) -> None:
        """The reference of a payment of which the till told none. A sale that was typed with it is
        that payment from now on (R7).

        Failure ``ledger.typed_known`` where another one has it, ``ledger.typed_not_it`` where the
        payment is not what was typed, ``ledger.sale_open`` while refunds of both are open.
        """

    async def type_missing(self, sale_key: int, leg: int, typed: Typed, operator: str) -> None:
        """Batch, trace and authorisation code of a payment that was typed without them (R7). What
        is known of it stays.

        Failure ``ledger.typed_not_it`` where the payment is not what was typed by now,
        ``ledger.sale_open`` while a refund of the sale is open.
        """

    async def is_one(self, typed: int, sale_key: int, leg: int, operator: str) -> None:
        """Somebody says that a typed sale is this payment of a till's: they are one from now on
        (R7), and what went back of either counts. What differs is a case, and locks the sale.

        Failures as of ``type_reference``, ``ledger.sale_gone`` where one is not there any more.
        """

    async def withdraw_typed(self, sale_key: int, operator: str, supervisor: str) -> None:
        """A sale that was typed wrong, of which nothing came; typed again it is another one (R7).

        Failure ``ledger.typed_used`` where something was given back of it, or may have been.
        """

    async def withdraw_reference(
        self, sale_key: int, leg: int, operator: str, supervisor: str
    ) -> None:
        """A reference that was typed wrong for a payment of a till's: it has none again (R7).

        Failure ``ledger.reference_used`` where something was given back of the payment, or may have
        been; ``ledger.typed_not_it`` where the till has told it by now.
        """

    async def open_blind(self, sale: Sale, draft: Draft, known: NoReceipt) -> Application:
        """The sale that stands for goods without a receipt, and the application for it (R17)."""

    async def issue_credit(self, application: int, slips: VoucherSlips) -> Refund:
        """Store credit: ISSUED, balance spent, a new voucher, its slips queued.

        Failure ``ledger.balance`` where the balance no longer covers it; ValueError for goods
        without a receipt that two people have not approved.
        """

    async def book_points(self, application: int, slips: Slips) -> Refund:
        """Points back: BOOKED, balance spent, the movement for the till, its slips queued.

        Failure ``ledger.balance`` where the balance no longer covers it.
        """

    async def exchange(self, application: int, out: Sequence[GivenOut], slips: Slips) -> Refund:
        """Goods for goods: EXCHANGED, the balance as it was, stock both ways, its slips queued.

        Failure ``ledger.lines`` where the goods are not the customer's any more, and those of a
        sale that does not stand; ValueError where they are not of the same worth.
        """

    async def make_exchange_credit(
        self, applications: Sequence[int], lasts: timedelta, slips: CreditSlips
    ) -> ExchangeCredit:
        """What came back becomes an exchange credit: of each leg a refund SET_ASIDE, its amount
        held, the goods back, one number over all of them, its slips queued. It ``lasts`` from the
        moment of the commit on, which is never before the log's newest entry.

        The applications are legs of one sale in one ticket, each ``exchange_credit``, the first
        with the goods: ValueError where they are not. Failures as of ``commit_form``.
        """

    async def take_exchange_credit(self, taking: Taking) -> ExchangeTaking:
        """The till takes so much, spent on the legs in their order; the same request once. Where
        nothing is left the credit is settled with it.

        Failure ``voucher.unknown``, ``voucher.reused`` and those of ``check_taking`` in
        ``core/exchange_credit.py``. A known request is answered as it was whatever the credit has
        become.
        """

    async def settle_exchange_credit(
        self, number: str, rest: Sequence[Draft], operator: str, slips: Sequence[Slip] = ()
    ) -> Sequence[Application]:
        """The credit is dead for the till, and its rest is to do in its ticket: of each leg that
        has any left the draft of an application with that amount and no goods. All of it is one
        commit; they are opened kept, in their own places of the plan.

        A draft is no VOID once the till took anything: ValueError. Failure ``voucher.unknown``,
        ``voucher.settled``, ``ledger.credit_moved`` where another sum is left by now.
        """

    async def reopen_exchange_credit(
        self, application: int, back: Sequence[Draft], slips: Slips
    ) -> tuple[Refund, Sequence[Application]]:
        """Goods that an exchange credit paid for are back: REOPENED, the balance of their sale
        spent, and as much less given back on the legs that the credit had spent it on, which are to
        do in the same ticket, kept, from that commit on. Its slips queued.

        ``back``: a draft for each of those legs in their order, with its part, no goods and no
        VOID: ValueError. Failure ``ledger.balance``, ``ledger.lines``, or ``ledger.not_reopened``
        where the credit or its sale does not stand any more, or as much is not left of it.
        """

    async def reopen_voided(
        self, case_id: int, application: int, back: Sequence[Draft], slips: Slips
    ) -> tuple[Refund, Sequence[Application]]:
        """As ``reopen_exchange_credit``, of a sale that its till voided: what the case says that
        the till took and no sale is there for. A step of the case, which ends with it where
        nothing is missing any more. Two others than who asks, and who made the credit, have
        approved the application: ValueError.
        """

    async def end_exchange_credit(
        self, number: str, operator: str, approvals: tuple[Approval, Approval]
    ) -> ExchangeCredit:
        """Two people end one whose sale is locked or voided; what was left stays with that sale.

        Failure ``voucher.unknown``, ``voucher.settled``, ``voucher.stopped``, or
        ``ledger.credit_stands`` where its rest can go back.
        """

    async def replace_voucher(
        self, number: str, operator: str, supervisor: str, slips: NewNumberSlips
    ) -> Voucher:
        """What is left of a voucher under a new number with its slips, the old number dead.

        Failure ``ledger.voucher_waits``, ``voucher.unknown`` and those of ``check_open``.
        """


class Ledger(LedgerReads, LedgerWrites, Protocol):
    """The one ledger, for code that reads and writes."""

    @property
    def journal(self) -> Journal: ...

    @property
    def counter(self) -> Counter: ...

    @property
    def refunds(self) -> Refunds: ...

    @property
    def messages(self) -> Messages: ...

    @property
    def feed(self) -> SalesFeed: ...

    @property
    def applications(self) -> Applications: ...

    @property
    def slips(self) -> PrintJobs: ...

    @property
    def cases(self) -> Cases: ...

    @property
    def case_papers(self) -> CasePapers: ...

    @property
    def payouts(self) -> Payouts: ...

    @property
    def outcomes(self) -> Outcomes: ...

    @property
    def vouchers(self) -> Vouchers: ...

    @property
    def stock(self) -> Stock: ...

    @property
    def cleared(self) -> Cleared: ...
