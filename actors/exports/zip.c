/* zip: see the header. Deflate 1: tables shrink nearly as well as at 6, three times as fast. Names are
 * told to be UTF-8 by hdrcharset, whatever the locale. */
#include "zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "errors.h"
#include "log.h"

#define NAME_MAX_BYTES 1000

struct zip {
    struct archive *archive;
    struct archive_entry *entry;
    struct spool_file *file;
    int err; /* of the spool */
};

static la_ssize_t piece(struct archive *a, void *ctx, const void *bytes, size_t n)
{
    struct zip *z = ctx;

    z->err = spool_write(z->file, (struct span){bytes, n});
    if (z->err) {
        archive_set_error(a, EIO, "spool");
        return -1;
    }
    return (la_ssize_t)n;
}

static int failed(struct zip *z)
{
    if (z->err)
        return z->err;
    log_error("zip-failed", "why=%s", archive_error_string(z->archive));
    return ERR_BUG;
}

int zip_open(struct zip **out, struct spool_file *file)
{
    struct zip *z = calloc(1, sizeof *z);

    MUST(z);
    z->file = file;
    z->archive = archive_write_new();
    z->entry = archive_entry_new();
    MUST(z->archive && z->entry);
    *out = z;
    if (archive_write_set_format_zip(z->archive) != ARCHIVE_OK ||
        archive_write_set_options(z->archive,
                                  "zip:compression=deflate,zip:compression-level=1,zip:hdrcharset=UTF-8") !=
            ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(z->archive, 1) != ARCHIVE_OK ||
        archive_write_open(z->archive, z, NULL, piece, NULL) != ARCHIVE_OK)
        return failed(z);
    return 0;
}

int zip_entry(struct zip *z, struct span name)
{
    char text[NAME_MAX_BYTES];

    if (name.n >= sizeof text)
        return ERR_TOOBIG;
    memcpy(text, name.p, name.n);
    text[name.n] = 0;
    archive_entry_clear(z->entry);
    archive_entry_set_pathname_utf8(z->entry, text);
    archive_entry_set_filetype(z->entry, AE_IFREG);
    archive_entry_set_perm(z->entry, 0644);
    archive_entry_unset_size(z->entry);
    return archive_write_header(z->archive, z->entry) == ARCHIVE_OK ? 0 : failed(z);
}

int zip_write(struct zip *z, struct span bytes)
{
    while (bytes.n) {
        la_ssize_t n = archive_write_data(z->archive, bytes.p, bytes.n);
        if (n <= 0)
            return failed(z);
        bytes = (struct span){bytes.p + n, bytes.n - (size_t)n};
    }
    return 0;
}

int zip_finish(struct zip *z)
{
    return archive_write_close(z->archive) == ARCHIVE_OK ? 0 : failed(z);
}

void zip_free(struct zip **z)
{
    if (!*z)
        return;
    archive_entry_free((*z)->entry);
    (void)archive_write_free((*z)->archive);
    free(*z);
    *z = NULL;
}
