"""The commands of pos-terminal."""
