"""How a person says who it is: number and PIN."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.people import PIN_MAX, PIN_MIN
from pos_terminal.ui.ask import Entry

NUMBER: Final = Entry(1, 6)
PIN: Final = Entry(PIN_MIN, PIN_MAX, secret=True)
