#!/usr/bin/env python3
"""The plan of the house as a program: each rule below is one function that yields (rule, place, sentence).

usage: check.py [SOURCE_DIR] [--objects BUILD_DIR]      exit 1 when a rule is broken
       check.py --self-test                              breaks every rule once in a scratch tree and expects to be told

Exceptions stand in allow.txt beside this file, one a line:  rule place-pattern reason. An exception that nothing needs
any more is itself a mistake.
"""
import fnmatch
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

TOP = {"CMakeLists.txt", "README.md", "actors", "bus", "schemas", "gateway", "tests", "ops"}
DOORS = {  # header pattern -> files that may include it
    r"<(czmq|zmq|zsock|zloop|zactor)\.h>": ["bus/hub*.[ch]", "bus/node*.[ch]"],
    r"<libpq-fe\.h>": ["bus/db*.[ch]"],
    r"<msgpack[./]": ["bus/wire*.[ch]"],
    r"<microhttpd\.h>": ["gateway/http*.[ch]"],
    r"<curl/": ["bus/fetch*.[ch]"],
    r"<(openssl/|sodium)": ["bus/crypt*.[ch]"],
    r"<(json-c/|json\.h>|yajl/)": ["bus/json*.[ch]"],
    r"<amqp": ["actors/bridge/amqp.[ch]"],
    r"<archive": ["actors/exports/zip.[ch]"],
    r"<(brotli/|zlib\.h)": ["gateway/http*.[ch]", "gateway/compress.[ch]"],
}
BANNED = {"sprintf", "vsprintf", "strcpy", "strcat", "strtok", "atoi", "gets", "alloca", "system", "popen", "rand"}
BLOCKING = {"port_call", "sleep", "usleep", "nanosleep", "fsync", "fdatasync", "poll", "select", "pthread_cond_wait"}
BELOW = {"schemas": {"schemas"}, "bus": {"schemas", "bus"}, "actors": {"schemas", "bus", "actors"},
         "gateway": {"schemas", "bus", "gateway"}, "ops": {"schemas", "bus", "actors", "gateway", "ops"}}
FUNCTION = re.compile(r"^[A-Za-z_][^\n;{}=#]*?\b([a-z_][a-z0-9_]*)\(([^;{}]*?)\)\s*\n\{\n(.*?)^\}", re.S | re.M)
TAG = re.compile(r'"[^"\n]*</?(?:html|head|body|title|p|a|b|i|div|span|form|input|script|style|table|t[rdh]|[uo]l|li|h[1-6]|br|img)[ />]')
PERSONAL = {"account", "child", "demographic", "response", "response_frame", "consent_ruling", "feedback", "video", "upload", "session", "token",
            "totp", "message", "message_recipient", "message_child", "invitation"}
GUARD = re.compile(r"\b(?:may_\w+|studies_where|study_responses\w*|response_is_\w+|\w+_is_visible|is_api_\w+)\(|\bapi_\w+\(:viewer\b"  # rights
                   r"|\baccount = :viewer\b|\ba\.id = :viewer\b")  # one's own
WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?([a-z_]+)", re.I)


class House:
    def __init__(self, root: Path, objects: Path | None):
        self.root, self.objects = root, objects
        names = subprocess.run(["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"], text=True,
                               capture_output=True, check=True).stdout.split("\n")
        self.files = sorted(n for n in names if n and (root / n).is_file())
        self.texts: dict[str, str] = {}

    def text(self, name: str) -> str:
        if name not in self.texts:
            self.texts[name] = (self.root / name).read_text(errors="replace")
        return self.texts[name]

    def code(self, name: str) -> str:
        """C text without comments and with string contents blanked; line numbers stay."""
        def blank(match: re.Match) -> str:
            if match[0][0] in "\"'":
                return match[0][0] + match[0][0]
            return "\n" * match[0].count("\n")
        return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, self.text(name), flags=re.S)

    def find(self, *patterns: str) -> list[str]:
        return [f for f in self.files if any(fnmatch.fnmatch(f, p) for p in patterns)]

    def c_files(self) -> list[str]:
        return [f for f in self.find("*.c", "*.h") if not f.startswith("tests/")]

    def includes(self, name: str) -> list[tuple[int, str]]:
        return [(self.text(name)[:m.start()].count("\n") + 1, m[1])
                for m in re.finditer(r"^\s*#\s*include\s+([<\"][^>\"]+[>\"])", self.text(name), re.M)]


