"""A recipient's list as files: versions in four formats, what changed between them, and the proof that a copy is equal.

In the base installation: who keeps a copy needs neither the hub's database nor its column libraries.
"""
