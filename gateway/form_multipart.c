/* form_multipart: multipart/form-data as it comes in, in pieces of any size. Files never lie in memory.
 *
 * The delimiter is CR LF "--" boundary. A boundary has no CR, so when a match breaks off, what had matched is
 * data and only the byte at hand can begin a new one: no byte is looked at twice. The first delimiter may
 * lack its CR LF, which is why the match begins as if they had come. */
#include "errors.h"
#include "form_private.h"
#include "http.h"
#include "log.h"
#include "utf8.h"

#define BOUNDARY_MAX 70u /* RFC 2046 5.1.1 */

enum part_state {
    PART_PREAMBLE, /* before the first delimiter */
    PART_MARK,     /* two bytes after a delimiter: CR LF, or "--" at the end */
    PART_HEAD,
    PART_DATA,
    PART_EPILOGUE
};

struct multipart {
    struct arena *arena;
    struct spool *spool;
    uint64_t file_max;
    char delimiter[BOUNDARY_MAX + 5];
    size_t delimiter_n;
    size_t matched; /* bytes of the delimiter that the last bytes were */
    enum part_state state;
    char mark[2];
    size_t mark_n;
    char head[FORM_PART_HEAD_MAX];
    size_t head_n;
    struct form form;
    struct span name; /* of the part at hand */
    struct text text; /* its value, when it is no file */
    bool is_file;
    struct form_file at_hand;
    struct spool_file *out;
    bool is_given;
};

int multipart_begin(struct multipart **out, struct arena *a, struct span content_type, struct spool *spool,
                    uint64_t file_max)
{
    struct span boundary = header_parameter(content_type, "boundary");
    struct multipart *m;

    if (boundary.n == 0 || boundary.n > BOUNDARY_MAX || memchr(boundary.p, '\r', boundary.n))
        return ERR_MALFORMED;
    m = arena_get(a, sizeof *m);
    m->arena = a;
    m->spool = spool;
    m->file_max = file_max;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.p, boundary.n);
    m->delimiter_n = boundary.n + 4;
    m->matched = 2;
    *out = m;
    return 0;
}

void multipart_drop(struct multipart *m)
{
    if (!m)
        return;
    spool_drop(&m->out);
    for (size_t i = 0; !m->is_given && i < m->form.file_n; i++)
        spool_remove(m->spool, &m->form.file[i].spool);
    m->form.file_n = 0;
}

/* ---- one part
 * ----------------------------------------------------------------------------------------------------- */

static int file_begin(struct multipart *m)
{
    if (m->form.file_n == FORM_FILES_MAX || m->form.file_n + m->form.value_n >= FORM_VALUES_MAX ||
        m->file_max == 0)
        return ERR_TOOBIG;
    return spool_create(m->spool, &m->out);
}

static int head_line(struct multipart *m, struct span line)
{
    const char *colon = memchr(line.p, ':', line.n);
    struct span name, value, filename;

    if (!colon)
        return ERR_MALFORMED;
    name = (struct span){line.p, (size_t)(colon - line.p)};
    value = (struct span){colon + 1, line.n - name.n - 1};
    while (value.n && (value.p[0] == ' ' || value.p[0] == '\t'))
        value.p++, value.n--;
    if (http_name_is(name, "content-type")) {
        m->at_hand.type = arena_copy(m->arena, value);
    } else if (http_name_is(name, "content-disposition")) {
        if (!media_type_is(value, "form-data"))
            return ERR_MALFORMED;
        filename = header_parameter(value, "filename");
        m->name = arena_copy(m->arena, header_parameter(value, "name"));
        m->is_file = filename.p != NULL;
        m->at_hand.filename = arena_copy(m->arena, filename);
    }
    return 0;
}

/* The head of a part is complete: m->head, without the empty line. */
static int head_read(struct multipart *m)
{
    size_t start = 0;

    m->at_hand = (struct form_file){0};
    m->name = (struct span){NULL, 0};
    m->text = (struct text){0};
    m->is_file = false;
    for (size_t i = 0; i + 1 < m->head_n; i++) {
        if (m->head[i] != '\r' || m->head[i + 1] != '\n')
            continue;
        if (i > start)
            TRY(head_line(m, (struct span){m->head + start, i - start}));
        start = i + 2;
    }
    if (m->name.n == 0 || m->name.n > FORM_NAME_MAX || !utf8_is_text(m->name) ||
        !utf8_is_text(m->at_hand.filename) || !utf8_is_text(m->at_hand.type))
        return ERR_MALFORMED;
    return m->is_file && m->at_hand.filename.n ? file_begin(m) : 0;
}

