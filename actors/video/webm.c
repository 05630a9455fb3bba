/* webm: see the header. Two passes: the first walks the elements and notes where clusters and key frames are;
 * the second writes. */
#include "webm.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "ebml.h"
#include "errors.h"
#include "log.h"

/* RFC 9559 §5 */
enum {
    ID_EBML = 0x1a45dfa3,
    ID_SEGMENT = 0x18538067,
    ID_SEEK_HEAD = 0x114d9b74,
    ID_SEEK = 0x4dbb,
    ID_SEEK_ID = 0x53ab,
    ID_SEEK_POSITION = 0x53ac,
    ID_INFO = 0x1549a966,
    ID_TIMESTAMP_SCALE = 0x2ad7b1,
    ID_DURATION = 0x4489,
    ID_TRACKS = 0x1654ae6b,
    ID_TRACK_ENTRY = 0xae,
    ID_TRACK_NUMBER = 0xd7,
    ID_TRACK_TYPE = 0x83,
    ID_CLUSTER = 0x1f43b675,
    ID_TIMESTAMP = 0xe7,
    ID_SIMPLE_BLOCK = 0xa3,
    ID_BLOCK_GROUP = 0xa0,
    ID_BLOCK = 0xa1,
    ID_CUES = 0x1c53bb6b,
    ID_CUE_POINT = 0xbb,
    ID_CUE_TIME = 0xb3,
    ID_CUE_TRACK_POSITIONS = 0xb7,
    ID_CUE_TRACK = 0xf7,
    ID_CUE_CLUSTER_POSITION = 0xf1,
    ID_TAGS = 0x1254c367,
    ID_CHAPTERS = 0x1043a770,
    ID_ATTACHMENTS = 0x1941a469
};

#define CLUSTERS_MAX 200000u
#define HEAD_MAX (1u << 20) /* EBML header, Info and Tracks together */
#define CUE_GAP_MS 500      /* index entries are at least this far apart */
#define LAST_FRAME_TICKS 33 /* how long the last frame is shown: nobody says */
#define CUE_POINT_BYTES 64  /* of one index entry, with room to spare */

struct cluster {
    uint64_t body, size; /* of its content, in the old file */
    uint64_t time;       /* in ticks */
    bool has_key;
};

struct webm {
    struct ebml_file file;
    struct ebml_element ebml, segment, info, tracks;
    bool has_info, has_tracks, has_duration;
    uint64_t scale; /* nanoseconds of a tick */
    uint64_t video_track, first_track;
    uint64_t last_tick;
    struct cluster *cluster;
    size_t cluster_n, cluster_room;
    uint64_t cut;
};

static bool is_level1(uint32_t id)
{
    return id == ID_CLUSTER || id == ID_CUES || id == ID_TAGS || id == ID_INFO || id == ID_TRACKS ||
           id == ID_SEEK_HEAD || id == ID_CHAPTERS || id == ID_ATTACHMENTS;
}

/* ---- first pass */

static int info_read(struct webm *w)
{
    struct ebml_element e;

    for (uint64_t at = w->info.body; at < ebml_end(&w->info); at = ebml_end(&e)) {
        if (ebml_read(&w->file, at, ebml_end(&w->info), &e) || e.size == EBML_UNKNOWN)
            return ERR_UNSUPPORTED;
        if (e.id == ID_TIMESTAMP_SCALE && ebml_number(&w->file, &e, &w->scale))
            return ERR_UNSUPPORTED;
        w->has_duration = w->has_duration || e.id == ID_DURATION;
    }
    return w->scale >= 1000 && w->scale <= 1000000000 ? 0 : ERR_UNSUPPORTED;
}

static int track_read(struct webm *w, const struct ebml_element *entry)
{
    struct ebml_element e;
    uint64_t number = 0, type = 0;

    for (uint64_t at = entry->body; at < ebml_end(entry); at = ebml_end(&e)) {
        if (ebml_read(&w->file, at, ebml_end(entry), &e) || e.size == EBML_UNKNOWN)
            return ERR_UNSUPPORTED;
        if (e.id == ID_TRACK_NUMBER && ebml_number(&w->file, &e, &number))
            return ERR_UNSUPPORTED;
        if (e.id == ID_TRACK_TYPE && ebml_number(&w->file, &e, &type))
            return ERR_UNSUPPORTED;
    }
    if (!w->first_track)
        w->first_track = number;
    if (type == 1 && !w->video_track)
        w->video_track = number;
    return 0;
}

