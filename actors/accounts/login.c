/* login: sessions. The browser holds a secret; the database holds its SHA-256, so whoever reads the table
 * cannot use it. */
#include <stdlib.h>

#include "accounts.h"
#include "accounts_sql.h"
#include "throttle.h"

/* A password of nobody, so that an unknown address takes as long as a wrong password. */
static struct span nobody_hash(void)
{
    static _Thread_local char hash[128];

    if (!hash[0])
        crypt_password_hash(SPAN("nobody has this password"), hash);
    return span_of(hash);
}

bool path_is_local(struct span path)
{
    if (path.n == 0 || path.p[0] != '/' || path.n > 2000)
        return false;
    if (path.n > 1 && (path.p[1] == '/' || path.p[1] == '\\'))
        return false;
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] <= 0x20 || path.p[i] == 0x7f || path.p[i] == '\\')
            return false;
    return true;
}

int session_open(struct call *c, int64_t account, struct new_session *out)
{
    uint8_t secret[32];

    crypt_random(secret, sizeof secret);
    (void)crypt_base64url((struct span){(const char *)secret, sizeof secret}, out->cookie,
                          sizeof out->cookie);
    crypt_sha256(span_of(out->cookie), out->digest);
    db_bind_bytes(c->db, "digest", (struct span){(const char *)out->digest, sizeof out->digest});
    db_bind_i64(c->db, "account", account);
    db_bind_i64(c->db, "life_s", conf_int(c->conf, "session-life"));
    return db_run(c->db, &SQL_session_open, NULL);
}

int session_reply(struct call *c, const struct new_session *s, struct span location, const char *note)
{
    struct reply_session r = {.cookie = span_of(s->cookie),
                              .max_age = (uint32_t)conf_int(c->conf, "session-life"),
                              .location = location,
                              .note = span_of(note),
                              .has_note = note != NULL};

    return reply(c, &MESSAGE_reply_session, &r);
}

int on_account_whoami(struct call *c, const struct account_whoami *m)
{
    struct row row;
    uint8_t digest[32];

    if (m->has_session == m->has_token)
        return refuse(c, ERR_MALFORMED, NULL, "Exactly one of session and token is needed.");
    if (m->has_session) {
        TRY(db_one(c->db, &SQL_session_whoami, &row));
    } else {
        crypt_sha256(m->token, digest);
        db_bind_bytes(c->db, "digest", (struct span){(const char *)digest, sizeof digest});
        TRY(db_one(c->db, &SQL_token_whoami, &row));
    }
    if (row_is_null(&row, "doc"))
        return refuse(c, ERR_LOGIN, NULL, m->has_token ? "Invalid token." : "Please log in.");
    return reply_doc(c, row_text(&row, "doc"));
}

/* {"form":{"values":{"next":…}}} */
int on_account_log_in_form(struct call *c, const struct account_log_in_form *m)
{
    struct json_out o;

    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("form"));
    json_object(&o);
    json_key(&o, SPAN("values"));
    json_object(&o);
    if (m->has_next && path_is_local(m->next)) {
        json_key(&o, SPAN("next"));
        json_add_string(&o, m->next);
    }
    json_end(&o);
    json_end(&o);
    json_end(&o);
    return reply_doc(c, json_out_span(&o));
}

static int log_in_refused(struct call *c, const struct account_log_in *m)
{
    throttle_count(c->state, m->username, clock_mono_ms());
    throttle_count(c->state, m->address, clock_mono_ms());
    log_info("login-refused", "replica=%d", replica_number(c->replica));
    form_error(c, "form", "This e-mail address and this password do not belong together. Please try again.");
    return form_check(c);
}

static int password_renew(struct call *c, int64_t account, struct span password)
{
    char hash[128];

    crypt_password_hash(password, hash);
    db_bind_i64(c->db, "account", account);
    db_bind_text(c->db, "password", span_of(hash));
    return db_run(c->db, &SQL_account_rehash, NULL);
}

/* Where someone goes who asked for nothing in particular. */
static struct span home_of(bool is_researcher)
{
    return is_researcher ? SPAN("/exp/studies/") : SPAN("/");
}

int on_account_log_in(struct call *c, const struct account_log_in *m)
{
    uint32_t tries = (uint32_t)conf_int(c->conf, "login-tries");
    int64_t now_ms = clock_mono_ms();
    struct new_session session;
    struct row row;
    bool is_stale = false, is_right;
    int64_t account;
    struct span next = m->has_next && path_is_local(m->next) ? m->next : (struct span){NULL, 0};

    if (throttle_is_full(c->state, m->username, tries, now_ms) ||
        throttle_is_full(c->state, m->address, tries * 5, now_ms)) {
        form_error(c, "form", "There were too many tries. Please wait five minutes and try again.");
        return form_check(c);
    }
    TRY(db_maybe(c->db, &SQL_account_by_username, &row));
    is_right =
        crypt_password_ok(m->password, row.result ? row_text(&row, "password") : nobody_hash(), &is_stale);
    if (!row.result || !is_right || !row_bool(&row, "is_active"))
        return log_in_refused(c, m);
    account = row_i64(&row, "id");
    if (next.n == 0)
        next = home_of(row_bool(&row, "is_researcher"));
    throttle_forget(c->state, m->username);
    TRY(db_begin(c->db));
    if (is_stale)
        TRY(password_renew(c, account, m->password));
    TRY(session_open(c, account, &session));
    TRY(db_commit(c->db));
    return session_reply(c, &session, next, "Welcome back.");
}

int on_account_log_out(struct call *c, const struct account_log_out *m)
{
    struct row row = {0};
    struct reply_session r = {.location = SPAN("/"), .note = SPAN("You are logged out."), .has_note = true};

    if (m->has_session)
        TRY(db_maybe(c->db, &SQL_session_close, &row));
    if (row.result && !row_is_null(&row, "account")) {
        struct account_session_ended ended = {
            .account = (uint64_t)row_i64(&row, "account"), .session = m->session, .has_session = true};
        say(c, &MESSAGE_account_session_ended, &ended);
    }
    r.cookie = SPAN("");
    return reply(c, &MESSAGE_reply_session, &r);
}
