"""Cards behind the real PC/SC stack."""
