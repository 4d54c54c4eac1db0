"""``terminal.toml``: strict, so that an option nobody reads is an error (R59 `check` names it)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, tzinfo
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, field

from pos_terminal.core.case import CaseKind
from pos_terminal.core.currencies import CURRENCIES
from pos_terminal.core.goods_code import ScalePattern, scale_pattern
from pos_terminal.core.home import Home
from pos_terminal.core.sales_home import SalesHome
from pos_terminal.core.words import ConfigFailure
from pos_terminal.core.working_days import WorkingDays
from pos_terminal.holidays import of_china
from pos_terminal.option_errors import in_words
from pos_terminal.option_section import Section
from pos_terminal.policy_options import Policy, problems_of_policy
from pos_terminal.texts import Language
from pos_terminal.wire.alt_codes import AltCodes
from pos_terminal.wire.frames import Frame
from pos_terminal.wire.keyboards import Layout
from pos_terminal.zones import SHANGHAI, UnknownZone, zone_of

TCP: Final = "tcp://"
Digits15 = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{15}\Z")]
Digits8 = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{8}\Z")]
Positive = Annotated[int, Meta(ge=1)]
UsbId = Annotated[str, Meta(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}\Z")]


class Terminal(Section, frozen=True):
    """``[terminal]``: who we are."""

    merchant_id: Digits15
    terminal_id: Digits8
    merchant_name: str
    data_dir: str
    """Ledger, keys and key ring. Relative paths count from the configuration file."""
    language: Language = Language.ZH_CN
    bilingual_receipts: bool = False
    currency: Annotated[str, Meta(pattern=r"^[0-9]{3}\Z")] = "156"
    contact: str = ""
    """Printed for questions and complaints."""
    hotline: str = ""
    """The public one for complaints: printed on a complaint's slip."""
    support: str = ""
    """The hot line: shown beside trouble that the clerk can't mend."""
    idle_lock_minutes: Annotated[int, Meta(ge=1, le=240)] = 15
    timezone: str = SHANGHAI
    """The shop's, by its IANA name: every date is in it, whatever the machine's is (R95)."""

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.timezone)


class Tls(Section, frozen=True):
    """``[acquirer.tls]``: mutual TLS with a pinned server certificate (R56a)."""

    certificate: str
    key: str
    authority: str
    """PEM file of the acquirer's CA."""
    server_name: str
    pins: list[Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]]
    """SHA-256 of the server certificate in DER, hex; any one of them fits."""


class Acquirer(Section, frozen=True):
    """``[acquirer]``."""

    address: Annotated[list[str], Meta(min_length=1, max_length=2)]
    """``host:port``; the second is tried when the first can't be reached before sending."""
    profile: str = "cup"
    tpdu: Annotated[str, Meta(pattern=r"^60[0-9]{8}\Z")] = "6000000000"
    serial: Annotated[str, Meta(pattern=r"^[ -~]{0,50}\Z")] = ""
    """The terminal's serial number, where the profile's sign-on names it (``sign_on_62``)."""
    private_line: bool = False
    """Plain TCP, only within a VPN to the acquirer: docs/security.md says what others could do."""
    tls: Tls | None = None
    inbox: str | None = None
    """Folder for the acquirer's files of outcomes; by default ``outcomes`` in ``data_dir``."""
    files: Literal["confirm", "trusted"] = "confirm"
    """Whether a supervisor sees what such a file would settle before it is taken."""
    repeat: Literal["never", "identical"] | None = None
    """Overrides the profile's; ``identical`` only where the acquirer promises it in writing."""
    answer_seconds: Annotated[float, Meta(gt=0, le=60)] | None = None
    connect_seconds: Annotated[float, Meta(gt=0, le=60)] | None = None
    """Both override the profile's."""
    customer_seconds: Annotated[float, Meta(gt=0, le=90)] = 90.0
    """After so long the customer gets the pending certificate."""
    repeat_seconds: Annotated[float, Meta(gt=0)] = 5.0
    """First pause between repeats of a round; it doubles."""
    background_seconds: Annotated[float, Meta(gt=0)] = 300.0
    """Pause between background rounds."""
    owed_seconds: Annotated[float, Meta(gt=0, le=60)] = 20.0
    """So long all that is owed is waited for before a new message."""


