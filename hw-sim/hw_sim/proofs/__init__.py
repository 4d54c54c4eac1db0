"""How the terminal is shown to be right: crashes, simulated days, power cuts, speed."""
