"""The sales feed and the acquirer's file of outcomes: their lines, as frozen values."""