static int tracks_read(struct webm *w)
{
    struct ebml_element e;

    for (uint64_t at = w->tracks.body; at < ebml_end(&w->tracks); at = ebml_end(&e)) {
        if (ebml_read(&w->file, at, ebml_end(&w->tracks), &e) || e.size == EBML_UNKNOWN)
            return ERR_UNSUPPORTED;
        if (e.id == ID_TRACK_ENTRY && track_read(w, &e))
            return ERR_UNSUPPORTED;
    }
    return w->first_track ? 0 : ERR_UNSUPPORTED;
}

/* A block begins with the track (one byte for up to 126 tracks), a signed 16-bit time against its cluster,
 * and flags. */
static int block_read(struct webm *w, struct cluster *c, const struct ebml_element *e)
{
    const uint8_t *p = e->size >= 4 ? ebml_bytes(&w->file, e->body, 4) : NULL;
    uint64_t track = w->video_track ? w->video_track : w->first_track;
    int64_t tick;

    if (!p || !(p[0] & 0x80))
        return ERR_UNSUPPORTED;
    tick = (int64_t)c->time + (int16_t)(uint16_t)(p[1] << 8 | p[2]);
    if (tick > 0 && (uint64_t)tick > w->last_tick)
        w->last_tick = (uint64_t)tick;
    if ((p[0] & 0x7f) == track && (p[3] & 0x80))
        c->has_key = true;
    return 0;
}

static struct cluster *cluster_add(struct webm *w)
{
    if (w->cluster_n == CLUSTERS_MAX)
        return NULL;
    if (w->cluster_n == w->cluster_room) {
        w->cluster_room = w->cluster_room ? w->cluster_room * 2 : 256;
        w->cluster = realloc(w->cluster, w->cluster_room * sizeof *w->cluster);
        MUST(w->cluster);
    }
    w->cluster[w->cluster_n] = (struct cluster){0};
    return &w->cluster[w->cluster_n++];
}

/* Walks a cluster; *next is where it ends: at its size, at the next element that can only stand beside it, or
 * where the file was cut. */
static int cluster_read(struct webm *w, const struct ebml_element *head, uint64_t *next)
{
    uint64_t end = head->size == EBML_UNKNOWN ? w->file.size : ebml_end(head), at = head->body;
    struct cluster *c = cluster_add(w);
    struct ebml_element e;

    if (!c)
        return ERR_UNSUPPORTED;
    while (at < end) {
        if (ebml_read(&w->file, at, end, &e) || (e.size == EBML_UNKNOWN && e.id != ID_CLUSTER)) {
            w->cut = w->file.size - at;
            end = at;
            *next = w->file.size;
            break;
        }
        if (is_level1(e.id)) {
            end = at;
            break;
        }
        if (e.id == ID_TIMESTAMP && ebml_number(&w->file, &e, &c->time))
            return ERR_UNSUPPORTED;
        if (e.id == ID_SIMPLE_BLOCK && block_read(w, c, &e))
            return ERR_UNSUPPORTED;
        if (e.id == ID_BLOCK_GROUP)
            c->has_key = true; /* the first of a group decides; players find their way from here */
        at = ebml_end(&e);
    }
    if (!w->cut)
        *next = at;
    c->body = head->body;
    c->size = end - head->body;
    if (c->size == 0)
        w->cluster_n--;
    return 0;
}

