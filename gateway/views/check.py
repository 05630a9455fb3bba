#!/usr/bin/env python3
"""Refuses views that could do harm or leave someone out, before they are built in.

usage: check.py [VIEWS_DIR [LOCALE_DIR]]     exit 1 with one line per mistake
       check.py --untranslated                phrases that a catalogue does not know, to be translated
       check.py --self-test                   makes every mistake once and expects to be told

The grammar of tags is checked again, and exactly, when the binary compiles its views; this is about the HTML around them.
"""
import json
import re
import sys
import tempfile
from pathlib import Path

TAG = re.compile(r"\{\{(\{?)\s*([#^/!>&]?)\s*(.*?)\s*\}?\}\}", re.S)
ELEMENT = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"([^\s=\"'/<>]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>\"']+))?")
ADDRESS = {"href", "src", "action", "formaction", "poster"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path", "circle", "rect"}
PAIRED_ELSEWHERE = {"shared/top", "shared/bottom"}  # open in one file, closed in the other
MARK = "\ue000"  # stands for a printed value while the HTML is looked at


def line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def tags(text: str):
    return [(m.start(), m[1], m[2], m[3], m.end()) for m in TAG.finditer(text)]


def plain(text: str) -> str:
    """HTML with lines in place: printed values become a mark, everything else of Mustache vanishes."""
    def instead(m: re.Match) -> str:
        keeps_lines = "\n" * m[0].count("\n")
        return (MARK if m[2] in ("", "&") else "") + keeps_lines
    return TAG.sub(instead, text)


def sections_balance(name: str, text: str, known: set):
    stack = []
    for at, _, sigil, body, _ in tags(text):
        if sigil in "#^" and sigil:
            stack.append((body, at))
        elif sigil == "/":
            if not stack or stack[-1][0] != body:
                yield at, f"{{{{/{body}}}}} closes nothing that is open"
                return
            stack.pop()
        elif sigil == ">" and body.split()[0] not in known:
            yield at, f"there is no view {body.split()[0]}"
    for body, at in stack:
        yield at, f"{{{{#{body}}}}} is never closed"


def unescaped_is_named_so(name: str, text: str, known: set):
    for at, triple, sigil, body, _ in tags(text):
        if (triple or sigil == "&") and not body.endswith("_html"):
            yield at, f"{body} is printed unescaped, and its name does not end in _html"


def comments_end_where_they_seem_to(name: str, text: str, known: set):
    for at, _, sigil, body, end in tags(text):
        if sigil == "!" and re.match(r"[^\n<{]*\S", text[end:]) and "\n" in body:
            yield at, "a comment holds two closing braces in a row; write } }"


def phrases_hold_no_sections(name: str, text: str, known: set):
    for match in re.finditer(r"\{\{#_\}\}(.*?)\{\{/_\}\}", text, re.S):
        for _, _, sigil, body, _ in tags(match[1]):
            if sigil:
                yield match.start(), f"a phrase holds {{{{{sigil}{body}}}}}; only text and variables can be translated"


def values_stand_only_where_escaping_helps(name: str, text: str, known: set):
    html = plain(text)
    for match in re.finditer(r"<(script|style)\b([^>]*)>(.*?)</\1>", html, re.S | re.I):
        if match[3].strip():
            yield match.start(), f"<{match[1]}> with text in it; the Content-Security-Policy refuses it"
    for element in ELEMENT.finditer(html):
        if element[1]:
            continue
        for attribute in ATTRIBUTE.finditer(element[3]):
            key, value = attribute[1].lower(), attribute[2] or ""
            if MARK in key:
                yield element.start(), "a value where an attribute's name belongs"
            if key.startswith("on"):
                yield element.start(), f"{key}= is a script inside a page"
            if key == "style":
                yield element.start(), "style= is refused by the Content-Security-Policy; use a class"
            if value[:1] not in ('"', "'") and (MARK in value or not re.fullmatch(r"[a-zA-Z0-9_-]*", value)):
                yield element.start(), f"{key}= needs double quotes"
            if value[:1] == "'":
                yield element.start(), f"{key}= uses single quotes; only double quotes are followed when views are compiled"
            if key in ADDRESS and re.match(r"[\"']?\s*(javascript|data|vbscript):", value, re.I):
                yield element.start(), f"{key}= runs a script"
    for element in re.finditer(r"<[a-zA-Z][^<>]*?\s(" + "|".join(ADDRESS) + r")=\"([^\"]*)\"", text):
        if re.search(r"\{\{>", element[2]):
            yield element.start(), f"{element[1]}= calls a partial, in which values would not be encoded as parts of an address"


def forms_are_protected(name: str, text: str, known: set):
    for match in re.finditer(r"<form\b[^>]*>(.*?)</form>", text, re.S | re.I):
        opening = re.match(r"<form\b[^>]*>", match[0])[0]
        if re.search(r"method=\"?post", opening, re.I) and "{{> shared/csrf}}" not in match[0]:
            yield match.start(), "a form that posts lacks {{> shared/csrf}}"
        if not re.search(r"method=\"?(post|get)", opening, re.I):
            yield match.start(), "a form says no method"


def nobody_is_left_out(name: str, text: str, known: set):
    html = TAG.sub(lambda m: f"({m[3]})" if m[2] == "" else "\n" * m[0].count("\n"), text)
    labelled = set(re.findall(r"<label\b[^>]*\bfor=\"([^\"]*)\"", html))
    for element in ELEMENT.finditer(html):
        tag, rest = element[2].lower(), element[3]
        found = {a[1].lower(): (a[2] or "").strip("\"'") for a in ATTRIBUTE.finditer(rest)}
        if element[1]:
            continue
        if tag == "img" and "alt" not in found:
            yield element.start(), "<img> without alt (empty when it only decorates)"
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            if not ({"aria-label", "aria-labelledby"} & set(found)) and found.get("id") not in labelled and "id_(@name)" not in (found.get("id") or ""):
                yield element.start(), f"<{tag}> {found.get('name', '')} has no label"
        if tag == "iframe" and "title" not in found:
            yield element.start(), "<iframe> without title"
        if tag == "a" and found.get("target") == "_blank" and "noopener" not in found.get("rel", ""):
            yield element.start(), "target=\"_blank\" without rel=\"noopener\""
        if tag == "table" and "<caption" not in html[element.end():element.end() + 200]:
            yield element.start(), "<table> without <caption>"


def elements_balance(name: str, text: str, known: set):
    if name in PAIRED_ELSEWHERE:
        return
    stack = []
    for element in ELEMENT.finditer(plain(text)):
        tag = element[2].lower()
        if tag in VOID or element[3].rstrip().endswith("/"):
            continue
        if not element[1]:
            stack.append((tag, element.start()))
        elif not stack or stack[-1][0] != tag:
            yield element.start(), f"</{tag}> closes nothing that is open" + (f"; <{stack[-1][0]}> is" if stack else "")
            return
        else:
            stack.pop()
    for tag, at in stack:
        yield at, f"<{tag}> is never closed"


RULES = [sections_balance, unescaped_is_named_so, comments_end_where_they_seem_to, phrases_hold_no_sections,
         values_stand_only_where_escaping_helps, forms_are_protected, nobody_is_left_out, elements_balance]


def check(views: Path) -> list[str]:
    files = {p.relative_to(views).as_posix().removesuffix(".mustache"): p.read_text() for p in sorted(views.rglob("*.mustache"))}
    found = []
    for name, text in files.items():
        for rule in RULES:
            found += [f"{name}.mustache:{line_of(text, at)}: {sentence} [{rule.__name__}]" for at, sentence in rule(name, text, set(files))]
    return found


def phrases(views: Path) -> set[str]:
    """Keys as the compiler makes them: white space collapsed; arguments that partials translate are phrases, too."""
    keys = set()
    for path in views.rglob("*.mustache"):
        text = re.sub(r"\{\{!.*?\}\}", "", path.read_text(), flags=re.S)
        if path.parent.name == "labs":
            continue  # researchers' pages are English (web-families.md 1.4)
        keys |= {" ".join(m.split()) for m in re.findall(r"\{\{#_\}\}(.*?)\{\{/_\}\}", text, re.S) if not re.fullmatch(r"\{\{[^{}]*\}\}", m)}
        keys |= {v for v in re.findall(r"\b(?:label|help|title|text|action|blank)=\"([^\"]*)\"", " ".join(re.findall(r"\{\{>(.*?)\}\}", text, re.S)))}
    return keys


def translations(views: Path, locales: Path) -> list[str]:
    """A catalogue must parse, keep the elements of its English, and hold nothing that no page says."""
    found, keys = [], phrases(views)
    for path in sorted(locales.glob("*.json")):
        for english, there in json.loads(path.read_text()).items():
            if sorted(re.findall(r"<[^>]*>", english)) != sorted(re.findall(r"<[^>]*>", there)):
                found.append(f"{path.name}: the elements differ in {english!r}")
            if ("{{" in english or "<" in english or " " in english) and english not in keys and not english.endswith((".", "!")):
                found.append(f"{path.name}: no view says {english!r}")
    return found


SINS = {
    "sections_balance": ["{{#a}}x", "x{{/a}}", "{{> nowhere}}"],
    "unescaped_is_named_so": ["{{{a}}}", "{{&a}}"],
    "comments_end_where_they_seem_to": ["{{! {\"a\":\n{\"b\":1}} } }}\n"],
    "phrases_hold_no_sections": ["{{#_}}a {{#b}}c{{/b}}{{/_}}"],
    "values_stand_only_where_escaping_helps": [
        "<script>go()</script>", "<style>p{}</style>", "<p onclick=\"x()\">x</p>", "<p style=\"color: red\">x</p>", "<p class={{a}}>x</p>",
        "<p class='{{a}}'>x</p>", "<p {{a}}=\"b\">x</p>", "<a href=\"javascript:x()\">x</a>", "<a href=\"?{{> page}}\">x</a>"],
    "forms_are_protected": ["<form method=\"post\"><button>x</button></form>", "<form><button>x</button></form>"],
    "nobody_is_left_out": ["<img src=\"/x\">", "<input name=\"x\">", "<a target=\"_blank\" href=\"/x\">x</a>", "<table><tbody></tbody></table>"],
    "elements_balance": ["<p><b>x</p></b>", "<div>"],
}


def self_test() -> int:
    failed = 0
    for rule, texts in SINS.items():
        for text in texts:
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "page.mustache").write_text(text)
                if not any(line.endswith(f"[{rule}]") for line in check(Path(folder))):
                    print(f"{rule} did not notice: {text}")
                    failed += 1
    print(f"{sum(map(len, SINS.values()))} mistakes made, {failed} not noticed")
    return 1 if failed else 0


def main() -> int:
    if "--self-test" in sys.argv:
        return self_test()
    args = [Path(a) for a in sys.argv[1:] if not a.startswith("--")]
    views = args[0] if args else Path(__file__).resolve().parent
    locales = args[1] if len(args) > 1 else views.parent / "locale"
    if "--untranslated" in sys.argv:
        for path in sorted(locales.glob("*.json")):
            known = json.loads(path.read_text())
            print("\n".join(f"{path.name}: {key}" for key in sorted(phrases(views) - set(known))))
        return 0
    found = check(views) + translations(views, locales)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