static int data_add(struct multipart *m, struct span bytes)
{
    if (bytes.n == 0 || m->state != PART_DATA)
        return 0;
    if (m->out) {
        if (spool_size(m->out) + bytes.n > m->file_max)
            return ERR_TOOBIG;
        return spool_write(m->out, bytes);
    }
    if (m->is_file)
        return ERR_MALFORMED; /* bytes of a file without a name */
    text_add(m->arena, &m->text, bytes);
    return 0;
}

static int part_end(struct multipart *m)
{
    struct form_file *f;

    if (m->out) {
        f = &m->form.file[m->form.file_n];
        *f = m->at_hand;
        f->name = m->name;
        f->bytes = spool_size(m->out);
        TRY(spool_finish(&m->out, &f->spool, f->sha256));
        m->form.file_n++;
        return 0;
    }
    return m->is_file ? 0 : form_add(m->arena, &m->form, m->name, text_span(&m->text));
}

/* ---- the stream
 * --------------------------------------------------------------------------------------------------- */

/* Takes bytes up to and with the next delimiter; *used says how many. */
static int take_data(struct multipart *m, struct span bytes, size_t *used)
{
    size_t i = 0, start = 0;

    while (i < bytes.n) {
        if (m->matched == 0) {
            const char *cr = memchr(bytes.p + i, '\r', bytes.n - i);
            i = cr ? (size_t)(cr - bytes.p) : bytes.n;
            TRY(data_add(m, (struct span){bytes.p + start, i - start}));
            start = i;
            if (i == bytes.n)
                break;
        }
        if (bytes.p[i] == m->delimiter[m->matched]) {
            i++;
            start = i;
            if (++m->matched < m->delimiter_n)
                continue;
            if (m->state == PART_DATA)
                TRY(part_end(m));
            m->matched = 0;
            m->mark_n = 0;
            m->state = PART_MARK;
            break;
        }
        TRY(data_add(m, (struct span){m->delimiter, m->matched}));
        m->matched = 0;
        start = i;
    }
    *used = i;
    return 0;
}

static int take_mark(struct multipart *m, char c)
{
    /* RFC 2046 allows blanks between the boundary and its line end */
    if (m->mark_n == 0 && (c == ' ' || c == '\t'))
        return 0;
    m->mark[m->mark_n++] = c;
    if (m->mark_n < 2)
        return 0;
    if (memcmp(m->mark, "--", 2) == 0) {
        m->state = PART_EPILOGUE;
        return 0;
    }
    if (memcmp(m->mark, "\r\n", 2) != 0)
        return ERR_MALFORMED;
    m->state = PART_HEAD;
    m->head_n = 0;
    return 0;
}

static int take_head(struct multipart *m, char c)
{
    if (m->head_n == FORM_PART_HEAD_MAX)
        return ERR_TOOBIG;
    m->head[m->head_n++] = c;
    if (m->head_n < 4 || memcmp(m->head + m->head_n - 4, "\r\n\r\n", 4) != 0)
        return 0;
    m->head_n -= 2;
    TRY(head_read(m));
    m->state = PART_DATA;
    m->matched = 0;
    return 0;
}

int multipart_add(struct multipart *m, struct span bytes)
{
    size_t used = 0;

    while (bytes.n) {
        switch (m->state) {
        case PART_PREAMBLE:
        case PART_DATA:
            TRY(take_data(m, bytes, &used));
            break;
        case PART_MARK:
            TRY(take_mark(m, bytes.p[0]));
            used = 1;
            break;
        case PART_HEAD:
            TRY(take_head(m, bytes.p[0]));
            used = 1;
            break;
        case PART_EPILOGUE:
            return 0;
        }
        bytes.p += used;
        bytes.n -= used;
    }
    return 0;
}

int multipart_end(struct multipart *m, struct form *f)
{
    if (m->state != PART_EPILOGUE)
        return ERR_MALFORMED;
    *f = m->form;
    m->is_given = true;
    return 0;
}
