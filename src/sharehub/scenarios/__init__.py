"""Scenario tables: sheets in which a lawyer writes what agencies say, and what must follow by the rulebooks.

`columns` says which columns a table has, `reading` and `filling` turn rows into scenarios, `tables` finds and runs
the tables of a folder, `workbook` writes an empty one.
"""
