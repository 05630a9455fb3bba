/* replay: runs a fuzz target over files, without libFuzzer. Each argument is a file or a folder of files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The bytes lie in a block of exactly their size, so that a sanitizer sees a read behind them. */
static int file_run(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    uint8_t *data;
    size_t n;

    if (!f || fstat(fileno(f), &st) || !S_ISREG(st.st_mode)) {
        (void)fprintf(stderr, "%s cannot be read\n", path);
        if (f)
            (void)fclose(f);
        return -1;
    }
    n = (size_t)st.st_size;
    data = malloc(n ? n : 1);
    if (!data || fread(data, 1, n, f) != n)
        abort();
    (void)fclose(f);
    (void)LLVMFuzzerTestOneInput(data, n);
    free(data);
    return 0;
}

static int folder_run(const char *path, size_t *count)
{
    DIR *d = opendir(path);
    int rc = 0;

    if (!d)
        return -1;
    for (struct dirent *e = readdir(d); e && rc == 0; e = readdir(d)) {
        char file[1024];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        rc = file_run(file);
        ++*count;
    }
    (void)closedir(d);
    return rc;
}

int main(int argc, char **argv)
{
    size_t count = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;
        int rc = stat(argv[i], &st);
        if (rc == 0 && S_ISDIR(st.st_mode)) {
            rc = folder_run(argv[i], &count);
        } else if (rc == 0) {
            rc = file_run(argv[i]);
            count++;
        }
        if (rc) {
            (void)fprintf(stderr, "%s: no seeds\n", argv[i]);
            return 1;
        }
    }
    (void)printf("%zu inputs\n", count);
    return count ? 0 : 1;
}