def top_is_closed(house: House):
    for name in sorted({f.split("/")[0] for f in house.files}):
        if name not in TOP and not name.startswith("."):
            yield "top", name, "is not on the plan of the top level"


def one_door_per_library(house: House):
    for name in house.c_files():
        for line, header in house.includes(name):
            for pattern, allowed in DOORS.items():
                if re.search(pattern, header) and not any(fnmatch.fnmatch(name, a) for a in allowed):
                    yield "door", f"{name}:{line}", f"includes {header}, whose door is {' '.join(allowed)}"


def dependencies_point_one_way(house: House):
    owners: dict[str, set[str]] = {}
    for name in house.find("*.h"):
        owners.setdefault(Path(name).name, set()).add(name)
    for name in house.c_files():
        part = name.split("/")[0]
        for line, header in house.includes(name):
            for target in owners.get(Path(header.strip('<>"')).name, set()):
                if target.startswith("tests/") or header.startswith("<"):
                    continue
                there = target.split("/")[0]
                if part in BELOW and there not in BELOW[part]:
                    yield "direction", f"{name}:{line}", f"{part} may not look up at {target}"
                mine, theirs = name.split("/")[1], target.split("/")[1]
                if part == there == "actors" and mine != theirs:
                    yield "direction", f"{name}:{line}", f"actors share nothing, yet {mine} includes {target}"


def small_files_small_functions(house: House):
    for name in house.find("*.c", "*.h", "*.ts", "*.mjs", "*.py"):
        lines = house.text(name).count("\n")
        if lines > 600:
            yield "size", name, f"has {lines} lines; 600 is the most"
    for name in house.find("*.c"):
        for match in FUNCTION.finditer(house.code(name)):
            lines = match[3].count("\n") + 2
            if lines > 60:
                yield "size", f"{name}:{match[1]}", f"has {lines} lines; 60 is the most"


def no_recursion(house: House):
    for name in house.c_files():
        for match in FUNCTION.finditer(house.code(name)):
            if re.search(rf"(?<![.>\w]){match[1]}\(", match[3]):
                yield "recursion", f"{name}:{match[1]}", "calls itself"


def no_banned_words(house: House):
    for name in house.c_files():
        code = house.code(name)
        for match in re.finditer(r"(?<![.>\w])([a-z_]+)\s*\(", code):
            if match[1] in BANNED:
                yield "banned", f"{name}:{code[:match.start()].count(chr(10)) + 1}", f"{match[1]}() is never used here"
        for match in re.finditer(r"^typedef\s+(struct|union)\b", code, re.M):
            yield "typedef", f"{name}:{code[:match.start()].count(chr(10)) + 1}", "structs keep their struct"
    for name in house.find("*.c", "*.h", "*.ts", "*.sql", "*.sh", "ops/*", "gateway/views/*"):
        if name.startswith("tests/"):
            continue
        for match in re.finditer(r"\b(TODO|FIXME|XXX|HACK|not implemented|unimplemented)\b", house.text(name)):
            yield "unfinished", f"{name}:{house.text(name)[:match.start()].count(chr(10)) + 1}", f"says {match[1]}"


