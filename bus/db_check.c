/* db_check: does a statement give what its first line says? */
#include "db_private.h"

#include <libpq-fe.h>

#include "errors.h"

#define OID_VARCHAR 1043 /* reads as text */

static int column_check(struct db *db, const struct statement *s, const PGresult *r, int i)
{
    const struct column *c = &s->out[i];
    Oid type = PQftype(r, i);

    if (strcmp(PQfname(r, i), c->name) != 0) {
        db_why_set(db, "%s: column %d is called %s, declared as %s", s->name, i + 1, PQfname(r, i), c->name);
        return ERR_CONFLICT;
    }
    if (type != c->oid && !(type == OID_VARCHAR && c->oid == OID_TEXT)) {
        db_why_set(db, "%s: column %s has the type with oid %u, declared as %s (%u)", s->name, c->name, type,
                   c->type, c->oid);
        return ERR_CONFLICT;
    }
    return 0;
}

int db_check(struct db *db, const struct statement *s)
{
    PGresult *r = db->conn ? PQdescribePrepared(db->conn, s->name) : NULL;
    int err = 0;

    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        db_why_set(db, "%s: cannot be described", s->name);
        err = ERR_AWAY;
    } else if (s->out_n && PQnfields(r) != (int)s->out_n) {
        db_why_set(db, "%s: gives %d columns, declares %zu", s->name, PQnfields(r), s->out_n);
        err = ERR_CONFLICT;
    } else if ((s->rows == ROWS_NONE) !=
               (s->out_n == 0)) { /* one that calls a function for what it does has a column, unread */
        db_why_set(db, "%s: says rows: none and declares columns, or the other way round", s->name);
        err = ERR_CONFLICT;
    }
    for (int i = 0; !err && i < (int)s->out_n; i++)
        err = column_check(db, s, r, i);
    PQclear(r);
    return err;
}
