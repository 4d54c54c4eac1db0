"""What one kind of slip says: the facts of its own, and the rows that they make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from pos_terminal.wire.receipt.head import Copy, Head

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.blocks import Blocks
    from pos_terminal.wire.receipt.paper import Row


class Body(Struct, frozen=True, tag_field="kind"):
    """A kind's tag is stored with it, and is the name of its texts in ``receipt.toml``.

    Every fact has a default: of a slip that was purged the kind alone is left. No full card
    number and no expiry (R39).
    """

    alarming: ClassVar[bool] = False
    """No money was given back, nobody knows, or too much was: the title stands white on black."""
    of_its_own: ClassVar[bool] = False
    """The customer's copy is no copy of the merchant's: it has a title of its own."""
    signed: ClassVar[str] = ""
    """What the customer signs on the merchant's copy: the name of its text."""
    for_people: ClassVar[bool] = True
    """Has copies, a contact, and is kept; a technician's print does not."""

    @property
    def agreement(self) -> str:
        """The same, where the facts say which."""
        return self.signed

    @property
    def bearer(self) -> str:
        """What texts call the customer: ``cardholder`` where the slip is about a card."""
        return "customer"

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def title(self, copy: Copy) -> str:
        """The name of its text."""
        customers = self.of_its_own and copy is Copy.CUSTOMER
        return f"{self.kind}_customer" if customers else self.kind

    def notes(self) -> tuple[str, ...]:
        """Names of the texts beneath the title."""
        return (f"{self.kind}_note",) if self.alarming else ()

    def holder(self, copy: Copy) -> str:
        """What texts call who keeps this copy."""
        return self.bearer if copy is Copy.CUSTOMER else copy.value

    def whose(self, blocks: Blocks, copy: Copy) -> Iterator[Row]:
        """What says whose copy this is."""
        if self.for_people:
            yield from blocks.centred(blocks.wording.label(f"{self.holder(copy)}_copy"))

    def is_money(self, copy: Copy) -> bool:
        """Whether whoever holds this copy can use it as money."""
        return False

    def rows(self, blocks: Blocks, head: Head) -> Iterator[Row]:
        """All between the head's facts and the signature."""
        raise NotImplementedError
