"""The pages under `docs/reference/`, made from the code: a page never says what the code does not.

`make docs` writes them; `tests/unit/test_docs.py` fails where the committed ones differ.
"""
