"""The shop that the bench plays. Numbers only: no key and no PIN is ever a constant."""

from __future__ import annotations

from typing import Final

MERCHANT_ID: Final = "898310053310001"
MERCHANT_NAME: Final = "样板便利店"
TERMINAL_ID: Final = "10020001"
OTHER_TERMINAL_ID: Final = "10020002"
"""A second terminal of the same merchant: its sales can be refunded here, not voided."""
TPDU: Final = "6000030000"
BATCH: Final = "000042"
"""The batch in which the bench's shop trades today; closed ones have lower numbers."""
KEY_EXCHANGE: Final = "003"
CURRENCY: Final = "156"
TIMEZONE: Final = "Asia/Shanghai"
CONTACT: Final = "400-800-0000"
SERVER_NAME: Final = "acquirer.bench"
