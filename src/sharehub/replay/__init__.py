"""The view rebuilt beside the live one: planned, run, verified, compared, and put in its place."""
