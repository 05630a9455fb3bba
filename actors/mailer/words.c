/* words: see the header. */
#include "words.h"

#include "embedded.h"
#include "errors.h"
#include "mail_texts.h"

static const struct embedded *text_find(struct span name)
{
    for (const struct embedded *e = mail_texts; e->name; e++) {
        size_t n = strlen(e->name) - strlen(".txt");
        if (n == name.n && memcmp(e->name, name.p, n) == 0)
            return e;
    }
    return NULL;
}

/* Up to the next `end`, which *left is behind afterwards; to the end of *left when there is none. */
static struct span cut(struct span *left, const char *end)
{
    size_t end_n = strlen(end);
    struct span s = *left;

    for (size_t i = 0; i + end_n <= s.n; i++)
        if (memcmp(s.p + i, end, end_n) == 0) {
            *left = (struct span){s.p + i + end_n, s.n - i - end_n};
            return (struct span){s.p, i};
        }
    *left = (struct span){s.p + s.n, 0};
    return s;
}

/* False: a value that it names is not there. */
static bool fill(struct arena *a, struct span pattern, const struct json *values, struct text *out)
{
    while (pattern.n) {
        struct span value;

        text_add(a, out, cut(&pattern, "{{"));
        if (!pattern.n)
            break;
        value = json_string(json_get_span(values, cut(&pattern, "}}")));
        if (!value.n)
            return false;
        text_add(a, out, value);
    }
    return true;
}

int words_fill(struct arena *a, struct span name, const struct json *values, struct words *out)
{
    const struct embedded *file = text_find(name);
    struct text subject = {0}, text = {0};
    struct span left;

    if (!file)
        return ERR_NOTFOUND;
    left = embedded_span(file);
    (void)cut(&left, "Subject: ");
    (void)fill(a, cut(&left, "\n\n"), values, &subject);
    while (left.n) {
        struct text paragraph = {0};

        if (!fill(a, cut(&left, "\n\n"), values, &paragraph))
            continue;
        if (text.n)
            text_add(a, &text, SPAN("\n"));
        text_add(a, &text, text_span(&paragraph));
        if (text.p[text.n - 1] != '\n')
            text_add(a, &text, SPAN("\n"));
    }
    *out = (struct words){text_span(&subject), text_span(&text)};
    return 0;
}