class Reader(Section, frozen=True):
    """``[reader.contact]``, ``[reader.tap]``: bound by full PC/SC name."""

    name: str


class Readers(Section, frozen=True):
    contact: Reader | None = None
    tap: Reader | None = None


class Keypad(Section, frozen=True):
    """``[keypad]``: bound by path and kind (R57)."""

    device: str
    """A by-path link, a udev name, or a FIFO of input_event records."""
    id: UsbId | None = None
    """``vendor:product`` that must be there, as ``pos-terminal check`` shows it."""


class Scanner(Section, frozen=True):
    """``[scanner]``: an input device, or a serial port."""

    device: str
    kind: Literal["evdev", "serial"] = "evdev"
    baud: int = 9600
    id: UsbId | None = None
    """As for the keypad; of an input device only."""
    gap_ms: Annotated[int, Meta(ge=10, le=2000)] = 250
    """The longest pause within a code; a longer one drops what there is of it."""
    layout: Layout = Layout.US
    """The keyboard that the scanner is set to type on; of an input device only."""
    alt_codes: AltCodes = AltCodes.WINDOWS
    """What Alt with a number above 127 stands for; of an input device only."""
    frame: Frame = Frame.EIGHT_NONE
    """Bits and parity of a serial scanner."""


class Printer(Section, frozen=True):
    """``[printer]``."""

    port: str
    """A device path, or ``tcp://HOST:PORT``."""
    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200
    paper: Literal[58, 80] = 58
    """Width in millimetres: 32 or 48 columns."""
    profile: str = "default"
    """python-escpos capability profile."""
    flow: Literal["xonxoff", "rtscts", "none"] = "xonxoff"
    drawer: bool = True
    """Whether a cash drawer hangs on it: without one nothing is kicked."""

    @property
    def columns(self) -> int:
        return 32 if self.paper == 58 else 48


class Display(Section, frozen=True):
    """``[display]``."""

    backend: Literal["ansi", "luma", "none"] = "ansi"
    device: str = ""
    """ANSI: a tty, empty for standard output. luma: the panel driver, e.g. ``ili9341``."""
    interface: Literal["spi", "i2c", "dummy"] = "spi"
    width: Positive = 320
    height: Positive = 240
    rotate: Annotated[int, Meta(ge=0, le=3)] = 0
    columns: Annotated[int, Meta(ge=20, le=80)] = 40
    rows: Annotated[int, Meta(ge=8, le=30)] = 15
    font: str = "/usr/share/fonts/opentype/unifont/unifont.otf"


Members = list[Annotated[str, Meta(pattern=r"^@?[^@\s]+\Z")]]
"""Users by name or number, groups with an ``@`` before theirs."""


class ControlClasses(Section, frozen=True):
    """``[control.classes]``: who may ask what (``control/classes.py``). By default nobody but a
    technician: the terminal's own user, and root."""

    till: Members = field(default_factory=list)
    feed: Members = field(default_factory=list)
    acquirer: Members = field(default_factory=list)
    status: Members = field(default_factory=list)
    """The shop's website, which asks what became of a refund (R50)."""
    technician: Members = field(default_factory=list)
    bench: Members = field(default_factory=list)


class Control(Section, frozen=True):
    """``[control]``: the local socket for tools on this machine."""

    socket: str
    classes: ControlClasses = field(default_factory=ControlClasses)


class Elsewhere(Section, frozen=True):
    """``[[sales.elsewhere]]``: where sales of other terminals are given back."""

    terminals: Annotated[list[Digits8], Meta(min_length=1)]
    place: Annotated[str, Meta(min_length=1, max_length=40)]
    """As people are told it."""


class Sales(Section, frozen=True):
    """``[sales]``: the feed, and whose sales are given back here (R66)."""

    home: Literal["all"] | list[Digits8] | None = None
    """Terminal numbers of the sale, besides one's own; without it nothing is traded."""
    elsewhere: list[Elsewhere] = field(default_factory=list)
    inbox: str | None = None
    allow_full_pan: bool = False
    """Accept files with full card numbers; they are turned into tokens and wiped (R9)."""
    scale_codes: list[str] = field(default_factory=list)
    """What the shop's own scales print, as ``core.goods_code`` says (R72)."""

    @property
    def scale_patterns(self) -> tuple[ScalePattern, ...]:
        """ValueError where one is none; ``load`` has looked."""
        return tuple(scale_pattern(text) for text in self.scale_codes)


