"""`python -m sharehub.reference docs`: write every reference page, and the typed models of records."""

import sys
from pathlib import Path

from sharehub.reference.pages import write, write_models


def main(arguments: list[str]) -> int:
    """Write the pages under the folder named first, the models beside it, and say which changed."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m sharehub.reference FOLDER\n")
        return 2
    changed = write(Path(arguments[0]) / "reference") + write_models()
    sys.stderr.write(f"changed: {', '.join(changed) or 'nothing'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
