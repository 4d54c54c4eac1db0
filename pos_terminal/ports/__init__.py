"""What the flows need of the world. Drivers and services fulfil these; ``app.py`` wires them."""

from pos_terminal.core.interface import Interface
from pos_terminal.ports.card import CardGone, CardLink, CardMute, CardReaders
from pos_terminal.ports.display import Display, Frame, Row, Style
from pos_terminal.ports.events import (
    CardArrived,
    CardLeft,
    Device,
    DeviceState,
    InputEvent,
    Key,
    KeyPressed,
    ScanDropped,
    Scanned,
    Sink,
)
from pos_terminal.ports.host import Authoriser, HostState, Result
from pos_terminal.ports.ledger import Ledger, LedgerReads, LedgerWrites
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
    Drawn,
    Finding,
    JobState,
    PrintJob,
    Sealed,
    Settlement,
    Slips,
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
    "Clock",
    "Confirmation",
    "Device",
    "DeviceState",
    "Display",
    "Drawn",
    "Finding",
    "Frame",
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
    "People",
    "PrintJob",
    "Printer",
    "PrinterLost",
    "PrinterStatus",
    "Printing",
    "Result",
    "Row",
    "Runner",
    "ScanDropped",
    "Scanned",
    "Sealed",
    "Settlement",
    "Sink",
    "Slips",
    "SlipsEnd",
    "Style",
    "Tokens",
    "TrustedClock",
]
