"""What stands for which section of the configuration: drivers, rules, acquirer, shop, slips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from pos_drivers.display_make import OpenDisplay, make_display
from pos_drivers.input_hotplug import WHOLE_FILES, FolderWatch
from pos_drivers.input_keypad import make_keypad
from pos_drivers.input_unknown import UnknownKeyboards
from pos_drivers.pcsc import PcscReaders
from pos_drivers.printer import EscposPrinter

from pos_terminal.config import Config, Scanner
from pos_terminal.core.rules.book import RuleBook, RuleError, make_book
from pos_terminal.core.words import ConfigFailure, Failure
from pos_terminal.flows.common.desk import Shop
from pos_terminal.option_errors import in_words
from pos_terminal.ports import CardReaders, Clock, Device, Filed, Interface, Papers, Printer, Sink
from pos_terminal.profiles import load as load_profile
from pos_terminal.services.paper.queue import Render
from pos_terminal.services.paper.slip_bytes import slip_renderer
from pos_terminal.wire.iso8583.profile import Profile
from pos_terminal.zones import zone_of

if TYPE_CHECKING:
    from pos_terminal.services.intake.outcome_inbox import Money, OutcomeInbox
    from pos_terminal.services.intake.taking import Intake
    from pos_terminal.services.ledger.store import LedgerStore


class Devices(Struct, frozen=True):
    """The drivers of one terminal; ``all`` of them are to be run."""

    readers: CardReaders
    printer: Printer
    all: tuple[Device, ...]


def open_screen(config: Config, sink: Sink) -> OpenDisplay:
    """The display of ``[display]``. Failure ``display.*``."""
    display = config.display
    return make_display(
        backend=display.backend,
        columns=display.columns,
        rows=display.rows,
        device=display.device,
        interface=display.interface,
        width=display.width,
        height=display.height,
        rotate=display.rotate,
        font=display.font,
        sink=sink,
    )


def make_devices(config: Config, sink: Sink) -> Devices:
    """All devices, none of them opened yet: each opens and reopens itself when it is run."""
    readers = PcscReaders(sink, _reader_names(config))
    printer = EscposPrinter(
        port=_address(config, config.printer.port),
        baud=config.printer.baud,
        columns=config.printer.columns,
        flow=config.printer.flow,
        sink=sink,
    )
    path = _address(config, config.keypad.device)
    keypad = make_keypad(path, sink, expected_id=config.keypad.id)
    scanners = () if config.scanner is None else (_scanner(config, config.scanner, sink),)
    unknown = UnknownKeyboards(_bound_inputs(config), sink)
    return Devices(readers, printer, (readers, printer, keypad, *scanners, unknown))


def _bound_inputs(config: Config) -> tuple[str, ...]:
    """Input devices that an option names; any other keyboard is a stranger (R57)."""
    scanner = () if config.scanner is None else (_address(config, config.scanner.device),)
    return (_address(config, config.keypad.device), *scanner)


def _scanner(config: Config, scanner: Scanner, sink: Sink) -> Device:
    path = _address(config, scanner.device)
    if scanner.kind == "serial":
        from pos_drivers.scanner_serial import SerialScanner

        from pos_terminal.wire.line_scan import LineScan

        line = LineScan(frame=scanner.frame, gap_ms=scanner.gap_ms)
        return SerialScanner(path, sink, baud=scanner.baud, scan=line)
    from pos_drivers.scanner_evdev import make_key_scanner

    from pos_terminal.wire.key_scan import KeyScan

    keys = KeyScan(layout=scanner.layout, alt_codes=scanner.alt_codes, gap_ms=scanner.gap_ms)
    return make_key_scanner(path, sink, scan=keys, expected_id=scanner.id)


def _reader_names(config: Config) -> Mapping[Interface, str]:
    readers = {Interface.CONTACT: config.reader.contact, Interface.TAP: config.reader.tap}
    return {interface: reader.name for interface, reader in readers.items() if reader is not None}


def check_reader_names(config: Config) -> None:
    """Failure where both sections name one reader."""
    from pos_drivers.pcsc_names import alike

    contact, tap = config.reader.contact, config.reader.tap
    if contact is not None and tap is not None and alike(contact.name, [tap.name]):
        raise Failure("card.reader_one_for_two", contact=contact.name, tap=tap.name)


def _address(config: Config, port: str) -> str:
    """A device's path, relative ones counted from the configuration; ``tcp://`` as it is."""
    return port if port.startswith("tcp://") else str(config.path(port))


