"""What a person at the keypad does about each screen, a file for each kind of it."""
