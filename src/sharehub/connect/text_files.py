"""Lines of CSV and TSV files in any encoding, also gzipped; an encoding that was not stated is found and told."""

import codecs
import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, NamedTuple, cast

from charset_normalizer import CharsetMatch, from_bytes

from sharehub.connect.source_table import SourceTable
from sharehub.errors import UsageError

_SAMPLE_BYTES = 2**18
_CELL_MAX = 2**20
_TABBED = frozenset((".tsv", ".tab"))
_UTF_8 = frozenset(("utf-8", "utf8", "utf_8"))
_USUAL = ("gb18030", "big5hkscs", "cp932", "euc_jp", "euc_kr", "cp1252", "cp1250", "cp1251")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Lines(NamedTuple):
    """The cells of each line, what to tell about the encoding, and how many rows to expect after so many."""

    cells: Iterator[list[str]]
    notes: tuple[str, ...]
    expected: Callable[[int], int]


def text_lines(path: Path, source: SourceTable) -> Lines:
    """The lines of a text file.

    Raises:
        UsageError: the file is not in a stated encoding, or none can be told; also while it is read.
    """
    encoding = source.encoding[0] if len(source.encoding) == 1 else _first_fitting(path, source.encoding)
    notes: tuple[str, ...] = ()
    if encoding == "detect":
        encoding = detected_encoding(path)
        notes = (f"{path.name}: read as {encoding} (detected; state source.encoding to be sure)",)
    read = _Read(max(1, path.stat().st_size))
    lines = _lines(path, "utf-8-sig" if encoding.lower() in _UTF_8 else encoding, delimiter_of(path, source), read)
    return Lines(lines, notes, read.expected)


def delimiter_of(path: Path, source: SourceTable) -> str:
    """The sign between cells: the stated one, else a tab in what is tabbed, else a comma."""
    stem = Path(path.stem) if path.suffix.lower() == ".gz" else path
    return source.delimiter or ("\t" if source.type == "tsv" or stem.suffix.lower() in _TABBED else ",")


def detected_encoding(path: Path) -> str:
    """The encoding of a file: UTF-8 or UTF-16 where it can be these, else the likeliest one.

    Raises:
        UsageError: none fits.
    """
    with _readable(path), path.open("rb") as packed, _unpacked(path, packed) as content:
        sample = content.read(_SAMPLE_BYTES)
    if sample.startswith(_UTF_16_MARKS):
        return "utf-16"
    with _readable(path), suppress(UnicodeDecodeError):
        if b"\0" not in sample and _fits(path, "utf-8"):
            return "utf-8"
    found = _likeliest(sample[: sample.rfind(b"\n") + 1] or sample)  # a letter cut in two fits no encoding
    if not found:
        raise UsageError(f"{path}: the encoding cannot be told", hint="state it as source.encoding")
    return found


def _likeliest(sample: bytes) -> str:
    """Of the encodings that offices use the one in which a text has least junk, the more usual one of equals; another
    one only where its letters make words of a language; empty where it cannot be told."""
    usual = from_bytes(sample, cp_isolation=list(_USUAL))
    if usual:
        best = min(usual, key=lambda one: (one.chaos, -one.coherence, _rank(one)))
        return min(best.could_be_from_charset, key=_USUAL.index)
    other = from_bytes(sample).best()
    return other.encoding if other and other.coherence else ""


def _rank(one: CharsetMatch) -> int:
    return min(map(_USUAL.index, one.could_be_from_charset))


def file_content(path: Path) -> bytes:
    """All bytes of a file, unpacked.

    Raises:
        UsageError: it cannot be read.
    """
    with _readable(path), path.open("rb") as packed, _unpacked(path, packed) as content:
        return content.read()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


class _Read:
    """How much of a file was read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.stream: IO[bytes] | None = None

    def expected(self, rows: int) -> int:
        """How many rows there will be, judged by the bytes that so many have taken."""
        taken = 0 if self.stream is None or self.stream.closed else self.stream.tell()
        return rows * self._size // taken if taken else 0


def _lines(path: Path, encoding: str, delimiter: str, read: _Read) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_MAX)
    number = 0
    try:
        with path.open("rb") as packed, _unpacked(path, packed) as content:
            read.stream = packed
            lines = TextIOWrapper(content, encoding=encoding, newline="")
            for cells in csv.reader(lines, delimiter=delimiter):
                number += 1
                yield cells
    except LookupError as error:
        raise UsageError(f"{path}: {encoding!r} is no encoding", hint="correct source.encoding") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: is not {encoding.removesuffix('-sig')} after row {number}: {error.reason}"
        ) from error
    except (csv.Error, OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read after row {number}: {error}") from error


@contextmanager
def _unpacked(path: Path, packed: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.suffix.lower() != ".gz":
        yield packed
        return
    with gzip.GzipFile(fileobj=packed) as content:
        yield cast(IO[bytes], content)


def _fits(path: Path, encoding: str) -> bool:
    """Whether the whole file can be read so, without holding it."""
    decode = codecs.getincrementaldecoder(encoding)().decode
    with path.open("rb") as packed, _unpacked(path, packed) as content:
        while part := content.read(_SAMPLE_BYTES):
            decode(part)
        decode(b"", final=True)
    return True


def _first_fitting(path: Path, encodings: Sequence[str]) -> str:
    """The first of several encodings in which the whole file can be read; the last one where none fits."""
    for encoding in encodings[:-1]:
        with suppress(UnicodeDecodeError, LookupError):
            if _fits(path, encoding):
                return encoding
    return encodings[-1]
