#include "test.h"

#include <stdio.h>
#include <stdlib.h>

void assert_span(struct span got, const char *want)
{
    if (!span_is(got, want))
        fail_msg("got \"%.*s\", want \"%s\"", (int)got.n, got.p ? got.p : "", want);
}

const char *source_path(const char *relative)
{
    static char path[1024];
    const char *root = getenv("LOOKIT_SOURCE");

    (void)snprintf(path, sizeof path, "%s/%s", root ? root : ".", relative);
    return path;
}
