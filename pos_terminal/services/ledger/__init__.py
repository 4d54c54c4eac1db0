"""The local ledger: its books, the journal, questions and the audit log."""
