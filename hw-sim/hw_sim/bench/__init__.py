"""The bench: emulated devices, acquirer and a provisioned shop, worked from the shell."""
