"""The business, pure: what was said, about whom, what follows from it, and what may never follow.

Standard library only; no clock, no randomness, no I/O.
"""
