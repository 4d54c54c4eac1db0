"""Rules are data: each is a small function of facts and parameters (R19)."""
