#!/usr/bin/env python3
"""Checks the names and values in engine/facts/*.csv against sources that the caller has fetched.

    .ci/check-codes.py sdk=headers/ mingw=mingw/include/ docs=pages/ erref=nt_errors.py …

Every argument names a source and a file or folder of it; a source may be given several times and still counts once, so
give one name to what was copied from one place. Understood are C headers, Go, Python and Rust constants, Python
dictionaries, and pages or lists in which a name stands beside, above or below its value. Nothing of a source is kept.
docs/error-codes.md says where each one is found. Prints what fewer than two sources confirm, where a source gives a name
another value, and a table by family; fails where no more sources are for the table than against it. Not part of
`.ci/run`, which needs no downloads.
"""

import argparse
import collections
import csv
import pathlib
import re
import sys

FACTS = pathlib.Path(__file__).resolve().parent.parent / "engine" / "facts"
NUMBER = r"0[xX][0-9a-fA-F]+|-?[0-9]+"
NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|WSA[A-Z]+"
DEFINITIONS = [
    re.compile(r"^\s*#\s*define\s+(\w+)\s+(.+)$", re.M),
    re.compile(r"^\s*pub const (\w+)\s*:[^=]+=\s*(.+?);", re.M),
    re.compile(r"^\s*([A-Z]\w+)(?:[ \t]+[\w.]+)?[ \t]*=[ \t]*(.+)$", re.M),
]
DICTIONARY = re.compile(rf"({NUMBER})\s*:\s*\(\s*[\"']({NAME})[\"']")
DECIMAL_LINE = re.compile(r"^\W*([0-9]{1,5})(?: \(0[xX][0-9a-fA-F]+\))?\W*$")
DECIMAL_CELL = re.compile(r"\|\s*([0-9]{1,5})\s*\|")
PAGES = (".md", ".txt", ".html", ".htm", ".csv")
# How many lines below or above its name a page may print a value.
BELOW, ABOVE = 6, 2


def canonical(name, value):
    """The value as the table keeps it: a Win32 number as a HRESULT."""
    value &= 0xFFFFFFFF
    return 0x80070000 | value if 0 < value <= 0xFFFF and not name.startswith("STATUS_") else value


def evaluate(text, known):
    """A number, another name, or a sum of the two, with casts and macros around it; None for anything else."""
    text = re.sub(r"/[/*].*|#.*", "", text)
    text = re.sub(r"_[iu](?:8|16|32|64)|\b(?:as|_)\b|\b_?HRESULT_TYPEDEF_|__MSABI_LONG|\(\s*(?:HRESULT|NTSTATUS|DWORD)\s*\)", " ", text)
    total, seen = 0, False
    for part in text.replace("(", " ").replace(")", " ").split("+"):
        number = re.fullmatch(rf"\s*(?:HRESULT|\w*_TYPEDEF_|\w+\.\w+)?\s*({NUMBER})(?:[uUlL]*|[iu](?:32|64))\s*", part)
        name = re.fullmatch(r"\s*(\w+)\s*", part)
        if number:
            total += int(number[1], 0)
        elif name and name[1] in known:
            total += known[name[1]]
        else:
            return None
        seen = True
    return total if seen else None


def read_constants(text):
    raw = {}
    for pattern in DEFINITIONS:
        for name, rest in pattern.findall(text):
            value = evaluate(rest, raw)
            if value is not None:
                raw[name] = value
    pairs = [(name, value) for name, value in raw.items()]
    return pairs + [(name, int(value, 0)) for value, name in DICTIONARY.findall(text)]


