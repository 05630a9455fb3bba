/* body: the body of one request as it comes in: into memory, through the form reader, or as a chunk into the
 * spool. */
#ifndef LOOKIT_BODY_H
#define LOOKIT_BODY_H

#include "crypt.h"
#include "form.h"

enum body_kind {
    BODY_NONE,
    BODY_MEMORY,
    BODY_MULTIPART, /* values in memory, files in the spool */
    BODY_CHUNK      /* all of it in the spool */
};

struct body {
    enum body_kind kind;
    struct arena *arena;
    struct spool *spool;
    uint64_t max, bytes;
    struct text text;            /* BODY_MEMORY: what came */
    struct multipart *multipart; /* until body_end */
    struct spool_file *file;     /* BODY_CHUNK, until body_end */
    struct crypt_digest *sha1;   /* beside the spool's SHA-256, when asked for */
    struct form form;            /* BODY_MULTIPART, after body_end; its files are removed by body_drop */
    struct uuid chunk;           /* BODY_CHUNK, after body_end; removed by body_drop */
    bool has_chunk;
    uint8_t sha256[32], digest[32]; /* of the chunk; digest: the SHA-1 */
};

struct body_plan {
    enum body_kind kind;
    uint64_t max;      /* bytes of the whole */
    uint64_t file_max; /* BODY_MULTIPART: of one file */
    int64_t length;    /* declared, or -1 */
    bool wants_sha1;   /* BODY_CHUNK */
    struct span content_type;
};

/* ERR_TOOBIG when the declared length is, ERR_MALFORMED (no boundary), ERR_FULL. */
int body_begin(struct body *b, struct arena *a, struct spool *spool, const struct body_plan *plan) MUST_CHECK;
int body_add(struct body *b, struct span bytes) MUST_CHECK; /* ERR_TOOBIG, ERR_MALFORMED, ERR_FULL */
int body_end(struct body *b) MUST_CHECK;
/* Ends it in any state: what still lies in the spool is removed (a desk that took it has done so already). */
void body_drop(struct body *b);

#endif
