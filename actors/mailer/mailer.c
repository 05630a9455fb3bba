/* mailer: writes mails and sees them off: to a mail server, or, while none is set, into a maildir of the data
 * folder.
 *
 * Hears:  mail.send (scheduler)      Says:  nothing
 * Owns:   no table
 * Blocks: on the mail server, at most SEND_MS; on the disk; on its own connection
 *
 * A job names the mail, what it is about and one account; who that is, whether they still are to be told, and
 * what there is to say is asked when the mail is sent. One job is one envelope with one recipient, so that
 * nobody sees another's address and one dead mailbox holds up no one else.
 *
 * The words are plain text with {{values}} (words.h), not views: the view engine belongs to the gateway,
 * which this actor may not know, and a status mail needs none of what it does (loops, escaping, translation,
 * layout).
 */
#include "mailer.h"

#include <stdlib.h>

#include "fetch.h"
#include "letter.h"
#include "maildir.h"
#include "mailer_sql.h"
#include "words.h"

enum { SEND_MS = 60000, PROBE_MS = 10000 };

static const struct conf_item settings[] = {
#define CONF CONF_ITEM
#include "conf.def"
#undef CONF
    {0}};

struct mailer {
    struct mailbox from;
    struct fetch *fetch;     /* NULL: into the maildir */
    struct maildir *maildir; /* NULL: by SMTP */
};

static const char *set_or_null(const struct conf *conf, const char *key)
{
    const char *s = conf_str(conf, key);

    return s[0] ? s : NULL;
}

static int init(struct replica *r, void **state)
{
    const struct conf *conf = replica_conf(r);
    struct mailbox from;
    struct mailer *m;

    if (mailbox_read(span_of(conf_str(conf, "mail-from")), &from)) {
        log_error("mail-from-invalid", "setting=mail-from");
        return ERR_INVALID;
    }
    m = calloc(1, sizeof *m);
    MUST(m && "memory");
    m->from = from;
    *state = m;
    if (set_or_null(conf, "smtp-url"))
        m->fetch = fetch_new();
    else if (!replica_mail_dir(r) || maildir_open(&m->maildir, replica_mail_dir(r))) {
        free(m);
        return ERR_AWAY;
    }
    return 0;
}

static void fini(struct replica *r, void *state)
{
    struct mailer *m = state;

    (void)r;
    fetch_free(&m->fetch);
    maildir_close(&m->maildir);
    free(m);
}

static int by_smtp(struct call *c, struct span address, struct span letter)
{
    struct mailer *mailer = c->state;
    const struct fetch_mail mail = {.url = conf_str(c->conf, "smtp-url"),
                                    .user = set_or_null(c->conf, "smtp-user"),
                                    .password = conf_str(c->conf, "smtp-password"),
                                    .from = arena_copy(c->arena, mailer->from.address).p,
                                    .to = (const char *[]){arena_copy(c->arena, address).p, NULL},
                                    .message = letter,
                                    .needs_tls = conf_bool(c->conf, "smtp-needs-tls"),
                                    .wait_ms = SEND_MS};
    int err = fetch_smtp(mailer->fetch, &mail);

    if (err == ERR_DENIED) /* our log-in, not this mail: somebody will mend the setting */
        return refuse(c, ERR_AWAY, NULL, "The mail server does not let us in: %s", fetch_why(mailer->fetch));
    if (err == ERR_INVALID)
        return refuse(c, err, NULL, "The mail server refuses this mail for good: %s",
                      fetch_why(mailer->fetch));
    return err ? refuse(c, err, NULL, "%s", fetch_why(mailer->fetch)) : 0;
}

/* Named after the operation: doing it again is the same file. Delivered-To says whom the envelope would have
 * named. */
static int into_maildir(struct call *c, const struct mail_send *m, struct span address, struct span letter)
{
    struct mailer *mailer = c->state;
    struct text t = {0};
    uint8_t digest[32];
    char hex[65];
    struct span name;

    crypt_sha256(m->op_id, digest);
    (void)crypt_hex((struct span){(const char *)digest, sizeof digest}, hex, sizeof hex);
    name = arena_print(c->arena, "%lld.%.32s.lookit", (long long)(m->added_at / 1000000), hex);
    text_print(c->arena, &t, "Delivered-To: %.*s\r\n", (int)address.n, address.p);
    text_add(c->arena, &t, letter);
    return maildir_put(mailer->maildir, name.p, text_span(&t));
}

