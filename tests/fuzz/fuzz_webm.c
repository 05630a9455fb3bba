/* A recording of any bytes: finishing it neither breaks nor grows without reason, and what it made is left
 * alone. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "errors.h"
#include "webm.h"

#define HOLDS(cond)  \
    do {             \
        if (!(cond)) \
            abort(); \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FILE *in = tmpfile(), *out = tmpfile(), *again = tmpfile();
    struct webm_report report;
    off_t size;
    int err;

    HOLDS(in && out && again);
    HOLDS(fwrite(data, 1, n, in) == n && fflush(in) == 0);
    err = webm_finish(fileno(in), n, fileno(out), &report);
    HOLDS(err == 0 || err == ERR_UNSUPPORTED);
    size = lseek(fileno(out), 0, SEEK_END);
    if (err == 0) {
        HOLDS(report.duration_ms > 0 && report.clusters > 0 && report.bytes_cut < n);
        HOLDS((uint64_t)size < n + 512 + report.clusters * UINT64_C(80));
        HOLDS(webm_finish(fileno(out), (uint64_t)size, fileno(again), &report) == ERR_UNSUPPORTED);
    }
    HOLDS(fclose(in) == 0 && fclose(out) == 0 && fclose(again) == 0);
    return 0;
}
