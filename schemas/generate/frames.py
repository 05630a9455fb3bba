#!/usr/bin/env python3
"""protocol/frames/*.json, parts.json -> protocol_frames.c: which parameters each frame kind has, as tables for the checker.

usage: frames.py SCHEMAS_DIR OUT_DIR

Refuses: a kind that kinds.def does not name as CURRENT, an unknown shared part, type or key, a parameter without a sentence,
a required name that is no parameter.
"""
import json
import re
import sys
from pathlib import Path

TYPES = {"string": "VALUE_STRING", "number": "VALUE_NUMBER", "integer": "VALUE_INTEGER", "boolean": "VALUE_BOOLEAN",
         "object": "VALUE_OBJECT", "array": "VALUE_ARRAY", "image-asset": "VALUE_IMAGE", "audio-asset": "VALUE_AUDIO",
         "video-asset": "VALUE_VIDEO", "image-or-video-stimulus": "VALUE_STIMULUS"}
PARAM_KEYS = {"doc", "type", "default", "enum", "minimum", "maximum", "clamped", "content", "pattern", "not_pattern", "items",
              "properties", "required"}
KIND_KEYS = {"kind", "doc", "frameType", "fullscreen", "mixins", "required", "breaks_without", "recorded_properties", "params"}


def fail(where: str, why: str) -> None:
    sys.exit(f"schemas/protocol: {where}: {why}")


def c_text(value: str | None) -> str:
    if value is None:
        return "NULL"
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else "".join(f"\\{b:03o}" for b in c.encode()) for c in value) + '"'


class Tables:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.names: dict[str, str] = {}  # text of a table -> its name: equal ones are written once

    def share(self, kind: str, prefix: str, body: str) -> str:
        name = self.names.get(kind + body)
        if name is None:
            name = self.names[kind + body] = f"{prefix}_{len(self.names)}"
            self.out.append(f"static {kind} {name}[] = {{{body}}};")
        return name

    def params(self, where: str, params: dict, required=(), vital=()) -> str:
        for name in [*required, *vital]:
            if name not in params:
                fail(where, f"requires {name}, which is no parameter")
        rows = [self.row(f"{where}.{name}", name, params[name], name in required, name in vital) for name in sorted(params)]
        return self.share("const struct frame_param", "params", "\n    " + ",\n    ".join(rows) + "\n")

    def row(self, where: str, name: str | None, param: dict, is_required: bool, is_vital: bool) -> str:
        if set(param) - PARAM_KEYS:
            fail(where, f"unknown keys {sorted(set(param) - PARAM_KEYS)}")
        types = param.get("type", [])
        types = [types] if isinstance(types, str) else types
        for word in types:
            if word not in TYPES:
                fail(where, f"unknown type {word!r}")
        fields = [c_text(name), c_text(param.get("doc")), " | ".join(TYPES[t] for t in types) or "0"]
        fields += [str(is_required).lower(), str(is_vital).lower()]
        fields += [str(key in param).lower() for key in ("minimum", "maximum")]
        fields += [str(param.get(key, 0)) for key in ("minimum", "maximum")]
        one_of = [c_text(text) for text in param.get("enum", [])]
        fields.append(self.share("const char *const", "words", ", ".join([*one_of, "NULL"])) if one_of else "NULL")
        item = param.get("items")
        fields.append(self.share("const struct frame_param", "item", self.row(where + "[]", None, item, False, False)) if item else "NULL")
        inner = param.get("properties")
        fields += [self.params(where, inner, param.get("required", [])), str(len(inner))] if inner else ["NULL", "0"]
        return "{" + ", ".join(fields) + "}"


def main() -> None:
    folder, out = Path(sys.argv[1]) / "protocol", Path(sys.argv[2])
    current = set(re.findall(r'^KIND\("([^"]+)", CURRENT,', (folder / "kinds.def").read_text(), re.M))
    parts = json.loads((folder / "parts.json").read_text())
    tables, kinds = Tables(), []
    for path in sorted((folder / "frames").glob("*.json")):
        declared, where = json.loads(path.read_text()), path.name
        kind = declared.get("kind")
        if set(declared) != KIND_KEYS:
            fail(where, f"keys differ: {sorted(set(declared) ^ KIND_KEYS)}")
        if kind != path.stem or kind not in current:
            fail(where, f"kind {kind!r} is not the file's name, or kinds.def does not name it as CURRENT")
        params = dict(parts["common"])
        for part in declared["mixins"]:
            if part not in parts:
                fail(where, f"unknown shared part {part!r}")
            params |= parts[part]
        params |= declared["params"]
        for name, param in params.items():
            if not param.get("doc"):
                fail(f"{where}.{name}", "has no sentence that says what it does")
        table = tables.params(where, params, declared["required"], declared["breaks_without"])
        has_assets = str("expand-assets" in declared["mixins"]).lower()
        kinds.append(f'    {{{c_text(kind)}, {c_text(declared["doc"])}, {c_text(declared["frameType"])}, {has_assets}, {table}, {len(params)}}},')
    source = ["/* Generated from schemas/protocol/frames/ and parts.json. */", '#include "frame_table.h"', "", *tables.out, "",
              "const struct frame_kind frame_kinds[] = {", *kinds, "};", f"const size_t frame_kinds_n = {len(kinds)};", ""]
    out.mkdir(parents=True, exist_ok=True)
    (out / "protocol_frames.c").write_text("\n".join(source))


main()
