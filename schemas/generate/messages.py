#!/usr/bin/env python3
"""messages/*.toml -> messages.h, messages.c (structs and descriptor tables), MESSAGES.md; guards lock.txt.

usage: messages.py SCHEMAS_DIR OUT_DIR [--docs FILE] [--lock] [--with DIR]

--with DIR: the messages of DIR too (tests have some of their own).

Refuses: a field without bound or example, a number used twice, a shipped number whose type changed or that vanished,
a new required field in a shipped message. `--lock` appends what is new to lock.txt (a deed of the developer, never of the build).
"""
import re
import sys
import tomllib
from pathlib import Path

PLAIN = {"u8": ("uint8_t", 255), "u16": ("uint16_t", 65535), "u32": ("uint32_t", 2**32 - 1), "u64": ("uint64_t", 2**64 - 1),
         "i64": ("int64_t", 2**63 - 1), "bool": ("bool", 1), "uuid": ("struct uuid", 16), "time": ("int64_t", 2**63 - 1)}
SIZED = {"str": "struct span", "bin": "struct span", "json": "struct span"}
NAME = re.compile(r"^[a-z][A-Za-z0-9_]*$")  # capitals: names of form fields that the outside world knows
C_WORDS = {"default", "int", "long", "register", "static", "switch", "return", "union", "struct", "new"}


def fail(where: str, why: str) -> None:
    sys.exit(f"{where}: {why}")


def c_text(value: str) -> str:
    out = []
    for byte in value.encode():
        char = chr(byte)
        out.append({'"': '\\"', "\\": "\\\\", "\n": "\\n"}.get(char) or (char if 32 <= byte < 127 else f"\\{byte:03o}"))
    return '"' + "".join(out) + '"'


def example_text(eg) -> str:
    """As wire_field_from_text reads it."""
    if isinstance(eg, list):
        return ",".join(example_text(item) for item in eg)
    return {True: "true", False: "false"}[eg] if isinstance(eg, bool) else str(eg)


class Field:
    def __init__(self, message: "Message", row: dict):
        self.where = f"{message.name}.{row.get('name')}"
        allowed = {"n", "name", "type", "max", "optional", "private", "eg", "doc", "list_max", "needed"}
        if set(row) - allowed:
            fail(self.where, f"unknown keys {sorted(set(row) - allowed)}")
        self.number, self.name, self.type = row["n"], row["name"], row["type"]
        self.optional, self.private = row.get("optional", False), row.get("private", False)
        self.needed = row.get("needed", not self.optional)  # whoever asks must give it; optional besides: the desk, not the frame, says so
        if not NAME.match(self.name) or self.name in C_WORDS:
            fail(self.where, "not a name")
        if not 1 <= self.number <= 127:
            fail(self.where, "numbers are 1..127")
        if "eg" not in row or "doc" not in row:
            fail(self.where, "eg and doc are required")
        self.eg, self.doc = example_text(row["eg"]), row["doc"]
        listed = re.fullmatch(r"list<(\w+)>", self.type)
        self.item = listed.group(1) if listed else None
        base = self.item or self.type
        if base in SIZED:
            if "max" not in row:
                fail(self.where, "no bound, no build")
            self.max = row["max"]
        elif base in PLAIN:
            self.max = row.get("max", PLAIN[base][1])
        else:
            fail(self.where, f"unknown type {self.type}")
        self.list_max = row.get("list_max", 0)
        if self.item and not self.list_max:
            fail(self.where, "a list needs list_max")

    def c_type(self) -> str:
        if self.item:
            return "struct list"
        return SIZED.get(self.type) or PLAIN[self.type][0]

    def lock(self) -> str:
        return f"{self.number} {self.name} {self.type}"


