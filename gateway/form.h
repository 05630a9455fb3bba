/* form: what a browser sends: application/x-www-form-urlencoded (queries too) and multipart/form-data (RFC
 * 7578).
 *
 * Names and values are UTF-8 without U+0000, or the form is malformed. A field may come several times. */
#ifndef LOOKIT_FORM_H
#define LOOKIT_FORM_H

#include "arena.h"
#include "spool.h"

#define FORM_VALUES_MAX 512u /* pairs of one form, files included */
#define FORM_FILES_MAX 8u
#define FORM_NAME_MAX 200u       /* bytes of a name */
#define FORM_PART_HEAD_MAX 4096u /* bytes of one part's headers */

struct form_value {
    struct span name, value;
};

/* A file that came; it rests in the spool and is the receiver's to remove. */
struct form_file {
    struct span name;     /* of the field */
    struct span filename; /* as the browser said: never a path of ours */
    struct span type;     /* media type as the browser said */
    struct uuid spool;
    uint64_t bytes;
    uint8_t sha256[32];
};

struct form {
    struct form_value *value; /* arena; room for FORM_VALUES_MAX */
    size_t value_n;
    struct form_file file[FORM_FILES_MAX];
    size_t file_n;
};

/* Adds the pairs of text to f ({0} to begin with). Values live in the arena or in text. ERR_MALFORMED,
 * ERR_TOOBIG. */
int form_urlencoded(struct arena *a, struct span text, struct form *f) MUST_CHECK;

/* Last value of that name, as browsers and frameworks take it; {NULL,0} when absent. */
struct span form_get(const struct form *f, const char *name);

/* "text/html; charset=utf-8" is "text/html", whatever the case. */
bool media_type_is(struct span header, const char *type);
/* Parameter of a header value such as `form-data; name="x"`: quotes taken off; {NULL,0} when absent. */
struct span header_parameter(struct span header, const char *name);

/* ---- multipart, piece by piece
 * ------------------------------------------------------------------------------------- */

struct multipart; /* lives in the arena; files are written to the spool as they come */

/* content_type: the request's header. file_max: most bytes of one file (0: files are refused). ERR_MALFORMED
 * without a usable boundary. */
int multipart_begin(struct multipart **m, struct arena *a, struct span content_type, struct spool *spool,
                    uint64_t file_max) MUST_CHECK;
/* ERR_MALFORMED, ERR_TOOBIG, ERR_FULL; then only multipart_drop() may follow. */
int multipart_add(struct multipart *m, struct span bytes) MUST_CHECK;
/* ERR_MALFORMED when the end is missing. */
int multipart_end(struct multipart *m, struct form *f) MUST_CHECK;
/* Gives up: what was written is removed, unless multipart_end() has given it away. NULL is fine. */
void multipart_drop(struct multipart *m);

#endif
