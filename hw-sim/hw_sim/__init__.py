"""Emulated devices on their real interfaces, for CI and for people without hardware."""
