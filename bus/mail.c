/* mail: see the header. */
#include "mail.h"

#include <errno.h>
#include <unistd.h>

#include "crypt.h"
#include "errors.h"
#include "log.h"

#define FLOOR_BYTES ((int64_t)64 * 1024 * 1024) /* must stay free on the disk */

static int spool_ready(struct spool **s, const char *folder)
{
    if (*s)
        return 0;
    return folder ? spool_open(s, folder, FLOOR_BYTES) : ERR_TOOBIG;
}

/* The field op_id, by its convention. */
static void op_set(struct envelope *e, const struct message *m, const void *body)
{
    const struct field *f = message_field(m, SPAN("op_id"));

    if (f && f->type == FIELD_UUID && field_is_there(f, body)) {
        memcpy(&e->op, field_at(f, body), sizeof e->op);
        e->has_op = true;
    }
}

static int body_stow(struct mail *mail, struct arena *a, struct spool **s, const char *folder)
{
    struct envelope *e = &mail->envelope;
    uint8_t *sha256 = arena_get(a, 32);
    struct spool_file *file = NULL;
    int err = spool_ready(s, folder);

    if (!err)
        err = spool_create(*s, &file);
    if (!err)
        err = spool_write(file, mail->body);
    if (!err)
        err = spool_finish(&file, &e->spool, sha256);
    if (err) {
        spool_drop(&file);
        return err;
    }
    e->has_spool = e->has_bytes = e->has_sha256 = true;
    e->bytes = mail->body.n;
    e->sha256 = (struct span){(const char *)sha256, 32};
    mail->body = (struct span){0};
    return 0;
}

int mail_pack(struct mail *mail, struct arena *a, const struct message *m, const void *body, struct spool **s,
              const char *folder)
{
    const struct field *bad = NULL;
    int err = wire_pack(a, m, body, &mail->body, &bad);

    if (err) {
        log_error("message-unfit", "message=%s field=%s err=%s", m->name, bad ? bad->name : "-",
                  err_name(err));
        return err;
    }
    mail->envelope.version = WIRE_VERSION;
    mail->envelope.message = m->id;
    op_set(&mail->envelope, m, body);
    if (mail->body.n <= WIRE_BODY_MAX)
        return 0;
    return m->kind == MESSAGE_EVENT ? ERR_TOOBIG : body_stow(mail, a, s, folder);
}

static int file_read(int fd, char *out, size_t n)
{
    while (n) {
        ssize_t got = read(fd, out, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERR_CHECKSUM;
        out += got;
        n -= (size_t)got;
    }
    return 0;
}

static int body_fetch(const struct envelope *e, struct arena *a, size_t max, struct span *body,
                      struct spool **s, const char *folder)
{
    uint8_t sha256[32];
    uint64_t size;
    char *bytes;
    int fd, err;

    if (!e->has_bytes || !e->has_sha256 || e->sha256.n != 32)
        return ERR_MALFORMED;
    TRY(spool_ready(s, folder));
    TRY(spool_read(*s, &e->spool, &fd, &size));
    err = size != e->bytes ? ERR_CHECKSUM : size > max ? ERR_TOOBIG : 0;
    if (!err) {
        bytes = arena_room(a, (size_t)size);
        err = file_read(fd, bytes, (size_t)size);
        *body = (struct span){bytes, (size_t)size};
    }
    (void)close(fd);
    spool_remove(*s, &e->spool);
    if (err)
        return err;
    crypt_sha256(*body, sha256);
    return memcmp(sha256, e->sha256.p, 32) ? ERR_CHECKSUM : 0;
}

int mail_unpack(const struct mail *mail, struct arena *a, const struct message *m, const void **body,
                struct spool **s, const char *folder)
{
    struct span bytes = mail->body;
    const struct field *bad = NULL;
    void *out = arena_get(a, m->size);
    int err = 0;

    if (mail->envelope.has_spool)
        err = body_fetch(&mail->envelope, a, wire_size_max(m), &bytes, s, folder);
    if (!err)
        err = wire_unpack(a, m, bytes, out, &bad);
    if (err)
        log_error("message-malformed", "message=%s field=%s err=%s", m->name, bad ? bad->name : "-",
                  err_name(err));
    *body = err ? NULL : out;
    return err;
}

void mail_drop(const struct envelope *e, struct spool **s, const char *folder)
{
    if (e->has_spool && !spool_ready(s, folder))
        spool_remove(*s, &e->spool);
}
