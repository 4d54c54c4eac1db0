"""The ledger held against its log."""
