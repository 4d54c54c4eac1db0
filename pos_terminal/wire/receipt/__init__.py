"""Receipts: the slip as facts, and its rendering to ESC/POS bytes."""
