/* upload: what tus 1.0.0 (tus.io/protocols/resumable-upload) says in headers, read and written. The bytes and
 * their fate are the video desk's; what was declared about a chunk (its checksum) is compared here, so that
 * nothing wrong travels on.
 *
 * Spoken: core, creation, creation-defer-length, checksum (sha256, sha1), termination. */
#ifndef LOOKIT_UPLOAD_H
#define LOOKIT_UPLOAD_H

#include "bind.h"
#include "crypt.h"
#include "http.h"
#include "messages.h"

#define UPLOAD_CHUNK_MAX (1u << 20) /* bytes of one PATCH */

struct tus_head {
    bool has_offset, has_length, is_deferred, has_checksum;
    uint64_t offset, length;
    enum digest algorithm;
    const char *algorithm_name;
    uint8_t checksum[32];
    size_t checksum_n;
};

/* 0, or the status to refuse with (412 version, 415 type, 400 a header that is missing or makes no sense);
 * *why: a sentence. */
int upload_head_read(const struct http_request *q, struct tus_head *out, const char **why) MUST_CHECK;

/* Upload-Metadata as pairs. ERR_MALFORMED, ERR_TOOBIG. */
int upload_metadata(struct arena *a, struct span header, struct form *f) MUST_CHECK;

/* Binds the head's fields: offset, length, algorithm, checksum, and for a creation the metadata by name.
 * ERR_MALFORMED. */
int upload_bind(struct bind *b, const struct http_request *q, const struct tus_head *head) MUST_CHECK;

/* What tus wants on every answer, and what an OPTIONS tells. */
void upload_headers(struct http_answer *a);
void upload_options(struct http_answer *a);

/* The desk's answer. Status: 201 + Location after a creation, 200 for HEAD, 204 else; with err its own
 * status. */
void upload_answer(struct arena *arena, struct http_answer *a, enum http_method method,
                   const struct upload_standing *s);

#endif
