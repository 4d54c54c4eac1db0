"""What goes by age."""
