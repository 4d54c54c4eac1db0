"""ISO 8583: messages, profiles, packing and the MAC."""
