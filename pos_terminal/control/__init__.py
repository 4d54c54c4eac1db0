"""The local control socket: screen, prompts, sales feed and state for tools on this machine."""
