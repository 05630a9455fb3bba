/* lookit world: an empty instance is filled from one file, as a test instance or to move a whole one here. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bus.h"
#include "cli.h"
#include "home.h"
#include "migrate.h"
#include "postgres.h"
#include "world_file.h"
#include "world_sql.h"

enum { ROWS_AT_ONCE = 2000 };

/* The database that the settings speak of. */
struct place {
    struct home home;
    struct postgres *postgres; /* NULL: somebody else runs it */
    char conninfo[CONNINFO_SIZE];
    const char *database;
    char why[WHY_SIZE];
};

/* In this order: nothing is linked to before it is there. */
static const struct step {
    enum world_section section;
    const struct statement *statement;
} steps[] = {
    {WORLD_users, &SQL_world_users},
    {WORLD_demographics, &SQL_world_demographics},
    {WORLD_demographics, &SQL_world_demographics_chain},
    {WORLD_children, &SQL_world_children},
    {WORLD_labs, &SQL_world_labs},
    {WORLD_labs, &SQL_world_labs_people},
    {WORLD_studies, &SQL_world_studies},
    {WORLD_studies, &SQL_world_studies_people},
    {WORLD_responses, &SQL_world_responses},
    {WORLD_consent_rulings, &SQL_world_consent_rulings},
    {WORLD_feedback, &SQL_world_feedback},
    {WORLD_videos, &SQL_world_videos},
    {WORLD_object_grants, &SQL_world_object_grants},
};

/* ---- what stands there already --------------------------------------------------------------------------
 */

static int names_load(struct db *db, struct world *w)
{
    struct rows_found rows;

    TRY(db_rows(db, &SQL_world_names, &rows));
    for (int i = 0; i < rows.n; i++) {
        struct row row = rows_at(rows, i);

        world_name_add(w, row_text(&row, "section"), row_text(&row, "key"), row_i64(&row, "id"));
    }
    return 0;
}

/* "2 accounts, 1 study"; false: nothing at all. */
static bool things_text(const struct row *row, char *out, size_t size)
{
    static const char *const names[][2] = {{"accounts", "account"},
                                           {"children", "child"},
                                           {"labs", "lab"},
                                           {"studies", "study"},
                                           {"responses", "response"}};
    size_t used = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t n = row_i64(row, names[i][0]);

        if (n)
            used += (size_t)snprintf(out + used, size - used, "%s%" PRId64 " %s", used ? ", " : "", n,
                                     names[i][n == 1]);
    }
    return used > 0;
}

static int emptiness_check(struct db *db)
{
    char things[200];
    struct row row;

    TRY(db_one(db, &SQL_world_begin, &row));
    if (!things_text(&row, things, sizeof things))
        return 0;
    (void)cli_fail("a world is loaded into an empty instance only, and this one holds %s.%s", things,
                   row_bool(&row, "has_demonstration")
                       ? " The demonstration counts: start a fresh data folder with --no-demo."
                       : "");
    return ERR_CONFLICT;
}

/* ---- rows -----------------------------------------------------------------------------------------------
 */

static int chunk_load(struct db *db, struct world *w, const struct step *step, size_t from, size_t n,
                      size_t *taken)
{
    struct arena *a = arena_new();
    struct span json;
    int err = world_rows(w, step->section, from, n, a, &json, taken);

    if (err) {
        (void)cli_fail("%s", world_why(w));
    } else {
        db_call(db, a, NULL, NULL);
        db_bind_text(db, "rows", json);
        err = db_run(db, step->statement, NULL);
        db_call(db, NULL, NULL, NULL);
    }
    arena_free(&a);
    return err;
}

/* The database refused n rows: which of them? Halves that pass stay; all is taken back in the end anyway. */
static size_t culprit_find(struct db *db, struct world *w, const struct step *step, size_t from, size_t n)
{
    size_t taken;

    while (n > 1 && !db_script(db, "savepoint half", NULL)) {
        int err = chunk_load(db, w, step, from, n / 2, &taken);

        if (err && db_script(db, "rollback to savepoint half", NULL))
            break;
        if (!err)
            from += taken;
        n = err ? n / 2 : n - taken;
    }
    return from;
}

/* "username" of account_username_key; "pk" of account_pkey. */
static struct span field_of(const char *constraint)
{
    struct span s = span_of(constraint);
    const char *first = strchr(constraint, '_');
    const char *last = strrchr(constraint, '_');

    if (s.n > 5 && !strcmp(constraint + s.n - 5, "_pkey"))
        return SPAN("pk");
    if (!first || first == last)
        return s;
    return (struct span){first + 1, (size_t)(last - first - 1)};
}

static int step_refuse(struct db *db, struct world *w, const struct step *step, size_t from, size_t n,
                       int err)
{
    size_t row, taken;
    bool is_again;

    if (err != ERR_CONFLICT && err != ERR_INVALID)
        return cli_fail("the %s were not loaded: %s", world_section_name(step->section), db_why(db)), err;
    if (db_script(db, "rollback to savepoint chunk", NULL))
        return err;
    row = culprit_find(db, w, step, from, n);
    is_again = chunk_load(db, w, step, row, 1, &taken) != 0;
    if (is_again && db_constraint(db)[0]) {
        struct span field = field_of(db_constraint(db));

        (void)world_row_refuse(w, step->section, row, "its %.*s %s (%s).", (int)field.n, field.p,
                               err == ERR_CONFLICT ? "is taken already" : "does not fit", db_constraint(db));
    } else {
        (void)world_row_refuse(w, step->section, row, "it does not fit: %s.", db_why(db));
    }
    (void)cli_fail("%s", world_why(w));
    return err;
}

