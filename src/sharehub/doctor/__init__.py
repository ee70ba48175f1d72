"""What is wrong, and the command that mends it.

`kinds` is the table of all findings, `seen` what was looked at, `judging` the pure judgement over it,
`gathering` the look.
"""
