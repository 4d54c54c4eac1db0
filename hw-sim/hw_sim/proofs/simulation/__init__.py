"""The unchanged terminal on the virtual-time loop: stories, kills at every step, random days."""