class Message:
    def __init__(self, family: str, name: str, row: dict):
        self.name, self.c_name = f"{family}.{name}", f"{family}_{name}"
        allowed = {"id", "kind", "from", "to", "reply", "doc", "field", "wait_ms"}
        if set(row) - allowed:
            fail(self.name, f"unknown keys {sorted(set(row) - allowed)}")
        self.id, self.kind, self.doc = row["id"], row["kind"], row["doc"]
        self.senders, self.to, self.reply = row.get("from", []), row.get("to"), row.get("reply")
        self.wait_ms = row.get("wait_ms", 10000)
        if self.kind not in ("request", "reply", "event"):
            fail(self.name, "kind is request, reply or event")
        if not self.senders:
            fail(self.name, "from is required")
        if (self.kind == "request") != bool(self.to):
            fail(self.name, "a request, and only a request, has `to`")
        if self.kind == "request" and not self.reply:
            fail(self.name, "a request names its reply")
        self.fields = [Field(self, f) for f in row["field"]]
        for what in ("number", "name"):
            seen = [getattr(f, what) for f in self.fields]
            if len(set(seen)) != len(seen):
                fail(self.name, f"a field {what} is used twice")


def load(*folders: Path) -> list[Message]:
    found = [Message(path.stem, name, row) for folder in folders for path in sorted(folder.glob("*.toml"))
             for name, row in tomllib.loads(path.read_text()).items()]
    found.sort(key=lambda m: m.id)
    ids = {}
    for message in found:
        if message.id in ids:
            fail(message.name, f"id {message.id:#06x} is {ids[message.id].name}'s")
        ids[message.id] = message
    names = {m.name: m for m in found}
    for message in found:
        if message.reply and (message.reply not in names or names[message.reply].kind != "reply"):
            fail(message.name, f"reply {message.reply} is no reply message")
    return found


def read_lock(path: Path) -> dict[str, dict[int, str]]:
    """{"0x0204 study.activate": {1: "1 study uuid", …}}; "!" before a message number marks the required fields it shipped with."""
    locked, current = {}, None
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("  "):
            current[int(line.split()[0])] = line.strip()
        elif line and not line.startswith("#"):
            current = locked.setdefault(line.strip(), {})
    return locked


def check_lock(messages: list[Message], path: Path) -> None:
    locked = read_lock(path)
    now = {f"{m.id:#06x} {m.name} {m.kind}": m for m in messages}
    for title, fields in locked.items():
        if title not in now:
            fail("lock.txt", f"{title} shipped and is gone or changed")
        mine = {f.number: f for f in now[title].fields}
        for number, line in fields.items():
            if number in mine and mine[number].lock() != line:
                fail("lock.txt", f"{title}: field {line} shipped, now {mine[number].lock()}")
            if number not in mine:
                fail("lock.txt", f"{title}: field {line} shipped and is gone (make it optional instead)")
        for number, field in mine.items():
            if number not in fields and not field.optional:
                fail("lock.txt", f"{title}: new field {field.name} must be optional")


def write_lock(messages: list[Message], path: Path) -> None:
    lines = ["# What has shipped: message ids, field numbers and types. Written by messages.py --lock; never edited by hand."]
    for m in messages:
        lines.append(f"{m.id:#06x} {m.name} {m.kind}")
        lines += [f"  {f.lock()}" for f in sorted(m.fields, key=lambda f: f.number)]
    path.write_text("\n".join(lines) + "\n")


def header(messages: list[Message]) -> str:
    out = ["/* Generated from schemas/messages/. */", "#ifndef LOOKIT_MESSAGES_H", "#define LOOKIT_MESSAGES_H", "",
           '#include "message.h"', ""]
    for m in messages:
        out += [f"/* {m.name} ({m.kind}, {m.id:#06x}): {m.doc} */", f"struct {m.c_name} {{"]
        for f in m.fields:
            words = f.doc + ("; private" if f.private else "") + (f"; list of {f.item}" if f.item else "")
            out.append(f"    {f.c_type()} {f.name}; /* {words} */")
            if f.optional:
                out.append(f"    bool has_{f.name};")
        if not m.fields:
            out.append("    char nothing;")
        out += ["};", f"extern const struct message MESSAGE_{m.c_name};", ""]
    return "\n".join(out + ["#endif", ""])


