/* words: what our mails say. The texts lie in text/NAME.txt: first line "Subject: …", then paragraphs.
 * {{name}} is replaced by a value; a paragraph that names a value which is not there or empty is left out.
 * Plain text, so nothing is escaped; that no value can end a header is the letter's business. */
#ifndef LOOKIT_MAILER_WORDS_H
#define LOOKIT_MAILER_WORDS_H

#include "json.h"

struct words {
    struct span subject, text;
};

/* values: object of strings. Lives in the arena. ERR_NOTFOUND: there is no such text. */
int words_fill(struct arena *a, struct span name, const struct json *values, struct words *out) MUST_CHECK;

#endif