def no_banned_symbols(house: House):
    for object_file in sorted(house.objects.rglob("*.o")) if house.objects else []:
        where = str(object_file.relative_to(house.objects))
        if where.startswith("tests/") or "CMakeFiles" not in where:
            continue
        out = subprocess.run(["nm", "-u", str(object_file)], text=True, capture_output=True).stdout
        for symbol in {line.split()[-1].split("@")[0] for line in out.splitlines() if line.split()} & BANNED:
            yield "banned", where, f"links {symbol}"


def loop_never_blocks(house: House):
    for name in house.find("gateway/*.c", "gateway/*.h"):
        code = house.code(name)
        for match in re.finditer(r"(?<![.>\w])([a-z_]+)\s*\(", code):
            if match[1] in BLOCKING or re.match(r"(db|fetch)_[a-z]+$", match[1]):
                yield "blocking", f"{name}:{code[:match.start()].count(chr(10)) + 1}", f"{match[1]}() may wait, and the HTTP loop never does"


def sql_in_its_place(house: House):
    words = re.compile(r"\"\s*(select(?=\s)|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+(table|function)|with\s+\w+\s+as)\b", re.I)
    for name in house.c_files():
        for match in words.finditer(house.text(name)):
            yield "sql", f"{name}:{house.text(name)[:match.start()].count(chr(10)) + 1}", "SQL lives in sql/ and database/"
    for name in house.find("actors/*/sql/*.sql"):
        text = re.sub(r"--[^\n]*", "", house.text(name))
        head = house.text(name).partition("\n")[0]
        if re.search(r"select\s+\*", text, re.I):
            yield "sql", name, "names its columns instead of *"
        if head.endswith("rows: many") and not re.search(r"\blimit\b", text, re.I):
            yield "sql", name, "a list has a LIMIT"


def tables_have_one_writer(house: House):
    owner: dict[str, str] = {}
    for name in house.find("actors/*/*.c"):
        match = re.search(r"Owns:\s+tables?\s+([^\n]*(?:\n \* {8,}[^\n]*)*)", house.text(name).partition("*/")[0])
        for table in re.findall(r"[a-z_]+", re.sub(r"\band\b", " ", match[1])) if match else []:
            actor = name.split("/")[1]
            if owner.setdefault(table, actor) != actor:
                yield "owner", name, f"{table} is {owner[table]}'s already"
    for name in house.find("actors/*/sql/*.sql"):
        actor = name.split("/")[1]
        text = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", house.text(name))
        text = re.sub(r"\bfor\s+(no\s+key\s+)?update\b|\bdo\s+update\s+set\b|\bon\s+update\b", "", text, flags=re.I)
        for table in sorted(set(WRITES.findall(text))):
            if owner.get(table.lower()) != actor:
                yield "owner", name, f"writes {table}, which {owner.get(table, 'nobody')} owns"


def statements_ask_for_rights(house: House):
    """Whoever reads or writes what people told us asks whether the viewer may, or says in a line of its own why nobody need ask."""
    for name in house.find("actors/*/sql/*.sql", "bus/sql/*.sql"):
        text = house.text(name)
        body = re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)
        touched = sorted(PERSONAL & {t.lower() for t in re.findall(r"\b(?:from|join|update|into)\s+(?:only\s+)?([a-z_]+)", body, re.I)})
        says_why = re.search(r"^-- rights: \S.{15,}", text, re.M)
        if touched and not GUARD.search(body) and not says_why:
            yield "rights", name, f"touches {', '.join(touched)} and asks for no right; if none is needed, say why: -- rights: …"
        if says_why and (not touched or GUARD.search(body)):
            yield "rights", name, "its line -- rights: is not needed"


