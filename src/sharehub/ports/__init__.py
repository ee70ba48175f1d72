"""What the flows need from the outside; drivers live behind these protocols."""
