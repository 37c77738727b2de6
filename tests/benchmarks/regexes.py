"""Every regular expression of the package against texts made to make it slow.

    python tests/benchmarks/regexes.py [--length 300]

The patterns are those in the source: literals given to `re`, and compiled ones of the modules. Each reads
texts built from its own characters (runs, alternations, near misses) at a length and at twice that length.
Prints the CPU time of the slowest, and how it grew: 2 is linear, 4 quadratic, more is worse. Exit code 1
when the texts of a pattern take more than 20 CPU seconds, or grow faster than the square.
"""

import argparse
import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("assistant", "ingest", "prompts")
# Steeper than the square, and why that is no matter.
_BOUNDED = {"ingest.readers.listing._HEADER": "only lines of less than 120 characters are tried"}
_CALLS = frozenset(("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"))
# What makes patterns slow: blanks, line ends, word characters, brackets, quotes, digits, markup.
_UNITS = (
    " ", "\n", "\t\n ", "a", "A", "Aa ", "1", "1,", "1.", "a-", "a,", ", ", ". ", "a. ", "A. ", "-", "_",
    "(", ")", "((", "[", "]", "[1]", "{", "}", "{}", "\\", "\\a", "\\a{", "$", "$$", "<", "<a", "<a ", "</",
    "&", "&a;", "'", '"', "“", "*", "**", "`", "|", "#", "=", "@", ":", ";", "/", "//", "http://a", "http://",
    "10.1/", "and ", "of ", "the ", "not ", "é", "中", "\u0301", "et al. ", "et al", "1-", "1 ", "2020 ",
    "A.B.", "B, C. ",
)  # fmt: skip


def patterns() -> dict[str, re.Pattern[str]]:
    """All patterns, by the place of the first of the same text."""
    found: dict[tuple[str, int], tuple[str, re.Pattern[str]]] = {}

    def add(place: str, pattern: re.Pattern[Any]) -> None:
        if isinstance(pattern.pattern, str):
            found.setdefault((pattern.pattern, pattern.flags), (place, pattern))

    for package in PACKAGES:
        for info in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if not info.name.endswith(("__main__", ".env")) and ".versions." not in info.name:
                try:
                    module = importlib.import_module(info.name)
                except ModuleNotFoundError:  # an extra that is not installed
                    continue
                for name, value in vars(module).items():
                    for pattern in _compiled(value):
                        add(f"{info.name}.{name}", pattern)
        for path in sorted((ROOT / package).rglob("*.py")):
            for line, text in _literals(path):
                add(f"{path.relative_to(ROOT)}:{line}", re.compile(text))
    return dict(found.values())


def _compiled(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from _compiled(key)
            yield from _compiled(held)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for held in value:
            yield from _compiled(held)


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """Patterns that stand as text in a call of `re`; their flags do not matter for their speed."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _CALLS
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and "(?x)" not in node.args[0].value
        ):
            yield node.lineno, node.args[0].value


def texts(pattern: str, length: int) -> Iterator[tuple[str, str]]:
    """(what it is made of, the text): runs of common pieces and of the pattern's own words, with misses."""
    words = sorted(set(re.findall(r"[A-Za-z]{2,}", pattern)))[:12]
    own = sorted(set(re.findall(r"[^\w\s]", pattern)))
    units = [*_UNITS, *own, *(f"a{c}" for c in own), *(f"{word} " for word in words)]
    for unit in dict.fromkeys(units):
        run = (unit * (length // len(unit) + 1))[:length]
        yield f"{unit!r} repeated", run + "\x01"
    if words:
        first = words[0]
        for unit in (" ", "a", "a ", "1"):
            yield f"{first!r}, then {unit!r} repeated", first + (unit * length)[:length] + "\x01"
    for word in words:
        for unit in (" ", "\n"):
            yield f"a line {word!r}, then {unit!r} repeated", f"a\n{word}" + unit * length + "\x01"


def slowest(pattern: re.Pattern[str], length: int) -> tuple[float, str]:
    """CPU seconds of the worst text of this length, and what it is made of."""
    worst, made_of = 0.0, ""
    for name, text in texts(pattern.pattern, length):
        began = time.process_time()
        for _ in pattern.finditer(text):
            pass
        if (took := time.process_time() - began) > worst:
            worst, made_of = took, name
    return worst, made_of


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """TimeoutError after so many CPU seconds, also within a match: the engine looks for signals."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--length", type=int, default=300)
    parser.add_argument("--worst", type=int, default=15, help="how many are printed")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    found = patterns()
    rows: list[tuple[float, float, str, str]] = []
    endless = []
    for place, pattern in found.items():
        try:
            with cpu_limit(20):
                short, _ = slowest(pattern, options.length)
                long, made_of = slowest(pattern, 2 * options.length)
        except TimeoutError:
            if place in _BOUNDED:
                continue
            endless.append(place)
            print(f"ENDLESS {place}: {pattern.pattern[:200]}", flush=True)
        else:
            rows.append((long, long / max(short, 1e-5), place, made_of))
    rows.sort(reverse=True)
    print(f"{len(found)} patterns, texts of {2 * options.length} characters\n")
    print("| CPU ms | growth for twice the length | pattern | text |\n|---|---|---|---|")
    for seconds, growth, place, made_of in rows[: options.worst]:
        print(f"| {1000 * seconds:.1f} | {growth:.1f} | {place} | {made_of.replace('|', '&#124;')} |")
    steep = [row for row in rows if row[0] > 0.01 and row[1] > 6 and row[2] not in _BOUNDED]
    for seconds, growth, place, _ in steep:
        print(f"STEEP {place}: {1000 * seconds:.0f} ms, {growth:.1f} times as long for twice the length")
    return int(bool(endless or steep))


if __name__ == "__main__":
    sys.exit(main())
