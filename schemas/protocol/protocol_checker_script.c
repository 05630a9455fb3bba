/* protocol_checker_script: does this text look like a JavaScript function? Nothing is run: only the beginning
 * and the brackets are looked at, outside strings, templates, comments and regular expressions. In doubt, no
 * fault is found. */
#include "protocol_checker.h"

#define NESTING_MAX 200u

struct script {
    struct span text;
    size_t at;
    char open[NESTING_MAX]; /* what closes each open bracket; '`' for the code inside a template */
    size_t open_n;
    char last; /* the last byte of code that was no blank */
};

static bool is_word(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' ||
           ch == '$';
}

static bool starts_with(struct span text, const char *word)
{
    size_t n = strlen(word);

    return text.n >= n && memcmp(text.p, word, n) == 0 && (text.n == n || !is_word(text.p[n]));
}

static struct span skip_blanks(struct span text)
{
    while (text.n && strchr(" \t", text.p[0])) {
        text.p++;
        text.n--;
    }
    return text;
}

/* "function", "(", "async", or "name =>". */
static bool is_start(struct span text)
{
    size_t n = 0;

    text = skip_blanks(text);
    if (text.n == 0)
        return false;
    if (text.p[0] == '(' || starts_with(text, "function") || starts_with(text, "async"))
        return true;
    if (text.n >= 2 && memcmp(text.p, "/*", 2) == 0) /* a remark first: not followed any further */
        return true;
    while (n < text.n && is_word(text.p[n]))
        n++;
    text = skip_blanks((struct span){text.p + n, text.n - n});
    return n > 0 && text.n >= 2 && memcmp(text.p, "=>", 2) == 0;
}

/* Behind a backslash, everything is skipped. False when the text ends first. */
static bool quote_skip(struct script *s, char end)
{
    bool is_class = false; /* inside [ ] of a regular expression, where / ends nothing */

    for (s->at++; s->at < s->text.n; s->at++) {
        char ch = s->text.p[s->at];
        if (ch == '\\') {
            s->at++;
        } else if (end == '/' && (ch == '[' || ch == ']')) {
            is_class = ch == '[';
        } else if (ch == end && !is_class) {
            s->at++;
            return true;
        } else if (ch == '\n') {
            return false;
        }
    }
    return false;
}

/* From a template's text to its end or to the next ${, where code begins. */
static bool template_skip(struct script *s)
{
    for (; s->at < s->text.n; s->at++) {
        char ch = s->text.p[s->at];
        if (ch == '\\') {
            s->at++;
        } else if (ch == '`') {
            s->at++;
            return true;
        } else if (ch == '$' && s->at + 1 < s->text.n && s->text.p[s->at + 1] == '{') {
            s->at += 2;
            if (s->open_n == NESTING_MAX)
                return false;
            s->open[s->open_n++] = '`';
            return true;
        }
    }
    return false;
}

static bool comment_skip(struct script *s)
{
    bool is_line = s->text.p[s->at + 1] == '/';

    for (s->at += 2; s->at < s->text.n; s->at++) {
        char ch = s->text.p[s->at];
        if (is_line && ch == '\n')
            return true;
        if (!is_line && ch == '*' && s->at + 1 < s->text.n && s->text.p[s->at + 1] == '/') {
            s->at += 2;
            return true;
        }
    }
    return is_line;
}

enum step { GOES_ON, IN_DOUBT, IS_OPEN, IS_UNBALANCED };

/* A slash is a comment, a regular expression, or a division. */
static enum step slash_read(struct script *s)
{
    char next = s->at + 1 < s->text.n ? s->text.p[s->at + 1] : '\0';

    if (next == '/' || next == '*')
        return comment_skip(s) ? GOES_ON : IS_OPEN;
    if (s->last == '}' || is_word(s->last)) { /* "return /x/" and "a / b" look alike */
        if (!is_word(s->last) || (s->last >= 'a' && s->last <= 'z'))
            return IN_DOUBT;
    } else if (s->last != ')' && s->last != ']') {
        s->last = '/';
        return quote_skip(s, '/') ? GOES_ON : IN_DOUBT;
    }
    s->last = '/';
    s->at++;
    return GOES_ON;
}

static enum step bracket_read(struct script *s, char ch)
{
    s->at++;
    s->last = ch;
    if (ch == '(' || ch == '[' || ch == '{') {
        if (s->open_n == NESTING_MAX)
            return IN_DOUBT;
        s->open[s->open_n++] = ch == '(' ? ')' : ch == '[' ? ']' : '}';
        return GOES_ON;
    }
    if (s->open_n == 0)
        return IS_UNBALANCED;
    s->open_n--;
    if (s->open[s->open_n] == '`' && ch == '}')
        return template_skip(s) ? GOES_ON : IS_OPEN;
    return s->open[s->open_n] == ch ? GOES_ON : IS_UNBALANCED;
}

static enum step piece_read(struct script *s)
{
    char ch = s->text.p[s->at];

    if (ch == '"' || ch == '\'') {
        s->last = ch;
        return quote_skip(s, ch) ? GOES_ON : IS_OPEN;
    }
    if (ch == '`') {
        s->last = ch;
        s->at++;
        return template_skip(s) ? GOES_ON : IS_OPEN;
    }
    if (ch == '/')
        return slash_read(s);
    if (ch != '\0' && strchr("()[]{}", ch))
        return bracket_read(s, ch);
    if (ch != '\0' && !strchr(" \t\r\n", ch))
        s->last = ch;
    s->at++;
    return GOES_ON;
}

const char *script_fault(struct span text)
{
    struct script s = {.text = text};
    enum step step = GOES_ON;

    if (!is_start(text))
        return "must be the text of a function, beginning with \"function\" or \"(\" and no line break "
               "before it";
    while (s.at < text.n && step == GOES_ON)
        step = piece_read(&s);
    switch (step) {
    case IN_DOUBT:
        return NULL;
    case IS_OPEN:
        return "function has a string or comment that does not end";
    case IS_UNBALANCED:
        return "function has a closing bracket that nothing opens, or of another kind than the one that is "
               "open";
    case GOES_ON:
        break;
    }
    return s.open_n ? "function has a bracket that is never closed" : NULL;
}
