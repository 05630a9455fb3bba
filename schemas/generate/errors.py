#!/usr/bin/env python3
"""errors.toml -> errors.h, errors.c. Numbers may never change: lock.txt remembers them.

usage: errors.py SCHEMAS_DIR OUT_DIR
"""
import sys
import tomllib
from pathlib import Path


def main() -> None:
    schemas, out = Path(sys.argv[1]), Path(sys.argv[2])
    errors = tomllib.loads((schemas / "errors.toml").read_text())
    rows = sorted(errors.items(), key=lambda item: item[1]["number"])
    numbers = [row["number"] for _, row in rows]
    if len(set(numbers)) != len(numbers):
        sys.exit("errors.toml: a number is used twice")
    out.mkdir(parents=True, exist_ok=True)
    header = ["/* Generated from schemas/errors.toml. */", "#ifndef LOOKIT_ERRORS_H", "#define LOOKIT_ERRORS_H", "",
              "#include <stdbool.h>", "", "enum err {", "    ERR_OK = 0,"]
    header += [f"    {name} = {row['number']}, /* {row['doc']} */" for name, row in rows]
    header += ["};", "", "/* \"ERR_BUSY\"; \"ERR_?\" for a number that is none. */", "const char *err_name(int err);",
               "/* One sentence. */", "const char *err_doc(int err);", "/* HTTP status; 500 for a number that is none. */",
               "int err_http(int err);", "/* May the same request succeed later? */", "bool err_may_retry(int err);", "",
               "#endif", ""]
    (out / "errors.h").write_text("\n".join(header))
    source = ['/* Generated from schemas/errors.toml. */', '#include "errors.h"', ""]

    def switch(signature: str, value, other: str) -> None:
        source.extend([signature, "{", "    switch (err) {"])
        source.extend(f"    case {name}: return {value(name, row)};" for name, row in rows)
        source.extend(["    }", f"    return {other};", "}", ""])

    switch("const char *err_name(int err)", lambda name, row: f'"{name}"', '"ERR_?"')
    switch("const char *err_doc(int err)", lambda name, row: '"' + row["doc"].replace('"', '\\"') + '"', '"Unknown."')
    switch("int err_http(int err)", lambda name, row: str(row["http"]), "500")
    switch("bool err_may_retry(int err)", lambda name, row: "true" if row["retry"] else "false", "false")
    (out / "errors.c").write_text("\n".join(source))


main()
