#include "body.h"

#include "errors.h"

int body_begin(struct body *b, struct arena *a, struct spool *spool, const struct body_plan *plan)
{
    *b = (struct body){.kind = plan->kind, .arena = a, .spool = spool, .max = plan->max};
    if (plan->length > 0 && (uint64_t)plan->length > plan->max)
        return ERR_TOOBIG;
    switch (plan->kind) {
    case BODY_NONE:
        return 0;
    case BODY_MEMORY:
        if (plan->length > 0) { /* one piece, instead of doubling again and again */
            b->text.p = arena_get(a, (size_t)plan->length);
            b->text.cap = (size_t)plan->length;
        }
        return 0;
    case BODY_MULTIPART:
        return multipart_begin(&b->multipart, a, plan->content_type, spool, plan->file_max);
    case BODY_CHUNK:
        if (plan->wants_sha1)
            b->sha1 = crypt_digest_new(DIGEST_SHA1);
        return spool_create(spool, &b->file);
    }
    return ERR_BUG;
}

int body_add(struct body *b, struct span bytes)
{
    b->bytes += bytes.n;
    if (b->bytes > b->max)
        return ERR_TOOBIG;
    switch (b->kind) {
    case BODY_NONE:
        return ERR_TOOBIG;
    case BODY_MEMORY:
        text_add(b->arena, &b->text, bytes);
        return 0;
    case BODY_MULTIPART:
        return multipart_add(b->multipart, bytes);
    case BODY_CHUNK:
        if (b->sha1)
            crypt_digest_add(b->sha1, bytes);
        return spool_write(b->file, bytes);
    }
    return ERR_BUG;
}

int body_end(struct body *b)
{
    if (b->kind == BODY_MULTIPART) {
        TRY(multipart_end(b->multipart, &b->form));
        b->multipart = NULL;
    }
    if (b->kind == BODY_CHUNK) {
        TRY(spool_finish(&b->file, &b->chunk, b->sha256));
        b->has_chunk = true;
        if (b->sha1)
            (void)crypt_digest_end(b->sha1, b->digest);
    }
    return 0;
}

void body_drop(struct body *b)
{
    multipart_drop(b->multipart);
    b->multipart = NULL;
    spool_drop(&b->file);
    crypt_digest_free(&b->sha1);
    if (b->has_chunk)
        spool_remove(b->spool, &b->chunk);
    b->has_chunk = false;
    for (size_t i = 0; i < b->form.file_n; i++)
        spool_remove(b->spool, &b->form.file[i].spool);
    b->form.file_n = 0;
}
