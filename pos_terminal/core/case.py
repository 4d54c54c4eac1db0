"""Kinds of cases, what is known when one is opened, and what its closing takes (R45)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from pos_terminal.core.cause import Cause
from pos_terminal.core.refund import Kind, State
from pos_terminal.core.sale_event import SaleEvent


class CaseKind(StrEnum):
    UNKNOWN_OUTCOME = "unknown_outcome"
    """Only the acquirer's file or people can tell what became of a refund."""
    BATCH_CLOSED = "batch_closed"
    """The same, since a new batch began."""
    CARD_DATA_GONE = "card_data_gone"
    """The same, since the request can't be made again."""
    OVERPAYMENT = "overpayment"
    """Approved after it was given up."""
    CONTRADICTION = "contradiction"
    """The acquirer says other than the ledger's final state: in its file, or by an approval that
    comes after a decline."""
    SLIP_DISPUTED = "slip_disputed"
    UNILATERAL_DEBIT = "unilateral_debit"
    PAID_TWICE = "paid_twice"
    """The acquirer's file has another posting of a request that was paid already."""
    ELSEWHERE = "elsewhere"
    """Another system did more to a sale than is left of it."""
    TYPED_DIFFERS = "typed_differs"
    """The till tells a payment otherwise than a clerk had typed it (R7)."""
    VOUCHER_NOT_REDEEMED = "voucher_not_redeemed"
    """A till says that one of our vouchers paid, of which less was redeemed (R37)."""
    EXCHANGE_NOT_REDEEMED = "exchange_not_redeemed"
    """A till says that one of our exchange credits paid, of which it took less (R37)."""
    EXCHANGE_NOT_TOLD = "exchange_not_told"
    """A till voided or lowered a sale that one of our exchange credits had paid: of what it took
    of that no sale says any more what it was for (R37)."""
    RECOVERY_UNKNOWN = "recovery_unknown"
    """A till says that a sale pays a recovery slip of this terminal, which printed none with that
    number (R46)."""
    PAID_UNKNOWN = "paid_unknown"
    """The acquirer paid under a number of this terminal that the ledger knows nothing of."""
    RETURNED = "returned"
    """What was given back came back from the customer's account: it is to be given back again."""
    AMOUNT_LITTLE = "amount_little"
    """Less went back than should have."""
    AMOUNT_MUCH = "amount_much"
    ACCOUNT = "account"
    """It went to another account than the customer's."""
    GOODS = "goods"
    """Other goods were booked than came back, or the wrong ones went out."""
    TIME = "time"
    """The money came late, or not at all."""
    COMPLAINT = "complaint"


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


ABOUT_UNKNOWN: Final = (
    CaseKind.UNKNOWN_OUTCOME,
    CaseKind.BATCH_CLOSED,
    CaseKind.CARD_DATA_GONE,
)
"""Kinds that ask for the outcome of a refund: closed by themselves once it is known."""


ABOUT_CREDIT: Final = (CaseKind.EXCHANGE_NOT_REDEEMED, CaseKind.EXCHANGE_NOT_TOLD)
"""Kinds that end by themselves where what tills say and what they took is the same again, and come
back where it is not any more."""


BY_PEOPLE: Final = (
    CaseKind.SLIP_DISPUTED,
    CaseKind.UNILATERAL_DEBIT,
    CaseKind.AMOUNT_LITTLE,
    CaseKind.AMOUNT_MUCH,
    CaseKind.ACCOUNT,
    CaseKind.GOODS,
    CaseKind.TIME,
    CaseKind.COMPLAINT,
)
"""Kinds that people open, as often as it happens: while one is open it is the one meant, and a
closed one is never handed back as new. All others come with what was told, once for each."""


MISTAKES: Final = (*BY_PEOPLE[2:], CaseKind.SLIP_DISPUTED)
"""Kinds that a clerk chooses from, in their order on the screen."""


def due_days(kind: CaseKind) -> int:
    """How soon somebody is to look at a new one, where the shop says nothing else: at what a file,
    a till or an answer told, today; at what people opened, once they could do something."""
    return _DUE_DAYS.get(kind, 0)


_DUE_DAYS: Final[Mapping[CaseKind, int]] = {
    CaseKind.AMOUNT_LITTLE: 1,
    **dict.fromkeys((CaseKind.AMOUNT_MUCH, CaseKind.ACCOUNT, CaseKind.GOODS, CaseKind.TIME), 3),
    **dict.fromkeys((CaseKind.COMPLAINT, CaseKind.SLIP_DISPUTED, CaseKind.UNILATERAL_DEBIT), 7),
}


LOCKS: Final = (CaseKind.TYPED_DIFFERS,)
"""Kinds that lock their sale also where nothing was paid too much."""


AT_ONCE: Final = 50
"""Open ones that are read for one list."""


class FoundBy(StrEnum):
    """Who saw that something was wrong (R45)."""

    CUSTOMER = "customer"
    SHOP = "shop"
    ACQUIRER = "acquirer"


COMPLAINED: Final = (CaseKind.COMPLAINT, CaseKind.SLIP_DISPUTED, CaseKind.UNILATERAL_DEBIT)
"""Kinds that a customer comes with: nobody is asked who found it."""


