"""The local ledger: schema, journal, queries, the sales feed and the audit chain."""

from pos_terminal.services.ledger.store import LedgerStore, open_ledger

__all__ = ["LedgerStore", "open_ledger"]