class Security(Section, frozen=True):
    """``[security]``: what protects the key files while the terminal is off."""

    device_key: Literal["auto", "tpm", "file"] = "auto"
    """``auto``: the TPM where the machine has one when keys are first loaded, else a file."""
    tpm: str = "/dev/tpmrm0"
    """The kernel's device, or ``tcp://HOST:PORT`` of an emulated one."""


Days = Annotated[int, Meta(le=36_500)]


class Retention(Section, frozen=True):
    """``[retention]``: how many days what is kept at least and, once nothing of it is open, at
    most (R54). ``docs/security.md`` says what belongs to which."""

    sales_days: Annotated[Days, Meta(ge=30)] = 400
    """Sales with their lines and tokens, from the day of the sale; then all that became of them.
    Not less than the longest return window."""
    refunds_days: Annotated[Days, Meta(ge=30)] = 400
    """Who and which card, from the end of a refund."""
    slips_days: Annotated[Days, Meta(ge=7)] = 200
    """What printed slips say; then there is no reprint."""
    audit_days: Annotated[Days, Meta(ge=30)] = 1100
    """Facts of the audit log. Not less than the others."""
    files_days: Annotated[Days, Meta(ge=1)] = 30
    """Files of the sales feed in the inbox's ``done`` and ``refused``."""


class Phrase(Section, frozen=True):
    """``[[cases.phrases]]``: what is often said of a step of a case (R45)."""

    zh: Annotated[str, Meta(min_length=1, max_length=40)]
    en: Annotated[str, Meta(min_length=1, max_length=40)]


class Cases(Section, frozen=True):
    """``[cases]``: what went wrong, until it is closed (R45)."""

    due_days: dict[CaseKind, Annotated[int, Meta(ge=0, le=365)]] = field(default_factory=dict)
    """How many days after its opening somebody is to look at a case again, by its kind."""
    confirm_days: Annotated[int, Meta(ge=0, le=30)] = 3
    """Working days that the acquirer's file may take to confirm an accepted refund; 0: nobody
    follows it up."""
    phrases: Annotated[list[Phrase], Meta(max_length=9)] = field(default_factory=list)
    """What is said of steps, by a digit each."""


class CalendarDays(Section, frozen=True):
    """``[calendar]``: what the list of China's working days has not, or not yet (R50)."""

    holidays: list[date] = field(default_factory=list)
    workdays: list[date] = field(default_factory=list)


class Config(Section, frozen=True):
    terminal: Terminal
    acquirer: Acquirer
    control: Control
    printer: Printer
    keypad: Keypad
    reader: Readers = field(default_factory=Readers)
    scanner: Scanner | None = None
    display: Display = field(default_factory=Display)
    sales: Sales = field(default_factory=Sales)
    policy: Policy = field(default_factory=Policy)
    security: Security = field(default_factory=Security)
    cases: Cases = field(default_factory=Cases)
    calendar: CalendarDays = field(default_factory=CalendarDays)
    retention: Retention = field(default_factory=Retention)
    file: Path = Path("terminal.toml")
    """Where it was read from; set by ``load``, not an option."""

    def path(self, text: str) -> Path:
        """A path of the configuration, relative ones counted from its folder."""
        return self.file.parent / Path(text).expanduser()

    def working_days(self) -> WorkingDays:
        """By the list of China's, and what the shop says on top; the list comes in with it."""
        return of_china().with_days(self.calendar.holidays, self.calendar.workdays)

    @property
    def home(self) -> Home:
        """Whose ledger it is to be."""
        terminal = self.terminal
        return Home(terminal.merchant_id, terminal.terminal_id, terminal.zone)

    @property
    def sales_home(self) -> SalesHome | None:
        """Whose sales are given back here; None where nobody has said it."""
        home = self.sales.home
        if home is None:
            return None
        own = {self.terminal.terminal_id}
        places = {
            number: elsewhere.place
            for elsewhere in self.sales.elsewhere
            for number in elsewhere.terminals
        }
        return SalesHome(None if home == "all" else frozenset(own.union(home)), places)

    @property
    def data_dir(self) -> Path:
        return self.path(self.terminal.data_dir)

    @property
    def outcomes(self) -> Path:
        """Where files of the acquirer's outcomes lie."""
        inbox = self.acquirer.inbox
        return self.data_dir / "outcomes" if inbox is None else self.path(inbox)

    @property
    def ledger(self) -> Path:
        """The ledger's database."""
        return self.data_dir / "ledger.db"

    @property
    def log(self) -> Path:
        """Where the log goes while standard error is the screen."""
        return self.data_dir / "terminal.log"


