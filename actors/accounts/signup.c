/* signup: how accounts come to be. Families make their own; researchers and the first administrator come with
 * an invitation, whose key the database knows only by its SHA-256. */
#include "accounts.h"
#include "accounts_sql.h"
#include "password.h"
#include "throttle.h"

struct person {
    struct span username, nickname, given_name, family_name, password1, password2;
    bool is_researcher, is_administrator;
};

/* local@domain.tld, printable, no blanks. Whether mail arrives there only mail can tell (RFC 5321 leaves the
 * rest to the host). */
static bool address_is_sane(struct span s)
{
    const char *at = memchr(s.p, '@', s.n);
    size_t local, domain;
    bool has_dot = false;

    if (!at || s.n > 254)
        return false;
    local = (size_t)(at - s.p);
    domain = s.n - local - 1;
    if (local == 0 || local > 64 || domain < 3 || memchr(at + 1, '@', domain))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == 0x7f || strchr("<>()[],;:\\\"", s.p[i]))
            return false;
    for (size_t i = 1; i + 1 < domain; i++) {
        has_dot = has_dot || at[1 + i] == '.';
        if (at[1 + i] == '.' && at[i] == '.')
            return false;
    }
    return has_dot && at[1] != '.' && at[1] != '-' && s.p[s.n - 1] != '.' && s.p[s.n - 1] != '-';
}

static int person_check(struct call *c, const struct person *p)
{
    const char *why = password_why_not(p->password1, p->username,
                                       p->is_researcher ? PASSWORD_RESEARCHER_MIN : PASSWORD_FAMILY_MIN);

    if (!address_is_sane(p->username))
        form_error(c, "username", "Please give an e-mail address, like ann@example.org.");
    if (p->is_researcher && p->given_name.n == 0)
        form_error(c, "given_name", "Please give your first name.");
    if (p->is_researcher && p->family_name.n == 0)
        form_error(c, "family_name", "Please give your family name.");
    if (!span_same(p->password1, p->password2))
        form_error(c, "password2", "The two passwords are not the same.");
    else if (why)
        form_error(c, "password2", "%s", why);
    return form_check(c);
}

/* Adds the account in the transaction in hand. */
static int person_add(struct call *c, const struct person *p, int64_t *account)
{
    struct row row;
    struct uuid uuid;
    char hash[128];

    crypt_password_hash(p->password1, hash);
    db_bind_text(c->db, "username", p->username);
    db_bind_text(c->db, "password", span_of(hash));
    db_bind_text(c->db, "nickname", p->nickname.p ? p->nickname : SPAN(""));
    db_bind_text(c->db, "given_name", p->given_name.p ? p->given_name : SPAN(""));
    db_bind_text(c->db, "family_name", p->family_name.p ? p->family_name : SPAN(""));
    db_bind_bool(c->db, "is_researcher", p->is_researcher);
    db_bind_bool(c->db, "is_staff", p->is_administrator);
    db_bind_bool(c->db, "is_superuser", p->is_administrator);
    TRY(db_maybe(c->db, &SQL_account_add, &row));
    if (!row.result) {
        form_error(c, "username", "There is an account with this address already. You can log in with it.");
        return form_check(c);
    }
    *account = row_i64(&row, "id");
    uuid = row_uuid(&row, "uuid");
    return account_event(c, "account.added", *account, &uuid);
}

/* The study that /studies/<uuid>/… names, with or without a language in front. */
static bool study_of_path(struct span path, struct uuid *study)
{
    static const char word[] = "/studies/";

    for (size_t i = 0; i + sizeof word - 1 + 36 <= path.n && i <= 8; i++)
        if (memcmp(path.p + i, word, sizeof word - 1) == 0)
            return uuid_read((struct span){path.p + i + sizeof word - 1, 36}, study) == 0;
    return false;
}

int on_account_sign_up_form(struct call *c, const struct account_sign_up_form *m)
{
    (void)m;
    return reply_doc(c, SPAN("{\"form\":{\"values\":{}}}"));
}

