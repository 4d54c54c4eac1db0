"""Cards behind the real PC/SC stack: files of cards, a card system, and a card service."""

from hw_sim.cards.card_files import CardInfo as CardInfo
from hw_sim.cards.card_files import catalogue as catalogue
