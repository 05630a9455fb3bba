/* token: the keys by which programs act for a person at the API. One for each account; the database keeps
 * only what SHA-256 makes of it. */
#include "accounts.h"
#include "accounts_sql.h"

enum { TOKEN_BYTES = 20, TOKEN_SIZE = 2 * TOKEN_BYTES + 1 };

/* fresh {NULL, 0}: just the page. */
static int page_reply(struct call *c, struct span fresh)
{
    struct row row;

    db_bind_text(c->db, "fresh", fresh);
    TRY(db_one(c->db, &SQL_account_page, &row));
    return reply_doc(c, row_text(&row, "doc"));
}

/* What the gateway remembers of the old token ends at once, not in some seconds. After the commit. */
static void changed_say(struct call *c, int64_t account)
{
    struct account_session_ended ended = {.account = (uint64_t)account};

    say(c, &MESSAGE_account_session_ended, &ended);
}

/* A new token for the account, in the transaction in hand. who: 0 is the operator. */
static int token_put(struct call *c, int64_t account, const struct uuid *uuid, int64_t who,
                     char token[TOKEN_SIZE])
{
    uint8_t bytes[TOKEN_BYTES], digest[32];

    crypt_random(bytes, sizeof bytes);
    (void)crypt_hex((struct span){(const char *)bytes, sizeof bytes}, token, TOKEN_SIZE);
    crypt_sha256(span_of(token), digest);
    db_bind_i64(c->db, "account", account);
    db_bind_bytes(c->db, "digest", (struct span){(const char *)digest, sizeof digest});
    TRY(db_run(c->db, &SQL_token_put, NULL));
    return account_event(c, "token.made", who, uuid);
}

int on_account_manage(struct call *c, const struct account_manage *m)
{
    (void)m;
    return page_reply(c, (struct span){NULL, 0});
}

int on_account_token_make(struct call *c, const struct account_token_make *m)
{
    char token[TOKEN_SIZE];
    struct uuid uuid;
    struct row row;

    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_token_seat, &row));
    if (!row.result)
        return refuse(c, ERR_DENIED, NULL, "Tokens are for the programs of researchers.");
    if ((uint64_t)row_i64(&row, "replaces") != m->replaces) { /* sent twice: the first one counts */
        db_rollback(c->db);
        return page_reply(c, (struct span){NULL, 0});
    }
    uuid = row_uuid(&row, "uuid");
    TRY(token_put(c, row_i64(&row, "id"), &uuid, (int64_t)m->viewer, token));
    TRY(page_reply(c, span_of(token)));
    TRY(call_commit(c));
    changed_say(c, (int64_t)m->viewer);
    return 0;
}

/* *was: there was one. who: 0 is the operator. */
static int token_end(struct call *c, int64_t account, int64_t who, bool *was)
{
    struct uuid uuid;
    struct row row;

    db_bind_i64(c->db, "account", account);
    TRY(db_maybe(c->db, &SQL_token_end, &row));
    *was = row.result;
    if (!*was)
        return 0;
    uuid = row_uuid(&row, "uuid");
    return account_event(c, "token.revoked", who, &uuid);
}

int on_account_token_revoke(struct call *c, const struct account_token_revoke *m)
{
    bool was;

    TRY(db_begin(c->db));
    TRY(token_end(c, (int64_t)m->viewer, (int64_t)m->viewer, &was));
    TRY(reply_see_other_noting(c,
                               was ? "The token is revoked. Programs that use it are refused from now on."
                                   : "There was no token to revoke.",
                               "/account/manage/"));
    TRY(call_commit(c));
    changed_say(c, (int64_t)m->viewer);
    return 0;
}

int on_account_token_give(struct call *c, const struct account_token_give *m)
{
    char token[TOKEN_SIZE];
    int64_t account;
    struct json_out o;
    struct uuid uuid;
    struct row row;

    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_token_seat_of, &row));
    if (!row.result || !row_bool(&row, "is_active"))
        return refuse(c, ERR_NOTFOUND, NULL, "No active account has this e-mail address.");
    if (row_bool(&row, "has_token") && !m->replace)
        return refuse(
            c, ERR_CONFLICT, NULL,
            "This account has a token already, and nobody can show it again. With --replace a new one "
            "takes its place.");
    account = row_i64(&row, "id");
    uuid = row_uuid(&row, "uuid");
    TRY(token_put(c, account, &uuid, 0, token));
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("token"));
    json_add_string(&o, span_of(token));
    json_end(&o);
    TRY(reply_doc(c, json_out_span(&o)));
    TRY(call_commit(c));
    changed_say(c, account);
    return 0;
}

int on_account_token_take(struct call *c, const struct account_token_take *m)
{
    int64_t account;
    struct row row;
    bool was;

    (void)m;
    TRY(db_begin(c->db));
    TRY(db_maybe(c->db, &SQL_token_seat_of, &row));
    if (!row.result)
        return refuse(c, ERR_NOTFOUND, NULL, "No account has this e-mail address.");
    account = row_i64(&row, "id");
    TRY(token_end(c, account, 0, &was));
    if (!was)
        return refuse(c, ERR_NOTFOUND, NULL, "This account has no token.");
    TRY(reply_done(c));
    TRY(call_commit(c));
    changed_say(c, account);
    return 0;
}
