/* utf8: what is text (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#ifndef LOOKIT_UTF8_H
#define LOOKIT_UTF8_H

#include "types.h"

/* Bytes of the character at p, of which n > 0 may be read; 0 when it is none. */
size_t utf8_length(const unsigned char *p, size_t n);

/* Is all of s UTF-8 without U+0000? PostgreSQL can hold nothing else. */
bool utf8_is_text(struct span s);

/* How many characters text has. */
size_t utf8_characters(struct span text);

#endif