/* A well-filled form costs us a password's work and may leave a row, or says that an address is known here:
 * nobody needs many. */
static int sign_up_slowed(struct call *c, struct span address)
{
    struct span key = arena_print(c->arena, "sign-up %.*s", (int)address.n, address.p);
    int64_t now_ms = clock_mono_ms();

    if (throttle_is_full(c->state, key, (uint32_t)conf_int(c->conf, "signup-tries"), now_ms))
        form_error(c, "form",
                   "Very many accounts were made from your network just now. Please wait five minutes and "
                   "try again.");
    else
        throttle_count(c->state, key, now_ms);
    return form_check(c);
}

int on_account_sign_up(struct call *c, const struct account_sign_up *m)
{
    struct person p = {.username = m->username,
                       .nickname = m->nickname,
                       .password1 = m->password1,
                       .password2 = m->password2};
    struct new_session session;
    struct uuid study;
    int64_t account;

    TRY(person_check(c, &p));
    TRY(sign_up_slowed(c, m->address));
    TRY(db_begin(c->db));
    TRY(person_add(c, &p, &account));
    TRY(session_open(c, account, &session));
    if (m->has_next && study_of_path(m->next, &study)) {
        db_bind_bytes(c->db, "digest", (struct span){(const char *)session.digest, sizeof session.digest});
        db_bind_uuid(c->db, "study", &study);
        TRY(db_run(c->db, &SQL_session_remember_study, NULL));
    }
    TRY(db_commit(c->db));
    return session_reply(c, &session, SPAN("/account/demographics/"), "Welcome! Your account is ready.");
}

static void bind_key(struct call *c, struct span key, uint8_t digest[32])
{
    crypt_sha256(key, digest);
    db_bind_bytes(c->db, "digest", (struct span){(const char *)digest, 32});
}

/* {"invitation":{"is_valid":true,…},"form":{"values":{"key":"…"}}} */
int on_account_invitation(struct call *c, const struct account_invitation *m)
{
    struct json_out o;
    struct row row;
    uint8_t digest[32];

    bind_key(c, m->key, digest);
    TRY(db_maybe(c->db, &SQL_invitation_find, &row));
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("invitation"));
    json_add_raw(&o, row.result ? row_text(&row, "doc") : SPAN("{\"is_valid\":false}"));
    json_key(&o, SPAN("form"));
    json_object(&o);
    json_key(&o, SPAN("values"));
    json_object(&o);
    json_key(&o, SPAN("key"));
    json_add_string(&o, m->key);
    json_end(&o);
    json_end(&o);
    json_end(&o);
    return reply_doc(c, json_out_span(&o));
}

int on_account_accept(struct call *c, const struct account_accept *m)
{
    struct person p = {.username = m->username,
                       .nickname = m->nickname,
                       .given_name = m->given_name,
                       .family_name = m->family_name,
                       .password1 = m->password1,
                       .password2 = m->password2,
                       .is_researcher = true};
    struct new_session session;
    struct row row;
    uint8_t digest[32];
    int64_t account, invitation;

    TRY(person_check(c, &p));
    TRY(db_begin(c->db));
    bind_key(c, m->key, digest);
    TRY(db_maybe(c->db, &SQL_invitation_take, &row));
    if (!row.result) {
        form_error(c, "form", "This link was used already, or is too old. Please ask for a new one.");
        return form_check(c);
    }
    invitation = row_i64(&row, "id");
    p.is_administrator = span_is(row_text(&row, "role"), "administrator");
    TRY(person_add(c, &p, &account));
    db_bind_i64(c->db, "invitation", invitation);
    db_bind_i64(c->db, "account", account);
    TRY(db_run(c->db, &SQL_invitation_used_by, NULL));
    if (p.is_administrator) {
        db_bind_i64(c->db, "account", account);
        TRY(db_run(c->db, &SQL_admin_join, NULL));
    }
    TRY(session_open(c, account, &session));
    TRY(db_commit(c->db));
    return session_reply(c, &session, SPAN("/exp/studies/"), "Welcome! Your account is ready.");
}