def load(path: Path) -> Config:
    """The configuration in ``path``. Failure ``config.*`` names file, section and option."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigFailure("config.missing", file=str(path)) from None
    except OSError as error:
        raise ConfigFailure(
            "config.unreadable", file=str(path), cause=str(error.strerror)
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFailure("config.syntax", file=str(path), cause=str(error)) from None
    if "file" in raw:
        raise ConfigFailure("config.option", file=str(path), option="file", cause="unknown section")
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        option, cause = in_words(str(error), Config)
        raise ConfigFailure("config.option", file=str(path), option=option, cause=cause) from None
    for option, cause in _problems(config):
        raise ConfigFailure("config.option", file=str(path), option=option, cause=cause)
    return msgspec.structs.replace(config, file=path.resolve())


def _problems(config: Config) -> Iterator[tuple[str, str]]:
    """What the types can't say: (section.option, cause)."""
    try:
        zone_of(config.terminal.timezone)
    except UnknownZone as error:
        yield "terminal.timezone", str(error)
    if config.terminal.currency not in CURRENCIES:
        yield "terminal.currency", f"ISO 4217 has no currency {config.terminal.currency}"
    if config.acquirer.tls is None and not config.acquirer.private_line:
        yield (
            "acquirer.tls",
            "needed, or private_line = true within a VPN that nobody else can reach",
        )
    for address in config.acquirer.address:
        if not _is_address(address):
            yield "acquirer.address", f'"{address}" is not "host:port"'
    yield from _problems_of_sales(config)
    ends = {"printer.port": config.printer.port, "security.tpm": config.security.tpm}
    for option, end in ends.items():
        if not end or (end.startswith(TCP) and not _is_address(end.removeprefix(TCP))):
            yield option, f'"{end}" is neither a device path nor "tcp://HOST:PORT"'
    yield from problems_of_policy(config.policy)
    both = set(config.calendar.holidays).intersection(config.calendar.workdays)
    if both:
        yield "calendar.holidays", f"{min(both)} stands among workdays, too"
    inbox = config.acquirer.inbox
    if inbox is not None and inbox == config.sales.inbox:
        yield "acquirer.inbox", "the folder of [sales]: whoever brings sales tells no outcomes"
    kept = config.retention
    if kept.audit_days < max(kept.sales_days, kept.refunds_days, kept.slips_days):
        yield "retention.audit_days", "less than another of [retention]: the log outlives the rest"


def _problems_of_sales(config: Config) -> Iterator[tuple[str, str]]:
    home = config.sales.home
    ours = {config.terminal.terminal_id, *(home if isinstance(home, list) else ())}
    named = [number for one in config.sales.elsewhere for number in one.terminals]
    for number in named:
        if home == "all" or number in ours or named.count(number) > 1:
            yield "sales.elsewhere", f"terminal {number} has more than one home"
            break
    try:
        prefixes = [pattern.prefix for pattern in config.sales.scale_patterns]
    except ValueError as error:
        yield "sales.scale_codes", str(error)
    else:
        for prefix in {one for one in prefixes if prefixes.count(one) > 1}:
            yield "sales.scale_codes", f"two patterns begin with {prefix}"


def _is_address(text: str) -> bool:
    """``host:port``, IPv6 in brackets."""
    host, _, port = text.rpartition(":")
    return bool(host) and re.fullmatch("[0-9]{1,5}", port) is not None and 0 < int(port) < 65536
