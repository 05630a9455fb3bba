/* The protocol checker and its reader over any bytes: what they say holds together. */
#include <stdint.h>
#include <stdlib.h>

#include "checker.h"
#include "errors.h"
#include "json_reader.h"
#include "utf8.h"

#define HOLDS(cond)  \
    do {             \
        if (!(cond)) \
            abort(); \
    } while (0)

static struct protocol_report first, second;

static void report_holds(struct span text, const struct protocol_report *r, int rc)
{
    size_t errors = 0;

    HOLDS(rc == (r->errors ? ERR_INVALID : 0));
    HOLDS(r->n <= PROTOCOL_FINDINGS_MAX && r->n <= r->errors + r->warnings);
    for (size_t i = 0; i < r->n; i++) {
        const struct protocol_finding *f = &r->finding[i];
        HOLDS(f->at <= text.n && f->line >= 1 && f->column >= 1);
        HOLDS(i == 0 || r->finding[i - 1].at <= f->at);
        HOLDS((f->code[0] == 'E') == (f->severity == PROTOCOL_ERROR));
        HOLDS(utf8_is_text(span_of(f->path)) && utf8_is_text(span_of(f->sentence)));
        HOLDS(f->path[0] == '/' || f->path[0] == '\0');
        errors += f->severity == PROTOCOL_ERROR;
    }
    HOLDS(errors == (r->errors < PROTOCOL_FINDINGS_MAX ? r->errors : PROTOCOL_FINDINGS_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct span text = {(const char *)data, n};
    char *small = malloc(n + 1);
    size_t small_n = 0, again_n = 0;
    int rc;

    HOLDS(small);
    rc = protocol_check(text, &first);
    report_holds(text, &first, rc);
    rc = protocol_minify(text, small, n, &small_n);
    if (rc == 0) { /* nothing that counts changed, and nothing is left to change */
        rc = protocol_check((struct span){small, small_n}, &second);
        report_holds((struct span){small, small_n}, &second, rc);
        HOLDS(first.errors == second.errors && first.warnings == second.warnings && first.n == second.n);
        for (size_t i = 0; i < first.n; i++)
            HOLDS(first.finding[i].code == second.finding[i].code);
        HOLDS(protocol_minify((struct span){small, small_n}, small, small_n, &again_n) == 0 &&
              again_n == small_n);
    } else {
        HOLDS(json_valid(text, NULL, NULL) != 0 || n > PROTOCOL_BYTES_MAX || first.errors);
    }
    free(small);
    return 0;
}
