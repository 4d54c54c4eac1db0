"""The dialogue with the card that was presented."""
