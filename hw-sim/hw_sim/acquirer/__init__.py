"""An acquirer for the bench and the simulation, with a ledger of its own and faults on demand."""
