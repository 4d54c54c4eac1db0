"""The commands of ``hw_sim.proofs.power`` under their short names."""
