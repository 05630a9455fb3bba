#include "people.h"

#include <stdio.h>
#include <stdlib.h>

int64_t parent, stranger, researcher, superuser, study, trials;
char child[37], sibling[37], other_child[37], study_uuid[37], trials_uuid[37], external_uuid[37];

struct span print(const char *fmt, ...)
{
    static char text[8][4096];
    static unsigned turn;
    char *one = text[turn++ % 8];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(one, sizeof text[0], fmt, args);
    va_end(args);
    return span_of(one);
}

static const char *copy(char out[37], const char *text)
{
    (void)snprintf(out, 37, "%s", text);
    return out;
}

const char *both(const char *of_child, const char *of_study)
{
    static char text[500];

    (void)snprintf(text, sizeof text, "%s,%s", api_relation("child", "children", of_child),
                   api_relation("study", "studies", of_study));
    return text;
}

const char *posting(const char *attributes)
{
    return api_document("responses", NULL, attributes, both(child, study_uuid));
}

const char *begin_in(const char *of_study, const char *attributes)
{
    static char uuid[4][37];
    static unsigned turn;

    api_expect(201, parent, POST, "%s", api_document("responses", NULL, attributes, both(child, of_study)));
    return copy(uuid[turn++ % 4], api_value("data.id"));
}

const char *begin(void)
{
    return begin_in(study_uuid, "");
}

int change_by(int64_t account, const char *method, const char *response, const char *attributes,
              const char *relationships)
{
    char line[200];

    (void)snprintf(line, sizeof line, "%s /api/v2/responses/%s/", method, response);
    return api_ask(account, line, NULL, api_document("responses", response, attributes, relationships));
}

int change(const char *response, const char *attributes)
{
    return change_by(parent, "PATCH", response, attributes, NULL);
}

void changed(const char *response, const char *attributes)
{
    int status = change(response, attributes);

    if (status != 200)
        fail_msg("PATCH %s: %d %s", attributes, status, api_value("errors") ? api_value("errors") : "");
}

void assert_value(const char *path, const char *want)
{
    const char *got = api_value(path);

    if (!got || strcmp(got, want) != 0)
        fail_msg("%s is %s, not %s", path, got ? got : "absent", want);
}

const char *stored(const char *response, const char *expression)
{
    return desk_text("select %s from response where uuid = '%s'", expression, response);
}

int64_t responses(void)
{
    return desk_sql("select count(*) from response");
}

/* ---- the people ---- */

static void child_make(char out[37], int64_t account, bool is_deleted)
{
    (void)copy(
        out,
        desk_text("insert into child (account, given_name, birthday, gender, deleted) values (%lld, 'Mo', "
                  "'2019-02-17', 'na', %s) returning uuid",
                  (long long)account, is_deleted ? "true" : "false"));
}

static int64_t study_make(char out[37], int type)
{
    int64_t id = desk_sql(
        "insert into study (name, study_type, max_age_years) values ('Ball', %d, 18) returning id", type);

    (void)copy(out, desk_text("select uuid from study where id = %lld", (long long)id));
    return id;
}

int people_start(void **state)
{
    (void)state;
    api_start();
    parent = desk_account("ann@example.org", false);
    stranger = desk_account("bob@example.org", false);
    researcher = desk_account("kim@uni.example", true);
    superuser = desk_account("root@uni.example", true);
    (void)desk_sql("update account set is_superuser = true where id = %lld returning id",
                   (long long)superuser);
    study = study_make(study_uuid, 1);
    trials = study_make(trials_uuid, 3);
    (void)study_make(external_uuid, 2);
    (void)desk_sql(
        "insert into membership (account, user_group) select %lld, admin_group from study where id = %lld "
        "returning account",
        (long long)researcher, (long long)study);
    (void)desk_sql("insert into demographic (account) values (%lld) returning id", (long long)parent);
    child_make(child, parent, false);
    child_make(sibling, parent, true);
    child_make(other_child, stranger, false);
    return 0;
}

int people_stop(void **state)
{
    (void)state;
    api_stop();
    return 0;
}