static int step_load(struct db *db, struct world *w, const struct step *step)
{
    size_t n = world_count(w, step->section);
    size_t taken = 0;

    for (size_t from = 0; from < n; from += taken) {
        size_t wanted = n - from < ROWS_AT_ONCE ? n - from : ROWS_AT_ONCE;
        int err = db_script(db, "savepoint chunk", NULL);

        if (!err)
            err = chunk_load(db, w, step, from, wanted, &taken);
        if (err && world_why(w)[0])
            return err; /* said */
        if (err)
            return step_refuse(db, w, step, from, taken, err);
        TRY(db_script(db, "release savepoint chunk", NULL));
    }
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------------------
 */

static int end(struct db *db, const struct world *w)
{
    struct row row;

    db_bind_text(db, "next_pk", world_next_pk(w));
    TRY(db_one(db, &SQL_world_end, &row));
    TRY(db_one(db, &SQL_world_count, &row));
    for (int s = 0; s < WORLD_SECTIONS; s++) {
        int64_t n = row_i64(&row, world_section_name((enum world_section)s));

        if (n != (int64_t)world_count(w, (enum world_section)s)) {
            (void)cli_fail("of %zu %s only %" PRId64 " arrived.", world_count(w, (enum world_section)s),
                           world_section_name((enum world_section)s), n);
            return ERR_BUG;
        }
    }
    return 0;
}

/* All or nothing. What went wrong was said. */
static int load(struct db *db, struct world *w)
{
    int err = db_begin(db);

    if (!err)
        err = emptiness_check(db);
    if (!err)
        err = db_run(db, &SQL_world_admins, NULL);
    if (!err)
        err = names_load(db, w);
    if (!err && world_names_end(w))
        err = (cli_fail("%s", world_why(w)), ERR_INVALID);
    for (size_t i = 0; !err && i < sizeof steps / sizeof *steps; i++)
        err = step_load(db, w, &steps[i]);
    if (!err)
        err = end(db, w);
    if (!err)
        err = db_commit(db);
    if (err == ERR_AWAY || err == ERR_FULL)
        (void)cli_fail("nothing was loaded: %s", err_doc(err));
    db_rollback(db);
    return err;
}

/* The private PostgreSQL of a house that does not run is started for as long as we need it. */
static int place_open(struct place *p, const struct conf *conf)
{
    sigset_t child;
    int err;

    p->database = conf_str(conf, "database-url");
    if (p->database[0])
        return migrate(p->database, p->why);
    err = home_open(&p->home, conf_str(conf, "data"), p->why);
    if (err && err != ERR_CONFLICT)
        return err;
    postgres_conninfo(p->home.data, p->conninfo);
    p->database = p->conninfo;
    if (err) /* it runs, and has migrated */
        return 0;
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, NULL);
    TRY(postgres_start(&p->postgres, p->home.data, conf_str(conf, "postgres-bin"), p->why));
    return migrate(p->database, p->why);
}

static void place_close(struct place *p)
{
    postgres_stop(&p->postgres);
    home_close(&p->home);
}

/* What the file says of the house itself; of a key only where it stands. */
static void settings_say(const struct world *w)
{
    struct span base = world_setting(w, "base_url"), zone = world_setting(w, "time_zone");
    bool has_key = world_setting(w, "video_hmac_key").n > 0;

    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    if (!base.n && !zone.n && !has_key)
        return;
    (void)printf("Settings are not part of the data; start the house with:");
    if (base.n)
        (void)printf(" --origin %.*s", (int)base.n, base.p);
    if (zone.n)
        (void)printf(" --time-zone %.*s", (int)zone.n, zone.p);
    if (has_key)
        (void)printf(" --video-hmac-key (settings.video_hmac_key of the file)");
    (void)printf(".\n");
}

static void loaded_say(const struct world *w)
{
    for (int s = 0; s < WORLD_SECTIONS; s++)
        (void)printf("%s%zu %s", s ? ", " : "", world_count(w, (enum world_section)s),
                     world_section_name((enum world_section)s));
    (void)printf(": all is loaded.\n");
    settings_say(w);
}

static int world_load(const struct conf *conf, struct world *w)
{
    struct place place = {.home.lock = -1};
    struct db *db = NULL;
    int err = place_open(&place, conf);

    if (!err)
        err = db_open(&db, place.database, "ops", world_sql, 0);
    if (err)
        (void)cli_fail("%s", place.why[0] && !db ? place.why : "the database cannot be reached.");
    else
        err = load(db, w);
    db_close(&db);
    place_close(&place);
    if (!err)
        loaded_say(w);
    return err ? EXIT_FAILED : EXIT_DONE;
}

int world_load_command(int argc, char **argv)
{
    struct conf *conf = NULL;
    struct world *w = NULL;
    int status = EXIT_USAGE;
    int fd;

    if (argc < 1 || argv[0][0] == '-') {
        (void)cli_fail("which file? `lookit world load world.json`");
        return EXIT_USAGE;
    }
    if (!settings_load(&conf, NULL, argc - 1, argv + 1))
        return EXIT_USAGE;
    fd = open(argv[0], O_RDONLY | O_CLOEXEC); /* before we go on as another user, from another folder */
    if (fd == -1) {
        status = cli_fail("%s cannot be opened: %s.", argv[0], strerror(errno));
    } else if (world_read(&w, fd, argv[0])) {
        status = cli_fail("%s", world_why(w));
    } else {
        crypt_init();
        status = world_load(conf, w);
    }
    if (fd != -1)
        (void)close(fd);
    world_free(&w);
    conf_free(&conf);
    return status;
}