def messages_are_heard(house: House):
    heard: dict[str, set[str]] = {}
    for name in house.find("actors/*/*.c", "bus/hub*.c"):
        actor = name.split("/")[1] if name.startswith("actors/") else "hub"
        heard.setdefault(actor, set()).update(re.findall(r"\b(?:ON|VIEW)\(\s*(\w+)", house.text(name)))
        if actor == "hub":
            heard["hub"].update(re.findall(r"MESSAGE_(\w+)", house.text(name)))
    requests = set()
    for name in house.find("schemas/messages/*.toml"):
        for word, row in tomllib.loads(house.text(name)).items():
            message = f"{Path(name).stem}_{word}"
            if row["kind"] != "request":
                continue
            requests.add(message)
            if message not in heard.get(row["to"], set()):
                yield "heard", f"{name}:{word}", f"nobody in {row['to']} answers it"
    for name in house.find("gateway/routes.def"):
        for message in re.findall(r"^ROUTE\(\s*\w+\s*,\s*\"[^\"]*\"\s*,\s*\w+\s*,\s*(\w+)", house.text(name), re.M):
            if message not in requests and message != "NOTHING":
                yield "heard", f"{name}:{message}", "a route asks what is no request"


def logs_hold_no_people(house: House):
    for name in house.c_files():
        for match in re.finditer(r"\blog_(?:error|warn|info|debug)\((\s*\"[^\"]*\"\s*,\s*\"[^\"]*\")", house.text(name)):
            for word in re.findall(r"\b(name|email|mail|address|ip|token|cookie|password|body|query|user_agent|nickname)=", match[1]):
                yield "log", f"{name}:{house.text(name)[:match.start()].count(chr(10)) + 1}", f"logs {word}; ids only"


def html_is_made_by_views(house: House):
    for name in house.find("*.c", "*.h"):
        if name.startswith("tests/"):
            continue
        for match in TAG.finditer(house.text(name)):
            yield "html", f"{name}:{house.text(name)[:match.start()].count(chr(10)) + 1}", "HTML is made by views"
    for name in house.find("gateway/views/*.html", "gateway/views/*.mustache"):
        for match in re.finditer(r"\{\{\{|\{\{\s*&", house.text(name)):
            yield "html", f"{name}:{house.text(name)[:match.start()].count(chr(10)) + 1}", "prints a value unescaped"


def own_enums_have_no_default(house: House):
    enums = set()
    for name in house.find("*.h"):
        for body in re.findall(r"\benum\s+\w+\s*\{(.*?)\}", house.code(name), re.S):
            enums.update(re.findall(r"\b[A-Z][A-Z0-9_]+\b", body))
    for name in house.find("*.c"):
        if name.startswith("tests/"):
            continue
        code = house.code(name)
        for match in re.finditer(r"\bswitch\s*\([^{]*\)\s*\{", code):
            depth, end = 1, match.end()
            while depth and end < len(code):
                depth += {"{": 1, "}": -1}.get(code[end], 0)
                end += 1
            body = code[match.end():end]
            labels = re.findall(r"\bcase\s+([A-Z][A-Z0-9_]+)\s*:", body)
            if labels and all(label in enums for label in labels) and re.search(r"\bdefault\s*:", body):
                yield "default", f"{name}:{code[:match.start()].count(chr(10)) + 1}", "a switch over our own enum has no default"


def each_source_has_its_test(house: House):
    """By name, or named in the line `Covers: bus/actor.c …` of a test's header."""
    programs = house.find("tests/unit/test_*.c", "tests/actors/test_*.c")
    tests = {Path(t).stem for t in programs}
    covered = {name for t in programs for line in re.findall(r"Covers:([^*]*)", house.text(t).partition("#include")[0])
               for name in line.split()}
    for name in house.find("bus/*.c", "schemas/*.c", "schemas/protocol/*.c", "gateway/*.c"):
        stem = Path(name).stem
        if name not in covered and not any(t == f"test_{stem}" or stem.startswith(t[5:] + "_") for t in tests):
            yield "untested", name, f"has no tests/unit/test_{stem}.c"


RULES = [top_is_closed, one_door_per_library, dependencies_point_one_way, small_files_small_functions, no_recursion, no_banned_words,
         no_banned_symbols, loop_never_blocks, sql_in_its_place, tables_have_one_writer, statements_ask_for_rights,
         messages_are_heard, logs_hold_no_people,
         html_is_made_by_views, own_enums_have_no_default, each_source_has_its_test]


