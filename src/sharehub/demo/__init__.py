"""The guided demo: one invented country day in the real formats, played through the real parts and checked.

It must not know drivers; all rows in it are invented.
"""
