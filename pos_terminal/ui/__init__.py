"""Prompts: the one primitive under every screen."""