def read_allowed(path: Path) -> list[list[str]]:
    rows = [line.split(None, 2) for line in path.read_text().splitlines() if line and not line.startswith("#")] if path.exists() else []
    bad = [row for row in rows if len(row) < 3]
    if bad:
        sys.exit(f"{path}: an exception needs rule, place and reason: {bad[0]}")
    return rows


def check(root: Path, objects: Path | None, allowed: list[list[str]]) -> list[str]:
    house, found, used = House(root, objects), [], set()
    for rule in RULES:
        for word, place, sentence in rule(house):
            hits = [i for i, (r, pattern, _) in enumerate(allowed) if r == word and fnmatch.fnmatch(place, pattern)]
            used.update(hits)
            if not hits:
                found.append(f"{place}: {sentence} [{word}]")
    if objects or not any(a[0] == "banned" for a in allowed):
        found += [f"allow.txt: nothing needs this exception any more: {' '.join(a)}" for i, a in enumerate(allowed) if i not in used]
    return found


SINS = {  # rule -> files that break it
    "rights": {"actors/exports/sql/everybody.sql": "-- in: - · out: name text · rows: many\nselect c.given_name as name from child c\n"},
    "top": {"extra/x.txt": "x"},
    "door": {"bus/a.c": "#include <czmq.h>\n"},
    "direction": {"bus/a.c": '#include "g.h"\n', "gateway/g.h": "\n"},
    "size": {"bus/a.c": "int f(void)\n{\n" + "    ;\n" * 70 + "}\n"},
    "recursion": {"bus/a.c": "int fac(int n)\n{\n    return n ? n * fac(n - 1) : 1;\n}\n"},
    "banned": {"bus/a.c": "void f(char *p)\n{\n    strcpy(p, p);\n}\n"},
    "typedef": {"bus/a.h": "typedef struct x x_t;\n"},
    "unfinished": {"bus/a.c": "/* TODO */\n"},
    "blocking": {"gateway/a.c": "void f(void)\n{\n    sleep(1);\n}\n"},
    "sql": {"bus/a.c": 'const char *q = "SELECT 1";\n'},
    "owner": {"actors/a/a.c": "/* a\n * Owns:   tables cat\n */\n", "actors/a/sql/x.sql": "-- in: - · out: - · rows: none\nupdate dog set n = 1;\n"},
    "heard": {"schemas/messages/a.toml": '[go]\nid = 1\nkind = "request"\nto = "a"\n'},
    "log": {"bus/a.c": 'void f(void)\n{\n    log_warn("x", "email=%s", "a");\n}\n'},
    "html": {"gateway/a.c": 'const char *page = "<p>Hello</p>";\n'},
    "default": {"bus/a.h": "enum e { E_A, E_B };\n", "bus/a.c": "int f(enum e e)\n{\n    switch (e) {\n    case E_A:\n        return 1;\n    default:\n        return 2;\n    }\n}\n"},
    "untested": {"bus/a.c": "\n"},
}


def self_test() -> int:
    passed, failed = 0, 0
    for rule, files in SINS.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True)
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            told = [line for line in check(Path(folder), None, []) if line.endswith(f"[{rule}]")]
        passed, failed = passed + bool(told), failed + (not told)
        if not told:
            print(f"not noticed: {rule}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    if "--self-test" in sys.argv:
        return self_test()
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    objects = Path(sys.argv[sys.argv.index("--objects") + 1]) if "--objects" in sys.argv else None
    root = Path(args[0]) if args and (objects is None or args[0] != str(objects)) else Path(__file__).resolve().parents[2]
    found = check(root, objects, read_allowed(Path(__file__).parent / "allow.txt"))
    print("\n".join(found) if found else "the plan of the house holds")
    return 1 if found else 0


sys.exit(main())
