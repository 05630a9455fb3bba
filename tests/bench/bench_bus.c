/* bench_bus [SECONDS]: requests per second through a port, the hub and four replicas that do nothing, with 64
 * in flight, and the processor time of each (all threads; steadier than the rate on a busy machine); the same
 * from another process's place (ipc); then what the wire costs. Prints; asserts nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bus.h"
#include "probe.h"
#include "wire.h"

#define IN_FLIGHT 64
#define REPLICAS 4

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

struct run {
    uint64_t done, failed;
    int64_t us[1 << 16]; /* the last latencies */
    int64_t sent_at[IN_FLIGHT];
};

static void ask_one(struct port *p, struct run *run, uint64_t tag, struct span doc)
{
    int err = port_ask(p, &MESSAGE_probe_echo, &(struct probe_echo){.doc = doc}, 10000, 0, tag);

    MUST(!err);
    run->sent_at[tag] = clock_mono_us();
}

static void port_bench(struct port *p, const char *what, struct span doc, int seconds)
{
    struct arena *a = arena_new();
    struct run *run = calloc(1, sizeof *run);
    int64_t start = clock_mono_us(), until = start + seconds * 1000000LL, end;
    clock_t cpu = clock();
    struct answer answer;
    size_t kept;

    MUST(run);
    for (uint64_t tag = 0; tag < IN_FLIGHT; tag++)
        ask_one(p, run, tag, doc);
    while (clock_mono_us() < until)
        while (port_next(p, a, &answer, 100)) {
            run->us[run->done++ % (1 << 16)] = clock_mono_us() - run->sent_at[answer.tag];
            run->failed += answer.err != 0;
            arena_reset(a);
            if (clock_mono_us() >= until)
                break;
            ask_one(p, run, answer.tag, doc);
        }
    end = clock_mono_us();
    cpu = clock() - cpu;
    kept = run->done < 1 << 16 ? (size_t)run->done : 1 << 16;
    qsort(run->us, kept, sizeof run->us[0], compare);
    (void)printf("%-34s %8.0f requests/s   p50 %5.2f ms   p99 %5.2f ms   cpu %5.1f us each   failed %llu\n",
                 what, (double)run->done * 1e6 / (double)(end - start), (double)run->us[kept / 2] / 1e3,
                 (double)run->us[kept * 99 / 100] / 1e3,
                 (double)cpu * 1e6 / CLOCKS_PER_SEC / (double)run->done, (unsigned long long)run->failed);
    while (port_next(p, a, &answer, 200))
        arena_reset(a);
    free(run);
    arena_free(&a);
}

static void wire_bench(struct span doc)
{
    struct arena *a = arena_new();
    struct probe_echo echo = {.doc = doc, .op_id = {{1}}, .has_op_id = true}, got;
    struct span packed;
    int64_t start = clock_mono_us();
    int n = 500000, err = 0;

    for (int i = 0; i < n && !err; i++) {
        err = wire_pack(a, &MESSAGE_probe_echo, &echo, &packed, NULL);
        arena_reset(a);
    }
    (void)printf("%-34s %8.2f M/s\n", "pack, 300 bytes", n / (double)(clock_mono_us() - start));
    err = err ? err : wire_pack(a, &MESSAGE_probe_echo, &echo, &packed, NULL);
    start = clock_mono_us();
    for (int i = 0; i < n && !err; i++)
        err = wire_unpack(a, &MESSAGE_probe_echo, packed, &got, NULL);
    (void)printf("%-34s %8.2f M/s\n", "validate and unpack, 300 bytes",
                 n / (double)(clock_mono_us() - start));
    MUST(!err);
    arena_free(&a);
}

static void folder_remove(const char *dir)
{
    static const char *const inside[] = {"run/spool", "run", "spool", ""};
    char path[128];

    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, inside[i]);
        (void)remove(path);
    }
}

int main(int argc, char **argv)
{
    static char small[280], large[40000];
    char dir[] = "/tmp/lookit-bench.XXXXXX", run[64], spool[64];
    int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3, err;
    struct roster_entry roster[] = {{&probe_actor, REPLICAS, "web"}, {0}};
    struct bus_options options = {.roster = roster, .roles = "all", .run_dir = run, .spool_dir = spool};
    struct bus *b;
    struct port *p;

    crypt_init();
    memset(small, '1', sizeof small);
    memset(large, '1', sizeof large);
    MUST(mkdtemp(dir));
    (void)snprintf(run, sizeof run, "%s/run", dir);
    (void)snprintf(spool, sizeof spool, "%s/spool", dir);
    err = bus_start(&b, &options);
    MUST(!err);
    err = port_open(&p, b, NULL, "gateway");
    MUST(!err);
    (void)printf("%d replicas, %d in flight, %ld processors\n", REPLICAS, IN_FLIGHT,
                 sysconf(_SC_NPROCESSORS_ONLN));
    port_bench(p, "inside, 280 bytes each way", (struct span){small, sizeof small}, seconds);
    port_bench(p, "inside, 40,000 bytes each way", (struct span){large, sizeof large}, seconds);
    port_close(&p);
    err = port_open(&p, NULL, run, "ops");
    MUST(!err);
    port_bench(p, "another process, 280 bytes", (struct span){small, sizeof small}, seconds);
    port_close(&p);
    bus_stop(&b);
    wire_bench((struct span){small, sizeof small});
    folder_remove(dir);
    return 0;
}
