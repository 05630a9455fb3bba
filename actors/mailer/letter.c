/* letter: see the header. */
#include "letter.h"

#include "clock.h"
#include "crypt.h"
#include "errors.h"
#include "log.h"

enum {
    ADDRESS_MAX = 254,      /* RFC 5321 4.5.3.1.3, without < and > */
    LINE_MAX_QP = 76,       /* RFC 2045 6.7 (5) */
    WORD_BYTES = 36,        /* 48 letters of base64: with "Subject: " below 76 (RFC 2047 2) */
    PLAIN_SUBJECT_MAX = 60, /* shorter than a line with its "Subject: " */
    ID_HEX = 32
};

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* ---- addresses
 * ----------------------------------------------------------------------------------------------------- */

bool address_is_good(struct span address)
{
    const char *at = address.n ? memchr(address.p, '@', address.n) : NULL;

    if (!at || at == address.p || at + 1 == address.p + address.n || address.n > ADDRESS_MAX)
        return false;
    for (const char *p = address.p; p < address.p + address.n; p++)
        if (!is_plain((unsigned char)*p) || strchr(" \"(),:;<>[\\]", *p) || (*p == '@' && p != at))
            return false;
    return true;
}

static struct span trimmed(struct span s)
{
    while (s.n && *s.p == ' ')
        s = (struct span){s.p + 1, s.n - 1};
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

int mailbox_read(struct span text, struct mailbox *out)
{
    struct span s = trimmed(text);
    const char *open = s.n ? memchr(s.p, '<', s.n) : NULL;

    *out = (struct mailbox){.address = s};
    if (open && s.p[s.n - 1] == '>') {
        out->name = trimmed((struct span){s.p, (size_t)(open - s.p)});
        out->address = (struct span){open + 1, (size_t)(s.p + s.n - open) - 2};
    }
    return address_is_good(out->address) ? 0 : ERR_INVALID;
}

/* ---- header values
 * ------------------------------------------------------------------------------------------------- */

/* The longest piece of at most max bytes that ends between two characters. */
static size_t piece_of(struct span s, size_t max)
{
    size_t n = s.n < max ? s.n : max;

    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return n ? n : s.n < max ? s.n : max;
}

static struct span blanked(struct arena *a, struct span s)
{
    char *copy = arena_get(a, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        copy[i] = (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i];
    return trimmed((struct span){copy, s.n});
}

/* RFC 2047: encoded words, one a line. */
static void words_add(struct arena *a, struct text *t, struct span s)
{
    char base64[4 * ((WORD_BYTES + 2) / 3) + 1];

    for (bool is_first = true; s.n; is_first = false) {
        size_t n = piece_of(s, WORD_BYTES);

        (void)crypt_base64((struct span){s.p, n}, base64, sizeof base64);
        text_print(a, t, "%s=?utf-8?B?%s?=", is_first ? "" : "\r\n ", base64);
        s = (struct span){s.p + n, s.n - n};
    }
}

static bool subject_is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_plain((unsigned char)s.p[i]) || (s.p[i] == '=' && i + 1 < s.n && s.p[i + 1] == '?'))
            return false;
    return s.n <= PLAIN_SUBJECT_MAX;
}

static void subject_add(struct arena *a, struct text *t, struct span subject)
{
    struct span s = blanked(a, subject);

    text_print(a, t, "Subject: ");
    if (subject_is_plain(s))
        text_add(a, t, s);
    else
        words_add(a, t, s);
    text_print(a, t, "\r\n");
}

static bool name_is_plain(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -", s.p[i]) || !s.p[i])
            return false;
    return s.n <= PLAIN_SUBJECT_MAX;
}

static void mailbox_add(struct arena *a, struct text *t, const char *header, const struct mailbox *m)
{
    struct span name = blanked(a, m->name);

    text_print(a, t, "%s: ", header);
    if (name_is_plain(name)) {
        text_print(a, t, "%.*s%s", (int)name.n, name.p, name.n ? " " : "");
    } else {
        words_add(a, t, name);
        text_print(a, t, "\r\n ");
    }
    text_print(a, t, "<%.*s>\r\n", (int)m->address.n, m->address.p);
}

/* RFC 5322 3.3: like HTTP's date, with a numeric zone. */
static void date_add(struct arena *a, struct text *t, int64_t us)
{
    char http[32];
    size_t n = clock_http(us, http);

    MUST(n > 3);
    text_print(a, t, "Date: %.*s+0000\r\n", (int)(n - 3), http);
}

static void message_id_add(struct arena *a, struct text *t, struct span op_id, struct span from)
{
    const char *at = memchr(from.p, '@', from.n);
    uint8_t digest[32];
    char hex[65];

    crypt_sha256(op_id, digest);
    (void)crypt_hex((struct span){(const char *)digest, sizeof digest}, hex, sizeof hex);
    text_print(a, t, "Message-ID: <%.*s%.*s>\r\n", (int)ID_HEX, hex, (int)(from.p + from.n - at), at);
}

/* ---- body
 * ----------------------------------------------------------------------------------------------------------
 */

/* Where this line ends: CRLF, LF or CR; *next behind it. */
static struct span line_of(struct span s, struct span *next)
{
    size_t n = 0, skip;

    while (n < s.n && s.p[n] != '\n' && s.p[n] != '\r')
        n++;
    skip = n + (n < s.n) + (n + 1 < s.n && s.p[n] == '\r' && s.p[n + 1] == '\n');
    *next = (struct span){s.p + skip, s.n - skip};
    return (struct span){s.p, n};
}

/* RFC 2045 6.7: soft breaks keep every line within 76. */
static void line_add(struct arena *a, struct text *t, struct span line)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t width = 0;

    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        bool is_last = i + 1 == line.n;
        bool is_literal = c != '=' && (is_plain(c) || c == '\t') && !(is_last && (c == ' ' || c == '\t'));
        char code[3] = {'=', digits[c >> 4], digits[c & 15]};
        size_t n = is_literal ? 1 : 3;

        if (width + n > LINE_MAX_QP - 1) { /* room for the "=" */
            text_add(a, t, SPAN("=\r\n"));
            width = 0;
        }
        text_add(a, t, is_literal ? (struct span){line.p + i, 1} : (struct span){code, 3});
        width += n;
    }
    text_add(a, t, SPAN("\r\n"));
}

int letter_write(struct arena *a, const struct letter *l, struct span *out)
{
    struct text t = {0};
    struct span left = l->text;

    if (!address_is_good(l->from.address) || !address_is_good(l->to.address) ||
        (l->reply_to.n && !address_is_good(l->reply_to)))
        return ERR_INVALID;
    date_add(a, &t, l->date_us);
    mailbox_add(a, &t, "From", &l->from);
    mailbox_add(a, &t, "To", &l->to);
    if (l->reply_to.n)
        mailbox_add(a, &t, "Reply-To", &(struct mailbox){.address = l->reply_to});
    subject_add(a, &t, l->subject);
    message_id_add(a, &t, l->op_id, l->from.address);
    text_add(a, &t,
             SPAN("Auto-Submitted: auto-generated\r\n" /* RFC 3834: no holiday notes, please */
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n"
                  "\r\n"));
    while (left.n)
        line_add(a, &t, line_of(left, &left));
    *out = text_span(&t);
    return 0;
}
