"""The books of the ledger: one concept, one file."""
