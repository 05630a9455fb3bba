/* accept: see the header. */
#include "accept.h"

#include "form.h"
#include "http.h"
#include "json.h"

struct span accept_range(struct span header)
{
    static const char *const ranges[] = {"text/html", "*/*", "application/*", "application/vnd.api+json"};
    struct span best = {NULL, 0}, one;
    size_t rank = 0;

    for (size_t at = 0; http_list_next(header, &at, &one);)
        for (size_t k = rank; k < sizeof ranges / sizeof *ranges; k++)
            if (media_type_is(one, ranges[k])) {
                best = one;
                rank = k + 1;
                break;
            }
    return best;
}

unsigned accept_indent(struct span range)
{
    struct span n = header_parameter(range, "indent");
    unsigned by = 0;

    for (size_t i = 0; i < n.n && by <= JSON_INDENT_MAX; i++) {
        if (n.p[i] < '0' || n.p[i] > '9')
            return 0;
        by = 10 * by + (unsigned)(n.p[i] - '0');
    }
    return by < JSON_INDENT_MAX ? by : JSON_INDENT_MAX;
}
