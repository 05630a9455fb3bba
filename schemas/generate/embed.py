#!/usr/bin/env python3
"""A folder -> SYMBOL.h, SYMBOL.c, SYMBOL.S: its files inside the binary, as a table of struct embedded.

usage: embed.py SYMBOL OUT_DIR FOLDER SUFFIX…      (only files whose name ends so, in all sub-folders, ordered by name)

The bytes come in through the assembler's .incbin, so a folder of any size costs no compile time.
"""
import hashlib
import sys
from pathlib import Path


def c_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main() -> None:
    symbol, out, folder, suffixes = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).resolve(), tuple(sys.argv[4:])
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name.endswith(suffixes))
    names = [p.relative_to(folder).as_posix() for p in files]
    header = [f"/* Generated from the files of {folder.name}/. */", f"#ifndef LOOKIT_{symbol.upper()}_H", f"#define LOOKIT_{symbol.upper()}_H", "",
              '#include "embedded.h"', "", f"#define {symbol.upper()}_N {len(files)}u", "",
              "/* Ordered by name; ended by name NULL. */", f"extern const struct embedded {symbol}[];", "", "#endif", ""]
    source = [f"/* Generated from the files of {folder.name}/. */", f'#include "{symbol}.h"', ""]
    assembly = [".section .rodata"]
    rows = []
    for k, (path, name) in enumerate(zip(files, names)):
        data = path.read_bytes()
        assembly += [f".global {symbol}_{k}", ".balign 16", f"{symbol}_{k}:", f".incbin {c_string(str(path))}", ".byte 0"]
        source.append(f"extern const char {symbol}_{k}[];")
        rows.append(f'    {{{c_string(name)}, {symbol}_{k}, {len(data)}, "{hashlib.sha256(data).hexdigest()}"}},')
    source += ["", f"const struct embedded {symbol}[] = {{"] + rows + ["    {NULL, NULL, 0, NULL}};", ""]
    assembly += ['.section .note.GNU-stack, "", @progbits', ""]
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{symbol}.h").write_text("\n".join(header))
    (out / f"{symbol}.c").write_text("\n".join(source))
    (out / f"{symbol}.S").write_text("\n".join(assembly))


main()
