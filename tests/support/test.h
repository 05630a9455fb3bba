/* test: what every cmocka program includes. */
#ifndef LOOKIT_TEST_H
#define LOOKIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "types.h"

/* Fails unless the span holds exactly this text. */
void assert_span(struct span got, const char *want);

/* "$LOOKIT_SOURCE/relative", static buffer. */
const char *source_path(const char *relative);

#endif
