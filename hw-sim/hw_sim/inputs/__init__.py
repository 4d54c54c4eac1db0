"""Keypad and scanner as kernel-like input devices."""
