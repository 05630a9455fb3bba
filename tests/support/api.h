/* api: the whole JSON:API for a test: real desks on a real database, behind the gateway with its real table of routes. Every
 * account has a token, so a test says who asks by the account's number. */
#ifndef LOOKIT_TEST_API_H
#define LOOKIT_TEST_API_H

#include "desk.h"
#include "raw_client.h"

#define API_VIDEO_KEY "sixteen-tigers-walk-home"

/* Migrates, starts; the last answer of api_ask lives until the next. */
void api_start(void);
void api_stop(void);

/* "Authorization: Token …" of that account, with its line end. It gets the token when it has none. */
const char *api_token(int64_t account);

/* One request: line "POST /api/v1/responses/", further header lines or NULL, a body or NULL. account 0: nobody. A body is sent as a
 * document of the API. Gives the status. */
int api_ask(int64_t account, const char *line, const char *headers, const char *body);
/* The same, body printed; fails the test unless the status is want. */
void api_expect(int want, int64_t account, const char *line, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Of the last answer: text of the value at "data.attributes.sequence.0" (JSON unless a string), NULL when absent; a header. */
const char *api_value(const char *path);
struct span api_header(const char *name);
/* Fails unless the n-th error of the last answer has this code, and this pointer (NULL: no source). */
void api_expect_fault(size_t n, const char *code, const char *pointer);

/* {"data":{"type":TYPE,"id":ID,"attributes":{…},"relationships":{…}}}: members as text, without the braces; NULL: left out. Static. */
const char *api_document(const char *type, const char *id, const char *attributes, const char *relationships);
/* "child":{"data":{"type":TYPE,"id":ID}} in one of four static buffers. */
const char *api_relation(const char *name, const char *type, const char *id);

#endif