def read_page(text):
    """Pairs in prose and tables; a name with several numbers on its line is paired with each."""
    text = re.sub(r"\\(.)", r"\1", text)
    pairs, waiting, above, age = [], None, [], 0
    for line in text.splitlines():
        line = re.sub(r"<[^>]*>|\*\*|`", "", line)
        names = set(re.findall(rf"\b(?:{NAME})\b", line))
        values = [int(value, 16) for value in re.findall(r"\b0[xX][0-9a-fA-F]{1,8}\b", line)]
        values += [int(value) for value in DECIMAL_LINE.findall(line) + DECIMAL_CELL.findall(line)]
        age += 1
        if len(names) == 1 and (values or above and age <= ABOVE):
            pairs += [(name, value) for name in names for value in values or above]
            waiting, above = None, []
        elif len(names) == 1:
            waiting, above, age = names.pop(), [], 0
        elif not names and values and waiting and age <= BELOW:
            pairs += [(waiting, value) for value in values]
            waiting = None
        elif not names and values:
            above, age = values, 0
    return pairs


def read_source(path):
    """All names of a file or folder, each with every value it is given."""
    found = collections.defaultdict(set)
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            text = file.read_text(encoding="utf-8", errors="replace")
            for name, value in (read_page if file.suffix in PAGES else read_constants)(text):
                found[name].add(canonical(name, value))
    return found


def read_table():
    """Rows of the table as (value, name, family, is described, is an alias)."""
    for file in ("codes.csv", "names.csv", "ntstatus.csv"):
        if not (FACTS / file).exists():
            continue
        lines = [line for line in (FACTS / file).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        for row in csv.DictReader(lines):
            if "status" in row:
                yield int(row["status"], 16), row["name"], "NTSTATUS", True, False
                continue
            value, described = int(row["hex"], 16), bool(row.get("meaning_en"))
            yield value, row["name"], row["family"], described, False
            for alias in filter(None, row["aliases"].split(" ")):
                yield value, alias, row["family"], described, True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("source", nargs="+", help="name=path")
    parser.add_argument("--all", action="store_true", help="print every name with the sources that confirm it")
    parser.add_argument("--missing", action="store_true", help="print what two sources have and the table has not")
    options = parser.parse_args()
    sources = collections.defaultdict(lambda: collections.defaultdict(set))
    for argument in options.source:
        name, _, path = argument.partition("=")
        for key, values in read_source(pathlib.Path(path)).items():
            sources[name][key] |= values
    table = list(read_table())
    if options.missing:
        known = {name for _, name, *_ in table}
        pairs = collections.defaultdict(set)
        for source, names in sources.items():
            for name, values in names.items():
                for value in values:
                    pairs[value, name].add(source)
        for (value, name), by in sorted(pairs.items()):
            if name not in known and len(by) > 1:
                print(f"0x{value:08X},{name},{' '.join(sorted(by))}")
        return 0
    wrong, counts = 0, collections.defaultdict(collections.Counter)
    for value, name, family, described, is_alias in table:
        count = counts[family]
        count["codes"] += not is_alias
        count["described"] += described and not is_alias
        if not name:
            count["unnamed"] += 1
            continue
        by = sorted(source for source, names in sources.items() if value in names.get(name, ()))
        against = {source: names[name] for source, names in sources.items() if name in names and value not in names[name]}
        count["names"] += 1
        count["two or more" if len(by) > 1 else "one" if by else "none"] += 1
        if against:
            wrong += len(against) >= len(by)
            others = ", ".join(f"{source} {' '.join(f'0x{v:08X}' for v in sorted(vs))}" for source, vs in against.items())
            print(f"DIFFERS 0x{value:08X} {name} ({' '.join(by) or 'none'}): {others}")
        elif options.all or len(by) < 2:
            print(f"0x{value:08X} {name} {family}: {' '.join(by) or 'none'}")
    columns = ["codes", "described", "unnamed", "names", "two or more", "one", "none"]
    print("\n| family | " + " | ".join(columns) + " |\n|" + " --- |" * (len(columns) + 1))
    total = collections.Counter()
    for family in sorted(counts):
        total.update(counts[family])
        print(f"| {family} | " + " | ".join(str(counts[family][column]) for column in columns) + " |")
    print("| all | " + " | ".join(str(total[column]) for column in columns) + " |")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
