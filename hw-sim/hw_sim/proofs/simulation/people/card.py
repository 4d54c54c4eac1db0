"""The customer's cards: the right one, another one, a bad one, none."""

from __future__ import annotations

from typing import Final

from hw_sim.cards.card_files import cards, catalogue
from hw_sim.proofs.simulation.people.customer import Customer
from hw_sim.proofs.simulation.people.hands import Choices, Hands, Screens
from pos_terminal.core.pan import Pan
from pos_terminal.ports import Interface

_BAD_CARDS: Final = ("mute", "pulled", "blocked", "two-cards", "storage", "forged")


class CardHolder:
    """Has the sale's card with them, mostly."""

    def __init__(self, hands: Hands, customer: Customer) -> None:
        self._hands = hands
        self._customer = customer
        self.laid = ""
        """What was laid into a reader last."""

    def screens(self) -> Screens:
        return {
            "card.present": self._card,
            "card.absent": self._by_reference,
            "card.absent.none": self._told_to_come_again,
            "card.remove": list,
        }

    def _card(self) -> Choices:
        other = self._hands.chance.choice(sorted(cards()))
        bad = self._hands.chance.choice(_BAD_CARDS)
        if self._customer.insists:
            return [
                (8, "tries another card", lambda: self.lay(other)),
                (3, "takes the card away", self._hands.clerk.take_away),
            ]
        if self._customer.without_card:
            return [(1, "has no card", self._hands.keys("menu"))]
        return [
            (78, "", lambda: self.lay(self.right_card())),
            (6, "another card", lambda: self.lay(other)),
            (6, f"card {bad}", lambda: self.lay(bad)),
            (6, "takes the card away", self._hands.clerk.take_away),
            (4, "cancels", self._hands.keys("cancel")),
        ]

    def _by_reference(self) -> Choices:
        return [
            (8, "goes by the reference", self._hands.keys("enter")),
            (1, "finds the card", self._finds_the_card),
            (1, "cancels", self._hands.keys("cancel")),
        ]

    def _finds_the_card(self) -> None:
        self._customer.without_card = False
        self.lay(self.right_card())

    def _told_to_come_again(self) -> Choices:
        def reads() -> None:
            self._customer.without_card = False  # it was in the other pocket, or the customer goes
            self._hands.clerk.press("enter")

        return [(1, "cannot without the card", reads)]

    def right_card(self) -> str:
        """That of the leg on the screen, where it names one; else any that the sale was paid by."""
        own = [tender.card for tender in self._customer.sale.payments if tender.card is not None]
        shown = [card for card in own if Pan(card.pan).masked in self._hands.clerk.text]
        if not shown and self._hands.clerk.prompt == "card.present":
            # a ticket that goes on is of another sale than the last one that was looked for
            asked = [
                n for n, card in catalogue().items() if card.pan.masked in self._hands.clerk.text
            ]
            return self._hands.chance.choice(asked) if asked else own[0].name if own else "visa"
        return self._hands.chance.choice(shown or own).name if own else "visa"

    def lay(self, name: str) -> None:
        """Into a free reader that the card fits."""
        present = {card.interface for card in self._hands.site.parts.readers.present().values()}
        faces = [face for face in Interface if cards()[name].face(face) and face not in present]
        readers = self._hands.site.parts.readers
        if faces:
            face = self._hands.chance.choice(faces)
            self.laid = name
            readers.remove(face)
            (readers.tap if face is Interface.TAP else readers.insert)(name)