def locks(kind: CaseKind, over: int) -> bool:
    """Whether nothing of its sale is given back until it is closed."""
    return over > 0 or kind in LOCKS


def supervisors_to_close(kind: CaseKind, over: int) -> int:
    """How many; two where money went out beside what the ledger has as given back, or may have."""
    return 2 if locks(kind, over) else 1


class OutcomeFacts(Struct, frozen=True):
    """A refund's outcome is not known, or came too late."""

    cause: Cause | None
    state: State


class Contradicted(Struct, frozen=True):
    """What the acquirer says against the ledger."""

    state: State
    told: int
    """Minor units that it tells as paid."""
    reference: str
    """The file's; of an approval on the line its RRN."""
    file: str = ""
    """Empty where it came on the line."""
    line: int = 0
    digest: str = ""
    other: int = 0
    """Of a form: the application that this reference has carried out already."""
    returned: bool = False
    """``told`` is what came back, it says: nobody was paid by it."""


class Returned(Struct, frozen=True):
    """What a line of the acquirer's file says came back from the account."""

    amount: int
    """Of what was given back, minor units."""
    told: int
    """By the file."""
    happened_on: str
    """The acquirer's day, ISO 8601, or empty."""
    arn: str
    reference: str
    file: str
    line: int
    digest: str


class Posting(Struct, frozen=True):
    """One of the lines that pay the same request."""

    file: str
    """Empty for what a supervisor typed of a form."""
    line: int
    reference: str
    rrn: str


class PaidTwice(Struct, frozen=True):
    postings: tuple[Posting, ...]
    """The request's own, then the one too many."""
    digest: str
    """SHA-256 of the file of the one too many, hex."""

    @property
    def perhaps_one(self) -> bool:
        """Whether people told the first: they may have mistyped it, or have been told by another
        name what the file tells of."""
        return not self.postings[0].file


class PaidUnknown(Struct, frozen=True):
    """What a line of the acquirer's file says was paid, and by which request."""

    batch: str
    stan: str
    kind: Kind
    rrn: str
    happened_on: str
    """The acquirer's day, ISO 8601, or empty."""
    original_rrn: str
    """Of the payment that it gave back, or empty."""
    last4: str
    """Of the card, or empty."""
    reference: str
    file: str
    line: int
    digest: str
    leg: int = 0
    """Of the sale that the case is about: the one payment with ``original_rrn``."""
    own: bool = False
    """The number is one that this terminal drew for a message that pays nothing: somebody else
    pays in its name, and nothing is given back until two people looked (R50)."""


class ToldElsewhere(Struct, frozen=True):
    """What the feed says that another system did to a sale."""

    event: SaleEvent
    reference: str
    leg: int
    """0 for the whole sale."""
    amount: int
    """As told, minor units; 0 for the whole sale."""


class Difference(Struct, frozen=True):
    """One fact of a payment that the till tells otherwise than a clerk typed it."""

    fact: str
    typed: str
    told: str


class TypedDiffers(Struct, frozen=True):
    """A payment that was typed, and what the till tells of it."""

    leg: int
    rrn: str
    differs: tuple[Difference, ...]
    given: int
    """Minor units that were given back of it, or were on their way, when the till told of it."""


class ToldExchange(Struct, frozen=True):
    """What tills say that an exchange credit paid, and what they took of it, minor units."""

    number: str
    """As anybody may see it."""
    ticket: int
    paid: int
    """Of all sales that name it; of voided ones what went back of them."""
    taken: int
    leg: int = 0
    """The payment whose number is masked, or none of ours as it stands: nobody knows which credit
    it was, and ``ticket`` is 0."""
    perhaps: int = 0
    """How many of ours it may have been when it was told."""

    @property
    def beside(self) -> int:
        """So much more, or less, than was taken."""
        return abs(self.paid - self.taken)


class ToldRecovery(Struct, frozen=True):
    """What a till says of a sale that it told."""

    number: str
    """The code of the slip that it pays."""


class Reported(Struct, frozen=True, omit_defaults=True):
    """Somebody at the terminal opened it."""

    operator: str
    found_by: FoundBy | None = None
    """None where nobody said it."""


CaseFacts = (
    OutcomeFacts
    | Contradicted
    | PaidTwice
    | PaidUnknown
    | ToldElsewhere
    | ToldExchange
    | ToldRecovery
    | TypedDiffers
    | Reported
    | Returned
)

FACTS: Final[Mapping[CaseKind, type[CaseFacts]]] = {
    CaseKind.CONTRADICTION: Contradicted,
    CaseKind.RETURNED: Returned,
    **dict.fromkeys(BY_PEOPLE, Reported),
    CaseKind.VOUCHER_NOT_REDEEMED: Reported,
    CaseKind.PAID_TWICE: PaidTwice,
    CaseKind.PAID_UNKNOWN: PaidUnknown,
    CaseKind.ELSEWHERE: ToldElsewhere,
    CaseKind.RECOVERY_UNKNOWN: ToldRecovery,
    CaseKind.TYPED_DIFFERS: TypedDiffers,
    **dict.fromkeys(ABOUT_CREDIT, ToldExchange),
    **dict.fromkeys((*ABOUT_UNKNOWN, CaseKind.OVERPAYMENT), OutcomeFacts),
}
