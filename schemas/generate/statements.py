#!/usr/bin/env python3
"""actors/NAME/sql/*.sql -> NAME_sql.h, NAME_sql.c: statement text, parameters and columns as tables.

usage: statements.py SQL_DIR NAME OUT_DIR

First line of each file:  -- in: study uuid, viewer bigint · out: doc json · rows: one
(rows: none, one, maybe, many; `in: -` and `out: -` when there are none). A parameter is written :name in the text.
"""
import re
import sys
from pathlib import Path

OIDS = {"bool": 16, "bytea": 17, "bigint": 20, "int": 23, "text": 25, "json": 114, "jsonb": 3802, "date": 1082,
        "timestamptz": 1184, "uuid": 2950, "float8": 701, "numeric": 1700, "smallint": 21, "interval": 1186,
        "text[]": 1009, "bigint[]": 1016, "int[]": 1007, "uuid[]": 2951, "date[]": 1182}
READABLE = {"bool", "bytea", "bigint", "int", "smallint", "text", "json", "jsonb", "date", "timestamptz", "uuid", "float8"}
HEAD = re.compile(r"^-- in: (.+?) · out: (.+?) · rows: (none|one|maybe|many)\s*$")


def columns(words: str, where: str) -> list[tuple[str, str]]:
    if words.strip() == "-":
        return []
    found = []
    for part in words.split(","):
        name, _, kind = part.strip().partition(" ")
        if kind not in OIDS:
            sys.exit(f"{where}: unknown type {kind!r} of {name!r}; known: {' '.join(OIDS)}")
        found.append((name, kind))
    return found


def number_parameters(text: str, names: list[str], where: str) -> str:
    """:name -> $k, leaving '…', "…", $$…$$, comments and ::casts alone."""
    used = set()

    def one(match: re.Match) -> str:
        if match.group("skip") is not None:
            return match.group("skip")
        name = match.group("name")
        if name not in names:
            sys.exit(f"{where}: :{name} is not declared in the first line")
        used.add(name)
        return f"${names.index(name) + 1}"

    pattern = re.compile(r"(?P<skip>'(?:[^']|'')*'|\"[^\"]*\"|\$\$.*?\$\$|--[^\n]*|::|\w:\w)|:(?P<name>[a-z_][a-z0-9_]*)", re.S)
    out = pattern.sub(one, text)
    unused = [n for n in names if n not in used]
    if unused:
        sys.exit(f"{where}: declared but not used: {' '.join(unused)}")
    return out


def c_text(text: str) -> str:
    lines = text.replace("\\", "\\\\").replace('"', '\\"').splitlines()
    return "\n".join(f'    "{line}\\n"' for line in lines)


def main() -> None:
    folder, actor, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    header = [f"/* Generated from actors/{actor}/sql/. */", f"#ifndef LOOKIT_{actor.upper()}_SQL_H", f"#define LOOKIT_{actor.upper()}_SQL_H",
              "", '#include "statement.h"', ""]
    source = [f"/* Generated from actors/{actor}/sql/. */", f'#include "{actor}_sql.h"', ""]
    names = []
    for path in sorted(folder.glob("*.sql")):
        name, where = path.stem, f"actors/{actor}/sql/{path.name}"
        first, _, body = path.read_text().partition("\n")
        head = HEAD.match(first)
        if not head:
            sys.exit(f"{where}:1: expected '-- in: … · out: … · rows: …'")
        inputs, outputs = columns(head[1], where), columns(head[2], where)
        for column, kind in outputs:
            if kind not in READABLE:
                sys.exit(f"{where}: column {column} comes out as {kind}: cast it to text or json")
        body = "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip().rstrip(";")
        text = number_parameters(body, [n for n, _ in inputs], where)
        for kind, rows in (("in", inputs), ("out", outputs)):
            if rows:
                source.append(f"static const struct column {kind}_{name}[] = {{")
                source += [f'    {{"{n}", "{t}", {OIDS[t]}}},' for n, t in rows] + ["};"]
        source += [f"const struct statement SQL_{name} = {{", f'    "{name}",', c_text(text) + ",",
                   f"    {f'in_{name}' if inputs else 'NULL'}, {len(inputs)}, {f'out_{name}' if outputs else 'NULL'}, {len(outputs)},",
                   f"    ROWS_{head[3].upper()}}};", ""]
        header.append(f"extern const struct statement SQL_{name};")
        names.append(name)
    header += ["", "/* All of them, NULL-terminated. */", f"extern const struct statement *const {actor}_sql[];", "", "#endif", ""]
    source += [f"const struct statement *const {actor}_sql[] = {{"] + [f"    &SQL_{n}," for n in names] + ["    NULL};", ""]
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{actor}_sql.h").write_text("\n".join(header))
    (out / f"{actor}_sql.c").write_text("\n".join(source))


main()