def watch_files(folder: Path, changed: Callable[[], None]) -> FolderWatch:
    """Calls ``changed`` when a whole file has come into the folder."""
    return FolderWatch([str(folder)], changed, WHOLE_FILES)


# --- rules, acquirer, shop and slips ------------------------------------------------------------


def rule_book(config: Config) -> RuleBook:
    """The shop's rules. Failure ``config.option`` names a bad parameter."""
    try:
        book = make_book(config.policy.rules)
        _check_retention(config, book)
    except RuleError as error:
        option, cause = in_words(error.cause, Config, error.option)
        raise ConfigFailure(
            "config.option", file=str(config.file), option=option, cause=cause
        ) from None
    return book


def _check_retention(config: Config, book: RuleBook) -> None:
    """RuleError where sales would go while they can still be given back."""
    days = book.refundable_days
    if days is not None and config.retention.sales_days < days:
        raise RuleError("retention.sales_days", f"less than the return window of {days} days")


def acquirer_profile(config: Config) -> Profile:
    """What the acquirer speaks. Failure ``config.option``."""
    profile = load_profile(config.acquirer.profile, config.file)
    if "{serial}" in profile.sign_on_62 and not config.acquirer.serial:
        raise ConfigFailure(
            "config.option",
            file=str(config.file),
            option="acquirer.serial",
            cause="needed: field 62 of the profile's sign-on (sign_on_62) names it",
        )
    return profile


def shop_of(config: Config, book: RuleBook, profile: Profile) -> Shop:
    """What flows decide by."""
    return Shop(
        merchant_id=config.terminal.merchant_id,
        terminal_id=config.terminal.terminal_id,
        currency=config.terminal.currency,
        contact=config.terminal.contact,
        support=config.terminal.support,
        reasons=tuple(config.policy.reasons),
        conditions=tuple(config.policy.conditions),
        inspection=config.policy.inspection,
        exchange_hours=config.policy.exchange_hours,
        phrases=tuple(config.cases.phrases),
        confirmed_before=_confirmed_before(config),
        payouts=config.policy.payout_limits,
        supervisor=config.policy.supervisor,
        without_printer=config.policy.without_printer,
        drawer=config.printer.drawer,
        void_scope=profile.void_scope,
        void_needs_code=profile.void_needs_code,
        checks_card=profile.checks_card,
        by_reference=profile.by_reference,
        cut_off=profile.cut_off,
        home=config.sales_home,
        scale_patterns=config.sales.scale_patterns,
        sales_days=config.retention.sales_days,
        zone=config.terminal.zone,
        acquirer_zone=zone_of(profile.timezone),
        book=book,
        tenders=tuple(one.way for one in config.policy.tenders),
        form_codes=profile.form_codes,
    )


def _confirmed_before(config: Config) -> Callable[[date], date] | None:
    """By working days, of which the list comes in with the first question, once for each day."""
    number = config.cases.confirm_days

    @cache
    def before(today: date) -> date:
        return config.working_days().back(today, number)

    return before if number else None


def papers_later(config: Config, ledger: Filed, clock: Clock) -> Callable[[], Papers]:
    """What slips say. All kinds of them come in when it is asked for, after the start."""

    @cache
    def make() -> Papers:
        from pos_terminal.services.paper.slips import SlipMaker

        return SlipMaker(config, ledger, clock)

    return make


def intake_later(
    config: Config, ledger: LedgerStore, changed: Callable[[], None]
) -> Callable[[], Intake]:
    """What takes in files of sales. It comes in with the first of them, after the start."""

    @cache
    def make() -> Intake:
        from pos_terminal.services.intake.taking import Intake
        from pos_terminal.services.retention.purge_files import refused_folder

        return Intake(ledger, refused_folder(config), changed)

    return make


def outcomes_later(
    config: Config, ledger: LedgerStore, money: Money, changed: Callable[[], None]
) -> Callable[[], OutcomeInbox]:
    """The acquirer's folder; ``changed`` is told that a file waits. It comes in with its first
    look, which no start waits for."""

    @cache
    def make() -> OutcomeInbox:
        from pos_terminal.services.intake.outcome_inbox import OutcomeInbox

        return OutcomeInbox(
            config.outcomes,
            ledger,
            money,
            trusted=config.acquirer.files == "trusted",
            watch=watch_files,
            changed=changed,
        )

    return make


def renderer(config: Config) -> Render:
    """How slips become bytes."""
    return slip_renderer(
        config.terminal.language,
        bilingual=config.terminal.bilingual_receipts,
        columns=config.printer.columns,
        profile=config.printer.profile,
    )
