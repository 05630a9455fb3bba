/* migrate: numbered, checksummed, forward only.
 *
 * The ledger (table migration) holds name and checksum of what was applied. It must be a beginning of what
 * this program carries: anything else was made by a newer program or by another one, and is refused before
 * anything is changed. */
#include "migrate.h"

#include <stdio.h>

#include "clock.h"
#include "errors.h"
#include "log.h"
#include "migrate_sql.h"
#include "migrations.h"

/* How many of files the ledger holds. */
static int ledger_check(struct db *db, const struct embedded *files, int *applied, char why[MIGRATE_WHY_MAX])
{
    struct rows_found rows;
    int err = db_rows(db, &SQL_migration_list, &rows);

    *applied = 0;
    if (err) {
        (void)snprintf(why, MIGRATE_WHY_MAX, "The list of migrations cannot be read: %s", db_why(db));
        return err;
    }
    for (int i = 0; i < rows.n; i++) {
        struct row row = rows_at(rows, i);
        struct span name = row_text(&row, "name");

        if (!files[i].name || !span_is(name, files[i].name)) {
            (void)snprintf(why, MIGRATE_WHY_MAX,
                           "This database holds the migration %.*s, which this program does not know at that "
                           "place: it was made "
                           "by a newer or another version. Start that version, or use another database.",
                           (int)name.n, name.p);
            return ERR_CONFLICT;
        }
        if (!span_is(row_text(&row, "sha256"), files[i].sha256)) {
            (void)snprintf(why, MIGRATE_WHY_MAX,
                           "The migration %s is not the one that was applied to this database: its text has "
                           "changed since. "
                           "Nothing was touched.",
                           files[i].name);
            return ERR_CONFLICT;
        }
    }
    *applied = rows.n;
    return 0;
}

static int file_apply(struct db *db, const struct embedded *file, char why[MIGRATE_WHY_MAX])
{
    int64_t begun_ms = clock_mono_ms();
    int err = db_begin(db);

    if (!err)
        err = db_script(db, file->p, NULL);
    if (!err) {
        db_bind_text(db, "name", span_of(file->name));
        db_bind_text(db, "sha256", span_of(file->sha256));
        db_bind_text(db, "version", span_of(LOOKIT_VERSION));
        err = db_run(db, &SQL_migration_add, NULL);
    }
    if (!err)
        err = db_commit(db);
    if (err) {
        (void)snprintf(why, MIGRATE_WHY_MAX, "The migration %s failed and was taken back: %s", file->name,
                       db_why(db));
        db_rollback(db);
        return err;
    }
    log_info("migrated", "file=%s ms=%d", file->name, (int)(clock_mono_ms() - begun_ms));
    return 0;
}

int migrate_run(struct db *db, const struct embedded *files, char why[MIGRATE_WHY_MAX])
{
    struct row row;
    int applied = 0;
    int err = db_script(db, files[0].p, NULL);

    if (err == ERR_BUSY) {
        (void)snprintf(why, MIGRATE_WHY_MAX,
                       "Another start of this program is still at work on the database.");
        return err;
    }
    if (err) {
        (void)snprintf(why, MIGRATE_WHY_MAX, "The database cannot be prepared: %s", db_why(db));
        return err;
    }
    err = db_prepare(db, migrate_sql);
    if (!err)
        err = ledger_check(db, files + 1, &applied, why);
    else
        (void)snprintf(why, MIGRATE_WHY_MAX, "The list of migrations cannot be used: %s", db_why(db));
    for (const struct embedded *file = files + 1 + applied; !err && file->name; file++)
        err = file_apply(db, file, why);
    int unlock = db_one(db, &SQL_migration_unlock, &row);

    return err ? err : unlock;
}

int migrate(const char *conninfo, char why[MIGRATE_WHY_MAX])
{
    struct db *db;
    int err = db_open(&db, conninfo, "migrate", NULL, 0);

    if (err) {
        (void)snprintf(why, MIGRATE_WHY_MAX, "The database cannot be reached.");
        return err;
    }
    err = migrate_run(db, migrations, why);
    db_close(&db);
    return err;
}
