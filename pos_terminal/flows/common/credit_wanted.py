"""What leads to an exchange credit from anywhere: home shows it (R37)."""

from __future__ import annotations

from pos_terminal.core.exchange_credit import ExchangeCredit


class CreditWanted(Exception):
    """It was not scanned: it is to do, or its paper is lost or torn."""

    def __init__(self, credit: ExchangeCredit) -> None:
        super().__init__()
        self.credit = credit
