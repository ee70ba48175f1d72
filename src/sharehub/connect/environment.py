"""Secrets of a source: a mapping names a variable of the environment, `${NAME}`, and never holds its value."""

import os
import re

from sharehub.errors import UsageError

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PASSWORD = re.compile(r"://[^/@\s]*?:(?!\$\{)[^/@\s]+@")
_PARAMETER = re.compile(r"[?&;](?:password|pwd|token|access_token|api_?key|key|secret)=(?!\$\{)[^&;]", re.IGNORECASE)
_SECRET_HEADER = re.compile(r"authorization|cookie|key|token|secret", re.IGNORECASE)


def filled(text: str) -> str:
    """The text with every `${NAME}` in it replaced from the environment.

    Raises:
        UsageError: a variable is not set.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise UsageError(f"the mapping needs the environment variable {found[1]}", hint=f"export {found[1]}=…")
        return os.environ[found[1]]

    return _NAMED.sub(value, text)


def redacted(message: str, *texts: str) -> str:
    """A message without the values of the variables that these texts name."""
    for text in texts:
        for name in _NAMED.findall(text):
            message = message.replace(os.environ.get(name) or "\0", f"${{{name}}}")
    return message


def secret_in_url(url: str) -> bool:
    """Whether a URL holds a password or a key, where it should name a variable."""
    return bool(_PASSWORD.search(url) or _PARAMETER.search(url))


def secret_in_header(name: str, value: str) -> bool:
    """Whether a header that carries a secret holds it, where it should name a variable."""
    return bool(_SECRET_HEADER.search(name)) and not _NAMED.search(value)