static int segment_read(struct webm *w)
{
    struct ebml_element e;
    uint64_t at = w->segment.body;

    while (at < w->file.size && !w->cut) {
        bool is_bad =
            ebml_read(&w->file, at, w->file.size, &e) || (e.size == EBML_UNKNOWN && e.id != ID_CLUSTER);
        if (is_bad) {
            w->cut = w->file.size - at;
            break;
        }
        if (e.id == ID_CUES)
            return ERR_UNSUPPORTED; /* finished already */
        if (e.id == ID_INFO && !w->has_info) {
            w->info = e;
            w->has_info = true;
            if (info_read(w))
                return ERR_UNSUPPORTED;
        }
        if (e.id == ID_TRACKS && !w->has_tracks) {
            w->tracks = e;
            w->has_tracks = true;
            if (tracks_read(w))
                return ERR_UNSUPPORTED;
        }
        if (e.id != ID_CLUSTER)
            at = ebml_end(&e);
        else if (!w->has_tracks || cluster_read(w, &e, &at))
            return ERR_UNSUPPORTED;
    }
    return w->has_info && w->has_tracks && w->cluster_n && !w->has_duration ? 0 : ERR_UNSUPPORTED;
}

static int file_read(struct webm *w)
{
    if (ebml_read(&w->file, 0, w->file.size, &w->ebml) || w->ebml.id != ID_EBML || w->ebml.size > 4096)
        return ERR_UNSUPPORTED;
    if (ebml_read(&w->file, ebml_end(&w->ebml), w->file.size, &w->segment) || w->segment.id != ID_SEGMENT)
        return ERR_UNSUPPORTED;
    w->scale = 1000000;
    return segment_read(w);
}

/* ---- second pass */

