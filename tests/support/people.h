/* people: who is there for tests of the JSON API that write: a parent with two children (one taken away) and her answers, a stranger
 * with one and none, a researcher who runs the study of frames, a superuser; and how they begin and change responses. */
#ifndef LOOKIT_TEST_PEOPLE_H
#define LOOKIT_TEST_PEOPLE_H

#include "api.h"

#define NOBODY "00000000-0000-4000-8000-00000000dead"
#define POST "POST /api/v1/responses/"
#define TRIAL(n, kind) "{\"trial_index\":" #n ",\"trial_type\":\"" kind "\"}"

extern int64_t parent, stranger, researcher, superuser, study, trials;
extern char child[37], sibling[37], other_child[37], study_uuid[37], trials_uuid[37], external_uuid[37];

/* Setup and teardown of the group. */
int people_start(void **state);
int people_stop(void **state);

/* printf into one of eight static buffers. */
struct span print(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* The relationships of a response, and a document that begins one of the parent's child in the study. */
const char *both(const char *of_child, const char *of_study);
const char *posting(const char *attributes);
/* A new response of the parent's child: its uuid. */
const char *begin_in(const char *of_study, const char *attributes);
const char *begin(void);

int change_by(int64_t account, const char *method, const char *response, const char *attributes, const char *relationships);
int change(const char *response, const char *attributes); /* PATCH by the parent */
void changed(const char *response, const char *attributes); /* the same, and it works */

void assert_value(const char *path, const char *want); /* of the last answer */
const char *stored(const char *response, const char *expression); /* of the row, as text */
int64_t responses(void); /* how many there are */

#endif