static int letter_make(struct call *c, const struct mail_send *m, struct span mail, const struct row *row,
                       struct span *out)
{
    const struct mailer *mailer = c->state;
    struct letter letter = {.from = mailer->from,
                            .to = mailer->from, /* group notices go to ourselves, readers are blind copies */
                            .reply_to = row_text(row, "reply_to"),
                            .op_id = m->op_id,
                            .date_us = m->added_at};
    const struct json *values;
    struct words words;

    TRY(json_parse(c->arena, row_text(row, "words"), &values, NULL));
    TRY(words_fill(c->arena, mail, values, &words));
    letter.subject = words.subject;
    letter.text = words.text;
    if (!address_is_good(letter.reply_to)) /* then answers come to ourselves */
        letter.reply_to = (struct span){NULL, 0};
    return letter_write(c->arena, &letter, out);
}

static int on_send(struct call *c, const struct mail_send *m)
{
    const struct mailer *mailer = c->state;
    const struct json *payload;
    struct span mail, letter, address;
    struct row row;
    int64_t id;

    TRY(json_parse(c->arena, m->payload, &payload, NULL));
    mail = json_string(json_get(payload, "mail"));
    if (!mail.n || json_i64(json_get(payload, "log"), &id) || json_i64(json_get(payload, "account"), &id))
        return refuse(c, ERR_INVALID, NULL, "The job does not say which mail, about what, or to whom.");
    TRY(db_maybe(c->db, &SQL_mail_study, &row));
    if (!row.result) {
        log_info("mail-unneeded", "job=%llu", (unsigned long long)m->job);
        return reply_done(c);
    }
    address = row_text(&row, "address");
    if (!address_is_good(address))
        return refuse(c, ERR_INVALID, NULL, "The account's address is none that mail can be sent to.");
    TRY(letter_make(c, m, mail, &row, &letter));
    if (mailer->fetch)
        TRY(by_smtp(c, address, letter));
    else
        TRY(into_maildir(c, m, address, letter));
    log_info("mail-sent", "job=%llu attempt=%u", (unsigned long long)m->job, (unsigned)m->attempt);
    return reply_done(c);
}

/* ---- lookit check
 * -------------------------------------------------------------------------------------------------- */

static int server_check(const struct conf *conf, struct arena *a, void (*out)(void *ctx, const char *line),
                        void *ctx)
{
    const struct fetch_mail mail = {.url = conf_str(conf, "smtp-url"),
                                    .user = set_or_null(conf, "smtp-user"),
                                    .password = conf_str(conf, "smtp-password"),
                                    .needs_tls = conf_bool(conf, "smtp-needs-tls"),
                                    .wait_ms = PROBE_MS};
    struct fetch *fetch = fetch_new();
    int err = fetch_smtp_probe(fetch, &mail);

    if (err)
        out(ctx, arena_print(a, "BAD   mail: the server of --smtp-url: %s", fetch_why(fetch)).p);
    else
        out(ctx, "ok    mail: the server of --smtp-url answers");
    fetch_free(&fetch);
    return err;
}

static int check(const struct conf *conf, void (*out)(void *ctx, const char *line), void *ctx)
{
    struct arena *a = arena_new();
    struct mailbox from;
    int err = mailbox_read(span_of(conf_str(conf, "mail-from")), &from);

    if (err)
        out(ctx, "BAD   mail: --mail-from is an address, or a name and <address>");
    else if (conf_str(conf, "smtp-url")[0])
        err = server_check(conf, a, out, ctx);
    else
        out(ctx, "ok    mail: no --smtp-url, so mails are kept as files in mail/ of the data folder");
    arena_free(&a);
    return err;
}

const struct actor_def mailer_actor = {
    .name = "mailer",
    .conf = settings,
    .has_db = true,
    .init = init,
    .fini = fini,
    .on = (const struct handler[]){ON(mail_send, on_send), {0}},
    .sql = mailer_sql,
    .check = check,
};