static int write_all(int out, const void *p, size_t n)
{
    const char *at = p;

    while (n) {
        ssize_t done = write(out, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_AWAY;
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int copy(const struct webm *w, uint64_t at, uint64_t n, int out)
{
    static _Thread_local char bytes[1 << 18];

    while (n) {
        size_t most = n < sizeof bytes ? (size_t)n : sizeof bytes;
        ssize_t got = pread(w->file.fd, bytes, most, (off_t)at);
        int err;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERR_AWAY;
        err = write_all(out, bytes, (size_t)got);
        if (err)
            return err;
        at += (uint64_t)got;
        n -= (uint64_t)got;
    }
    return 0;
}

/* An element of known size that other elements fill: its size is put in when it is complete. */
static size_t group_begin(struct ebml_out *o, uint32_t id)
{
    ebml_put_id(o, id);
    ebml_put_size8(o, 0);
    return o->n;
}

static void group_end(struct ebml_out *o, size_t body)
{
    struct ebml_out size = {o->p + body - 8, 0, 8};

    if (o->n <= o->room)
        ebml_put_size8(&size, o->n - body);
}

static int element_copy(struct webm *w, struct ebml_out *o, uint64_t at, uint64_t n)
{
    while (n) {
        size_t part = n < 4096 ? (size_t)n : 4096;
        const uint8_t *p = ebml_bytes(&w->file, at, part);
        if (!p)
            return ERR_AWAY;
        ebml_put_bytes(o, p, part);
        at += part;
        n -= part;
    }
    return 0;
}

static int info_write(struct webm *w, struct ebml_out *o, double duration)
{
    size_t body = group_begin(o, ID_INFO);
    int err = element_copy(w, o, w->info.body, w->info.size);

    ebml_put_double(o, ID_DURATION, duration);
    group_end(o, body);
    return err;
}

static void seek_write(struct ebml_out *o, uint32_t id, uint64_t position)
{
    size_t body = group_begin(o, ID_SEEK);
    size_t id_body = group_begin(o, ID_SEEK_ID);

    ebml_put_id(o, id);
    group_end(o, id_body);
    ebml_put_number(o, ID_SEEK_POSITION, position);
    group_end(o, body);
}

#define SEEK_BYTES (2 + 8 + 2 + 8 + 4 + 2 + 1 + 8)
#define SEEK_HEAD_BYTES (4 + 8 + 3 * SEEK_BYTES)

/* The part of the segment before the clusters. Positions count from the start of the segment's content. */
static int head_write(struct webm *w, struct ebml_out *o, uint64_t clusters_bytes)
{
    double duration = (double)(w->last_tick + LAST_FRAME_TICKS);
    uint64_t info_bytes = 4 + 8 + w->info.size + 2 + 1 + 8,
             tracks_bytes = ebml_end(&w->tracks) - w->tracks.at;
    size_t body = group_begin(o, ID_SEEK_HEAD);
    int err;

    seek_write(o, ID_INFO, SEEK_HEAD_BYTES);
    seek_write(o, ID_TRACKS, SEEK_HEAD_BYTES + info_bytes);
    seek_write(o, ID_CUES, SEEK_HEAD_BYTES + info_bytes + tracks_bytes + clusters_bytes);
    group_end(o, body);
    err = info_write(w, o, duration);
    return err ? err : element_copy(w, o, w->tracks.at, tracks_bytes);
}

static void cues_write(const struct webm *w, struct ebml_out *o, uint64_t position)
{
    uint64_t track = w->video_track ? w->video_track : w->first_track,
             gap = CUE_GAP_MS * UINT64_C(1000000) / w->scale;
    size_t body = group_begin(o, ID_CUES);
    bool has_any = false;
    uint64_t last = 0;

    for (size_t i = 0; i < w->cluster_n; position += 4 + 8 + w->cluster[i].size, i++) {
        const struct cluster *c = &w->cluster[i];
        size_t point, track_positions;
        if (!(c->has_key || !w->video_track) || (has_any && c->time < last + gap))
            continue;
        point = group_begin(o, ID_CUE_POINT);
        ebml_put_number(o, ID_CUE_TIME, c->time);
        track_positions = group_begin(o, ID_CUE_TRACK_POSITIONS);
        ebml_put_number(o, ID_CUE_TRACK, track);
        ebml_put_number(o, ID_CUE_CLUSTER_POSITION, position);
        group_end(o, track_positions);
        group_end(o, point);
        has_any = true;
        last = c->time;
    }
    group_end(o, body);
}

static int clusters_write(const struct webm *w, int out)
{
    for (size_t i = 0; i < w->cluster_n; i++) {
        uint8_t bytes[12];
        struct ebml_out head = {bytes, 0, sizeof bytes};
        int err;
        ebml_put_id(&head, ID_CLUSTER);
        ebml_put_size8(&head, w->cluster[i].size);
        err = write_all(out, bytes, head.n);
        if (!err)
            err = copy(w, w->cluster[i].body, w->cluster[i].size, out);
        if (err)
            return err;
    }
    return 0;
}

static int file_write(struct webm *w, int out)
{
    size_t room = HEAD_MAX + w->cluster_n * CUE_POINT_BYTES + 64;
    uint8_t *memory = malloc(room);
    struct ebml_out head = {memory, 0, HEAD_MAX}, cues = {memory + HEAD_MAX, 0, room - HEAD_MAX},
                    segment = {(uint8_t[12]){0}, 0, 12};
    uint64_t clusters_bytes = 0;
    int err;

    MUST(memory);
    for (size_t i = 0; i < w->cluster_n; i++)
        clusters_bytes += 4 + 8 + w->cluster[i].size;
    err =
        w->info.size + w->tracks.size > HEAD_MAX / 2 ? ERR_UNSUPPORTED : head_write(w, &head, clusters_bytes);
    cues_write(w, &cues, head.n);
    if (!err && (head.n > head.room || cues.n > cues.room))
        err = ERR_UNSUPPORTED;
    ebml_put_id(&segment, ID_SEGMENT);
    ebml_put_size8(&segment, head.n + clusters_bytes + cues.n);
    if (!err)
        err = copy(w, 0, ebml_end(&w->ebml), out);
    if (!err)
        err = write_all(out, segment.p, segment.n);
    if (!err)
        err = write_all(out, head.p, head.n);
    if (!err)
        err = clusters_write(w, out);
    if (!err)
        err = write_all(out, cues.p, cues.n);
    free(memory);
    return err;
}

int webm_finish(int in, uint64_t size, int out, struct webm_report *report)
{
    struct webm *w = calloc(1, sizeof *w);
    int err;

    MUST(w);
    ebml_init(&w->file, in, size);
    err = file_read(w);
    if (!err)
        err = file_write(w, out);
    *report = (struct webm_report){(double)(w->last_tick + LAST_FRAME_TICKS) * (double)w->scale / 1e6,
                                   (uint32_t)w->cluster_n, w->cut};
    free(w->cluster);
    free(w);
    return err;
}
