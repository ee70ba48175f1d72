"""Lines of CSV and TSV files in any encoding, also gzipped; an encoding that was not stated is found and told."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from charset_normalizer import from_bytes

from sharehub.connect.source_table import SourceTable
from sharehub.errors import UsageError

_SAMPLE_BYTES = 2**18
_CELL_MAX = 2**20
_TABBED = frozenset((".tsv", ".tab"))
_UTF_8 = frozenset(("utf-8", "utf8", "utf_8"))
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def text_lines(path: Path, source: SourceTable) -> tuple[Iterator[list[str]], tuple[str, ...]]:
    """The cells of each line, and what to tell about the encoding.

    Raises:
        UsageError: the file is not in a stated encoding, or none can be told; also while it is read.
    """
    encoding = source.encoding[0] if len(source.encoding) == 1 else _first_fitting(path, source.encoding)
    notes: tuple[str, ...] = ()
    if encoding == "detect":
        encoding = detected_encoding(path)
        notes = (f"{path.name}: read as {encoding} (detected; state source.encoding to be sure)",)
    return _lines(path, "utf-8-sig" if encoding.lower() in _UTF_8 else encoding, delimiter_of(path, source)), notes


def delimiter_of(path: Path, source: SourceTable) -> str:
    """The sign between cells: the stated one, else a tab in what is tabbed, else a comma."""
    stem = Path(path.stem) if path.suffix.lower() == ".gz" else path
    return source.delimiter or ("\t" if source.type == "tsv" or stem.suffix.lower() in _TABBED else ",")


def detected_encoding(path: Path) -> str:
    """The encoding of a file: UTF-8 or UTF-16 where it can be these, else the likeliest one.

    Raises:
        UsageError: none fits.
    """
    content = file_content(path)
    if content.startswith(_UTF_16_MARKS):
        return "utf-16"
    with suppress(UnicodeDecodeError):
        if "\0" not in content.decode("utf-8"):
            return "utf-8"
    sample = content[:_SAMPLE_BYTES]
    best = from_bytes(sample[: sample.rfind(b"\n") + 1] or sample).best()  # a letter cut in two fits no encoding
    if best is None:
        raise UsageError(f"{path}: the encoding cannot be told", hint="state it as source.encoding")
    return best.encoding


def file_content(path: Path) -> bytes:
    """All bytes of a file, unpacked.

    Raises:
        UsageError: it cannot be read.
    """
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as stream:
            content: bytes = stream.read()
            return content
    except (OSError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_MAX)
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    number = 0
    try:
        with opened(path, "rt", encoding=encoding, newline="") as lines:
            for cells in csv.reader(lines, delimiter=delimiter):
                number += 1
                yield cells
    except LookupError as error:
        raise UsageError(f"{path}: {encoding!r} is no encoding", hint="correct source.encoding") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: is not {encoding.removesuffix('-sig')} after row {number}: {error.reason}"
        ) from error
    except (csv.Error, OSError, EOFError) as error:
        raise UsageError(f"{path}: cannot be read after row {number}: {error}") from error


def _first_fitting(path: Path, encodings: Sequence[str]) -> str:
    """The first of several encodings in which the whole file can be read; the last one where none fits."""
    content = file_content(path)
    for encoding in encodings[:-1]:
        with suppress(UnicodeDecodeError, LookupError):
            content.decode(encoding)
            return encoding
    return encodings[-1]
