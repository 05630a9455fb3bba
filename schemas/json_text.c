/* json_text: what the reader's spans mean: unescaped strings, places for people, words for mistakes. */
#include "errors.h"
#include "json_reader.h"

static uint32_t hex4(const char *p)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++) {
        uint32_t c = (unsigned char)p[i];
        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

static size_t utf8_put(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* One character of an escaped string that passed the reader: its bytes go to out (room for 4), *at moves on.
 */
static size_t char_take(struct span text, size_t *at, char *out)
{
    const char *p = text.p + *at;
    uint32_t code;

    if (p[0] != '\\') {
        out[0] = p[0];
        *at += 1;
        return 1;
    }
    *at += 2;
    switch (p[1]) {
    case 'b':
        out[0] = '\b';
        return 1;
    case 'f':
        out[0] = '\f';
        return 1;
    case 'n':
        out[0] = '\n';
        return 1;
    case 'r':
        out[0] = '\r';
        return 1;
    case 't':
        out[0] = '\t';
        return 1;
    case 'u':
        break;
    default:
        out[0] = p[1];
        return 1;
    }
    code = hex4(p + 2);
    *at += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (hex4(p + 8) - 0xdc00);
        *at += 6;
    }
    return utf8_put(code, out);
}

int json_string_unescape(struct span text, char *out, size_t room, size_t *n)
{
    size_t at = 0, used = 0;

    *n = 0;
    while (at < text.n) {
        const char *from = text.p + at, *escape = memchr(from, '\\', text.n - at);
        size_t got = escape ? (size_t)(escape - from) : text.n - at;
        char bytes[4];
        if (got == 0) {
            got = char_take(text, &at, bytes);
            from = bytes;
        } else {
            at += got;
        }
        if (room - used < got)
            return ERR_TOOBIG;
        memcpy(out + used, from, got);
        used += got;
    }
    *n = used;
    return 0;
}

bool json_string_is(struct span text, const char *name, size_t name_n)
{
    size_t at = 0, used = 0;

    while (at < text.n) {
        char bytes[4];
        size_t got = char_take(text, &at, bytes);
        if (name_n - used < got || memcmp(name + used, bytes, got) != 0)
            return false;
        used += got;
    }
    return used == name_n;
}

void json_place_move(struct span text, struct json_place *place, size_t at)
{
    if (at > text.n)
        at = text.n;
    for (size_t i = place->at; i < at; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool is_crlf_start = c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';
        if ((c == '\n' || c == '\r') && !is_crlf_start) {
            place->line++;
            place->column = 1;
        } else if ((c & 0xc0) != 0x80) {
            place->column++;
        }
    }
    if (at > place->at)
        place->at = at;
}

struct json_place json_place_of(struct span text, size_t at)
{
    struct json_place place = {0, 1, 1};

    json_place_move(text, &place, at);
    return place;
}

const char *json_why_text(enum json_why why)
{
    switch (why) {
    case JSON_FINE:
        return "all is well";
    case JSON_EMPTY:
        return "there is nothing here yet";
    case JSON_CUT_SHORT:
        return "the text ends too early: a closing bracket, brace or value is missing";
    case JSON_NO_VALUE:
        return "a value was expected here: text in double quotes, a number, true, false, null, { or [";
    case JSON_NO_NAME:
        return "a name in double quotes was expected here";
    case JSON_NO_COLON:
        return "a colon is missing between this name and its value";
    case JSON_NO_COMMA:
        return "a comma or a closing bracket was expected here";
    case JSON_COMMA_AT_END:
        return "the comma before this closing bracket has nothing after it; please remove the comma";
    case JSON_TRAILING:
        return "the text is already complete before this point; please remove what follows";
    case JSON_STRING_OPEN:
        return "this text starts with a double quote, but its closing quote is missing";
    case JSON_STRING_CONTROL:
        return "a line break or tab inside quoted text must be written as \\n or \\t";
    case JSON_BAD_ESCAPE:
        return "this backslash starts nothing that JSON knows; write \\\\ for a backslash itself";
    case JSON_BAD_UTF8:
        return "this is not valid UTF-8 text; please save the file with UTF-8 encoding";
    case JSON_LONE_SURROGATE:
        return "this \\u escape is only half of a character";
    case JSON_HAS_NUL:
        return "the character \\u0000 cannot be stored; please remove it";
    case JSON_BAD_NUMBER:
        return "this number is not written the way JSON wants it (like 7, -0.5 or 1e3)";
    case JSON_BAD_WORD:
        return "this word is not JSON; only true, false and null may stand without quotes";
    case JSON_BOM:
        return "the text starts with an invisible byte order mark; please save it as UTF-8 without BOM";
    case JSON_TOO_DEEP:
        return "brackets are nested deeper than we can follow";
    case JSON_TOO_MANY:
        return "there are more values than we can handle";
    case JSON_TOO_LONG:
        return "the text is longer than we can handle";
    }
    return "";
}
