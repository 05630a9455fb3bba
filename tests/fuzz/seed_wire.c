/* seed_wire FOLDER: the example of every message, packed, as seeds for fuzz_wire. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "log.h"
#include "messages.h"
#include "wire.h"

static int seed_write(const char *folder, size_t which, const char *name, struct span bytes)
{
    char path[1024];
    FILE *f;
    int bad;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "wb");
    if (!f)
        return 1;
    bad = fputc((int)which, f) == EOF || fwrite(bytes.p, 1, bytes.n, f) != bytes.n;
    return fclose(f) || bad;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    int bad = argc != 2 || (mkdir(argv[1], 0755) && errno != EEXIST);

    for (size_t i = 0; i <= messages_n && !bad; i++) {
        const struct message *m = i < messages_n ? messages[i] : &WIRE_ENVELOPE;
        void *body = arena_get(a, m->size);
        struct span packed = {0};
        const char *why = "";
        for (size_t k = 0; k < m->field_n && !bad; k++)
            bad = wire_field_from_text(a, &m->field[k], span_of(m->field[k].eg), body, &why);
        bad = bad || wire_pack(a, m, body, &packed, NULL) || seed_write(argv[1], i, m->name, packed);
    }
    arena_free(&a);
    return bad;
}
