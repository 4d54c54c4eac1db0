"""A manual refund was carried out, as whoever did it tells (R38)."""

from pos_terminal.wire.receipt.parts.given_back import GivenBack


class CarriedOut(GivenBack, frozen=True, tag="manual"):
    amount_label = "amount_done"
    signed = ""
