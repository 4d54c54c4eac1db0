"""The local ledger: schema, journal, queries, the sales feed and the audit chain."""
