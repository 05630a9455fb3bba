#include "site.h"

#include "bus.h"
#include "site_sql.h"

enum { STATEMENT_MS = 10000 };

int site_open(struct db **db, const char *database)
{
    return db_open(db, database, "ops", site_sql, STATEMENT_MS);
}

int site_zone_check(struct db *db, const char *zone)
{
    db_bind_text(db, "zone", span_of(zone));
    return db_run(db, &SQL_site_zone, NULL);
}

int site_key(struct db *db, const char *name, uint8_t key[32])
{
    uint8_t fresh[32];
    struct span kept;
    struct row row;

    crypt_random(fresh, sizeof fresh);
    db_bind_text(db, "name", span_of(name));
    db_bind_bytes(db, "fresh", (struct span){(const char *)fresh, sizeof fresh});
    TRY(db_one(db, &SQL_site_secret, &row));
    kept = row_bytes(&row, "value");
    MUST(kept.n == sizeof fresh);
    memcpy(key, kept.p, kept.n);
    return 0;
}

/* digest lives as long as the statement needs it: the caller's. */
static struct span link_make(char token[SITE_LINK_SIZE], uint8_t digest[32])
{
    uint8_t bytes[32];

    crypt_random(bytes, sizeof bytes);
    (void)crypt_base64url((struct span){(const char *)bytes, sizeof bytes}, token, SITE_LINK_SIZE);
    crypt_sha256(span_of(token), digest);
    return (struct span){(const char *)digest, 32};
}

int site_setup_link(struct db *db, bool *is_open, char token[SITE_LINK_SIZE])
{
    uint8_t digest[32];
    struct row row;

    db_bind_bytes(db, "digest", link_make(token, digest));
    TRY(db_one(db, &SQL_site_setup, &row));
    *is_open = row_bool(&row, "is_open");
    return 0;
}

int site_invite(struct db *db, const char *email, char token[SITE_LINK_SIZE], int64_t *until)
{
    uint8_t digest[32];
    struct row row;

    db_bind_text(db, "email", span_of(email));
    db_bind_bytes(db, "digest", link_make(token, digest));
    TRY(db_one(db, &SQL_site_invite, &row));
    *until = row_time(&row, "expires_at");
    return 0;
}

int site_demo(struct db *db, bool *is_there, char uuid[37])
{
    struct uuid study;
    struct row row;

    TRY(db_maybe(db, &SQL_site_demo, &row));
    *is_there = row.result;
    if (*is_there) {
        study = row_uuid(&row, "uuid");
        uuid_text(&study, uuid);
    }
    return 0;
}