def source(messages: list[Message]) -> str:
    kinds = {"request": "MESSAGE_REQUEST", "reply": "MESSAGE_REPLY", "event": "MESSAGE_EVENT"}
    names = {m.name: m for m in messages}
    out = ["/* Generated from schemas/messages/. */", '#include "messages.h"', ""]
    for m in messages:
        if m.fields:
            out.append(f"static const struct field fields_{m.c_name}[] = {{")
        for f in m.fields:
            at = f"offsetof(struct {m.c_name}, {f.name})"
            has = f"offsetof(struct {m.c_name}, has_{f.name})" if f.optional else "0"
            item = f"FIELD_{(f.item or 'u8').upper()}"
            out.append(f"    {{{c_text(f.name)}, {f.number}, FIELD_{'LIST' if f.item else f.type.upper()}, {item}, "
                       f"{str(f.optional).lower()}, {str(f.private).lower()}, {f.max}u, {f.list_max}, {at}, {has}, "
                       f"{c_text(f.eg)}, {c_text(f.doc)}}},".replace(f"{f.max}u", f"UINT64_C({f.max})"))
        if m.fields:
            out.append("};")
        senders = ", ".join(c_text(s) for s in m.senders)
        out.append(f"static const char *const from_{m.c_name}[] = {{{senders}, NULL}};")
        fields = f"fields_{m.c_name}" if m.fields else "NULL"
        out += [f"const struct message MESSAGE_{m.c_name} = {{",
                f"    {c_text(m.name)}, {m.id:#06x}, {kinds[m.kind]}, from_{m.c_name}, {c_text(m.to) if m.to else 'NULL'}, "
                f"{names[m.reply].id if m.reply else 0}, {m.wait_ms}, sizeof(struct {m.c_name}), {fields}, {len(m.fields)},",
                f"    {c_text(m.doc)}}};", ""]
    out += ["const struct message *const messages[] = {"] + [f"    &MESSAGE_{m.c_name}," for m in messages] + ["};"]
    out += ["const size_t messages_n = sizeof messages / sizeof messages[0];", ""]
    return "\n".join(out)


def docs(messages: list[Message]) -> str:
    out = ["# Messages", "", "Generated from `schemas/messages/` by `schemas/generate/messages.py`. Private fields are masked in the tap and in logs.", ""]
    for m in messages:
        out += [f"## `{m.name}` ({m.kind}, {m.id:#06x})", "", m.doc, ""]
        who = ", ".join("any actor" if s == "*" else f"`{s}`" for s in m.senders)
        out.append(f"From {who}" + (f", to `{m.to}`, answered by `{m.reply}`." if m.to else "."))
        out.append("")
        if m.fields:
            out += ["| n | field | type | bound | | example | |", "|--|--|--|--|--|--|--|"]
        for f in m.fields:
            marks = " ".join(w for w, on in (("optional", f.optional), ("private", f.private)) if on)
            bound = f"{f.list_max} × {f.max}" if f.item else str(f.max)
            eg = f.eg.replace("|", "\\|")
            out.append(f"| {f.number} | `{f.name}` | {f.type} | {bound} | {marks} | `{eg}` | {f.doc.replace('|', chr(92) + '|')} |")
        out.append("")
    return "\n".join(out)


def main() -> None:
    schemas, out = Path(sys.argv[1]), Path(sys.argv[2])
    more = [Path(sys.argv[sys.argv.index("--with") + 1])] if "--with" in sys.argv else []
    messages = load(schemas / "messages", *more)
    lock = schemas / "lock.txt"
    check_lock(messages, lock)
    if "--lock" in sys.argv:
        write_lock(messages, lock)
    out.mkdir(parents=True, exist_ok=True)
    (out / "messages.h").write_text(header(messages))
    (out / "messages.c").write_text(source(messages))
    if "--docs" in sys.argv:
        Path(sys.argv[sys.argv.index("--docs") + 1]).write_text(docs(messages))


if __name__ == "__main__":
    main()
