"""All that is known of a case, for the acquirer, a complaint office or a court (R76)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from msgspec import Struct

from pos_terminal.cli.explain import explained
from pos_terminal.config import Config
from pos_terminal.core import receipt_code
from pos_terminal.core.local_time import local
from pos_terminal.core.print_job import JobState
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.flows.case.case_facts import facts_of_case
from pos_terminal.ports import Case, CaseEnd, CaseStep, LedgerReads, PrintJob
from pos_terminal.services.paper.slip_bytes import receipt_tongues
from pos_terminal.texts import Language, catalogue, render
from pos_terminal.wire.receipt.blocks import Blocks
from pos_terminal.wire.receipt.layout import lay_out
from pos_terminal.wire.receipt.paper import Barcode
from pos_terminal.wire.receipt.to_text import as_text
from pos_terminal.wire.receipt.wording import Wording

_COLUMNS = 48


class ShownSlip(Struct, frozen=True):
    at: str
    state: JobState
    rows: Sequence[str | Barcode]
    """Empty for one with which whoever has it could pay."""


class Dossier(Struct, frozen=True):
    """Words are in one language; times the shop's."""

    number: int
    merchant: str
    terminal: str
    made_at: str
    open: bool
    facts: Sequence[tuple[str, str]]
    steps: Sequence[CaseStep]
    end: CaseEnd | None
    application: int | None
    decisions: Sequence[str]
    """As ``explain`` says them."""
    message: Mapping[str, str]
    """The request's fields, masked; empty where nothing was sent."""
    slips: Sequence[ShownSlip]
    head: tuple[int, str]
    """Number and hash of the audit log's newest entry."""
    local: Callable[[datetime], datetime]
    """A moment as the shop's clock shows it."""


class _Shop:
    def __init__(self, config: Config) -> None:
        self._config = config
        self.currency = config.terminal.currency
        self.zone: tzinfo = config.terminal.zone

    def local(self, moment: datetime) -> datetime:
        return local(moment, self.zone)

    def remedy_code(self, number: int) -> str:
        terminal = self._config.terminal
        return receipt_code.remedy_code(terminal.merchant_id, terminal.terminal_id, number)


class _Speaks:
    def __init__(self, language: Language) -> None:
        self.language = language


class _Now:
    """The time when the export began."""

    def __init__(self, zone: tzinfo) -> None:
        self._now = local(datetime.now(UTC), zone)

    def now(self) -> datetime:
        return self._now


class _Desk:
    """What a case's facts are read with (``flows/case/reading.py``)."""

    def __init__(self, ledger: LedgerReads, config: Config, language: Language) -> None:
        self.ledger = ledger
        self.shop = _Shop(config)
        self.clock = _Now(self.shop.zone)
        self.ui = _Speaks(language)


def dossier(ledger: LedgerReads, config: Config, language: Language, number: int) -> Dossier:
    """Failure ``export.no_case``."""
    case = ledger.cases.by_id(number)
    if case is None:
        raise Failure("export.no_case", number=number)
    desk = _Desk(ledger, config, language)

    def said(words: Words | str) -> str:
        return words if isinstance(words, str) else render(words, language)

    facts = [(said(line.words), line.value) for line in facts_of_case(desk, case)]
    refund = None if case.refund_id is None else ledger.refunds.by_id(case.refund_id)
    application = None if refund is None else refund.application
    told = [] if application is None else explained(ledger, config, language, application)
    return Dossier(
        number=number,
        merchant=f"{config.terminal.merchant_name} {config.terminal.merchant_id}",
        terminal=config.terminal.terminal_id,
        made_at=f"{desk.clock.now():%Y-%m-%d %H:%M %z}",
        open=case.open,
        facts=facts,
        steps=ledger.cases.steps(number),
        end=ledger.cases.end(number),
        application=application,
        decisions=told,
        message=_message(ledger, case),
        slips=list(_slips(ledger, case, language, desk.shop.local)),
        head=ledger.journal.head(),
        local=desk.shop.local,
    )


def _message(ledger: LedgerReads, case: Case) -> Mapping[str, str]:
    if case.refund_id is None:
        return {}
    try:
        message = ledger.messages.request(case.refund_id)
    except KeyError:  # cash, goods and forms send none
        return {}
    return {"MTI": message.mti, **message.shown()}


def _slips(
    ledger: LedgerReads, case: Case, language: Language, shops: Callable[[datetime], datetime]
) -> Iterator[ShownSlip]:
    """Of its refund, of what was given back of the sale while it was open, then of itself; each
    once, however often it was printed."""
    of_refunds = (
        job for number in _refunds(ledger, case) for job in ledger.slips.of_refund(number)
    )
    for job in (*of_refunds, *ledger.slips.of_case(case.case_id)):
        if job.duplicate == 0:
            at = datetime.fromisoformat(job.slip.head.at)
            rows = () if job.slip.body.is_money(job.slip.head.copy) else _rows(job, language)
            yield ShownSlip(f"{shops(at):%Y-%m-%d %H:%M}", job.state, tuple(rows))


def _refunds(ledger: LedgerReads, case: Case) -> Sequence[int]:
    """By number. A second one may have given what was missing, or had come back."""
    end = ledger.cases.end(case.case_id)
    own = () if case.refund_id is None else (case.refund_id,)
    later = (
        one.refund_id
        for one in (() if case.sale_key is None else ledger.refunds.of_sale(case.sale_key))
        if one.sealed_at >= case.opened_at and (end is None or one.sealed_at <= end.at)
    )
    return sorted({*own, *later})


def _rows(job: PrintJob, language: Language) -> Iterator[str | Barcode]:
    tongues = receipt_tongues(language, bilingual=False)
    blocks = Blocks(Wording(catalogue(), tongues), _COLUMNS)
    return as_text(lay_out(job.slip, blocks, attempt=1, duplicate=0), _COLUMNS)


def text_of(language: Language, code: str, **values: str | int) -> str:
    return render(say(code, **values), language)
