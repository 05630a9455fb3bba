/* db_bind: where a statement's parameters come from (bindings, then the message in hand), and what the
 * server's refusals mean. */
#include "db_private.h"

#include "errors.h"
#include "log.h"

void db_call(struct db *db, struct arena *a, const struct message *m, const void *body)
{
    db->arena = a ? a : db->own;
    db->message = m;
    db->body = body;
    db->bound_n = 0;
    db->refusal = (struct db_refusal){0};
}

static void bind(struct db *db, const char *name, struct db_value v)
{
    MUST(db->bound_n < DB_BOUND_MAX);
    db->bound[db->bound_n++] = (struct bound){name, v};
}

void db_bind_text(struct db *db, const char *name, struct span v)
{
    bind(db, name, (struct db_value){.kind = v.p ? DB_TEXT : DB_NULL, .u.text = v});
}

void db_bind_bytes(struct db *db, const char *name, struct span v)
{
    bind(db, name, (struct db_value){.kind = v.p ? DB_BYTES : DB_NULL, .u.text = v});
}

void db_bind_i64(struct db *db, const char *name, int64_t v)
{
    bind(db, name, (struct db_value){.kind = DB_I64, .u.i64 = v});
}

void db_bind_bool(struct db *db, const char *name, bool v)
{
    bind(db, name, (struct db_value){.kind = DB_BOOL, .u.truth = v});
}

void db_bind_uuid(struct db *db, const char *name, const struct uuid *v)
{
    bind(db, name, (struct db_value){.kind = DB_UUID, .u.uuid = *v});
}

void db_bind_time(struct db *db, const char *name, int64_t us)
{
    bind(db, name, (struct db_value){.kind = DB_TIME, .u.i64 = us});
}

void db_bind_null(struct db *db, const char *name)
{
    bind(db, name, (struct db_value){.kind = DB_NULL});
}

static int value_find(const struct db *db, const struct statement *s, const char *name, struct db_value *v)
{
    for (size_t i = db->bound_n; i-- > 0;)
        if (strcmp(db->bound[i].name, name) == 0) {
            *v = db->bound[i].value;
            return 0;
        }
    const struct field *f = db->message ? message_field(db->message, span_of(name)) : NULL;

    if (!f)
        log_error("db-parameter-missing", "statement=%s parameter=%s", s->name, name);
    MUST(f);
    return db_value_of_field(f, db->body, v);
}

int db_parameters_fill(struct db *db, const struct statement *s, struct db_parameters *out)
{
    int err = 0;

    for (size_t i = 0; i < s->in_n && !err; i++) {
        struct db_value v;
        struct db_parameter one = {0};

        err = value_find(db, s, s->in[i].name, &v);
        if (!err)
            err = db_encode(db->arena, s->in[i].oid, &v, &one);
        if (err)
            db_why_set(db, "%s: parameter %s does not fit its type", s->name, s->in[i].name);
        out->p[i] = one.p;
        out->n[i] = one.n;
        out->format[i] = one.format;
    }
    db->bound_n = 0;
    return err;
}

/* SQLSTATE to ERR_*; NULL is "no word from the server". Codes: PostgreSQL manual, appendix A. A migration's
 * own refusals are 'LK' and the number of the error in errors.toml. */
int db_error_of_state(const char *state)
{
    static const struct {
        const char *prefix;
        int err;
    } table[] = {
        {"08", ERR_AWAY},         {"57P", ERR_AWAY},       {"25P03", ERR_AWAY},   {"53300", ERR_AWAY},
        {"58", ERR_AWAY},         {"40001", ERR_BUSY},     {"40P01", ERR_BUSY},   {"55P03", ERR_BUSY},
        {"53200", ERR_BUSY},      {"53100", ERR_FULL},     {"57014", ERR_LATE},   {"23505", ERR_CONFLICT},
        {"23P01", ERR_CONFLICT},  {"23001", ERR_CONFLICT}, {"23", ERR_INVALID},   {"22001", ERR_TOOBIG},
        {"22", ERR_INVALID},      {"54", ERR_TOOBIG},      {"53400", ERR_TOOBIG}, {"26000", ERR_AWAY},
        {"LK001", ERR_MALFORMED}, {"LK002", ERR_TOOBIG},   {"LK003", ERR_DENIED}, {"LK004", ERR_NOTFOUND},
        {"LK008", ERR_CONFLICT},  {"LK010", ERR_INVALID},  {"LK014", ERR_GONE},
    };

    if (!state)
        return ERR_AWAY;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
            return table[i].err;
    return ERR_BUG;
}

bool db_is_in_transaction(const struct db *db)
{
    return db->is_in_transaction;
}
