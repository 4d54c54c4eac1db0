"""What the flows need of the world. Drivers and services fulfil these; ``app.py`` wires them."""

from pos_terminal.core.interface import Interface
from pos_terminal.core.print_job import JobState, Upset
from pos_terminal.ports.card import CardGone, CardLink, CardMute, CardReaders
from pos_terminal.ports.conclusion import (
    Conclusion,
    Evidence,
    Slips,
    VoucherSlips,
)
from pos_terminal.ports.display import Display, Frame, Row, Style
from pos_terminal.ports.events import (
    CardArrived,
    CardLeft,
    Device,
    DeviceState,
    FileWaits,
    InputEvent,
    Key,
    KeyPressed,
    ScanDropped,
    Scanned,
    Sink,
)
from pos_terminal.ports.host import Authoriser, HostState, Result
from pos_terminal.ports.ledger import Ledger, LedgerReads, LedgerWrites
from pos_terminal.ports.papers import CaseSlips, Copies, Filed, Grounds, Papers, Teller
from pos_terminal.ports.people import People, Tokens
from pos_terminal.ports.printer import (
    Confirmation,
    Paper,
    Printer,
    PrinterLost,
    PrinterStatus,
    Printing,
    SlipsEnd,
)
from pos_terminal.ports.records import (
    AnswerFacts,
    Application,
    Approval,
    CardFacts,
    Case,
    Closing,
    Drawn,
    Finding,
    PrintJob,
    Redemption,
    Sealed,
    Taking,
)
from pos_terminal.ports.runner import Runner
from pos_terminal.ports.time import Clock, TrustedClock

__all__ = [
    "AnswerFacts",
    "Application",
    "Approval",
    "Authoriser",
    "CardArrived",
    "CardFacts",
    "CardGone",
    "CardLeft",
    "CardLink",
    "CardMute",
    "CardReaders",
    "Case",
    "CaseSlips",
    "Clock",
    "Closing",
    "Conclusion",
    "Confirmation",
    "Copies",
    "Device",
    "DeviceState",
    "Display",
    "Drawn",
    "Evidence",
    "FileWaits",
    "Filed",
    "Finding",
    "Frame",
    "Grounds",
    "HostState",
    "InputEvent",
    "Interface",
    "JobState",
    "Key",
    "KeyPressed",
    "Ledger",
    "LedgerReads",
    "LedgerWrites",
    "Paper",
    "Papers",
    "People",
    "PrintJob",
    "Printer",
    "PrinterLost",
    "PrinterStatus",
    "Printing",
    "Redemption",
    "Result",
    "Row",
    "Runner",
    "ScanDropped",
    "Scanned",
    "Sealed",
    "Sink",
    "Slips",
    "SlipsEnd",
    "Style",
    "Taking",
    "Teller",
    "Tokens",
    "TrustedClock",
    "Upset",
    "VoucherSlips",
]
