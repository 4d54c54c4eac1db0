"""Refund terminal: money goes back to the original card (原路退款)."""

__version__ = "0.5.0"
