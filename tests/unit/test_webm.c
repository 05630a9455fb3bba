/* webm: a live recording gets duration and index; a cut one keeps what is whole; everything else is left
 * alone.
 *
 * Covers: actors/video/ebml.c */
#include "webm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ebml.h"
#include "errors.h"
#include "test.h"

static struct ebml_file made; /* of the last finish */
static struct webm_report report;

/* Finishes a seed, of which only the first bytes are there when most is not 0. */
static int finish(const char *seed, uint64_t most)
{
    int in = open(source_path(seed), O_RDONLY);
    FILE *out = tmpfile();
    struct stat st;
    int err;

    assert_true(in >= 0 && out && fstat(in, &st) == 0);
    err = webm_finish(in, most ? most : (uint64_t)st.st_size, fileno(out), &report);
    (void)close(in);
    ebml_init(&made, fileno(out), (uint64_t)lseek(fileno(out), 0, SEEK_END));
    return err;
}

/* The first element with this id below the one at `at`, whose content must be elements. */
static struct ebml_element child(const struct ebml_element *of, uint32_t id)
{
    struct ebml_element e;

    for (uint64_t at = of->body; at < ebml_end(of); at = ebml_end(&e)) {
        assert_int_equal(ebml_read(&made, at, ebml_end(of), &e), 0);
        assert_true(e.size != EBML_UNKNOWN);
        if (e.id == id)
            return e;
    }
    fail_msg("no element %x", id);
    return e;
}

static struct ebml_element segment(void)
{
    struct ebml_element head, e;

    assert_int_equal(ebml_read(&made, 0, made.size, &head), 0);
    assert_int_equal(ebml_read(&made, ebml_end(&head), made.size, &e), 0);
    assert_int_equal(ebml_end(&e), made.size);
    return e;
}

static void a_live_recording_gets_its_duration(void **state)
{
    struct ebml_element s, info, duration;
    uint64_t bits;
    double value;

    (void)state;
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 0), 0);
    s = segment();
    info = child(&s, 0x1549a966);
    duration = child(&info, 0x4489);
    assert_int_equal(ebml_number(&made, &duration, &bits), 0);
    memcpy(&value, &bits, sizeof value);
    assert_true(value > 2700 && value < 3300);
    assert_true(report.duration_ms > 2700 && report.duration_ms < 3300);
    assert_int_equal(report.bytes_cut, 0);
}

static void every_index_entry_leads_to_a_cluster_of_its_time(void **state)
{
    struct ebml_element s, cues, point, positions, e, cluster, time;
    uint64_t cue_time, position, cluster_time;
    int n = 0;

    (void)state;
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 0), 0);
    s = segment();
    cues = child(&s, 0x1c53bb6b);
    for (uint64_t at = cues.body; at < ebml_end(&cues); at = ebml_end(&point), n++) {
        assert_int_equal(ebml_read(&made, at, ebml_end(&cues), &point), 0);
        e = child(&point, 0xb3);
        assert_int_equal(ebml_number(&made, &e, &cue_time), 0);
        positions = child(&point, 0xb7);
        e = child(&positions, 0xf1);
        assert_int_equal(ebml_number(&made, &e, &position), 0);
        assert_int_equal(ebml_read(&made, s.body + position, ebml_end(&s), &cluster), 0);
        assert_int_equal(cluster.id, 0x1f43b675);
        time = child(&cluster, 0xe7);
        assert_int_equal(ebml_number(&made, &time, &cluster_time), 0);
        assert_int_equal(cue_time, cluster_time);
    }
    assert_true(n >= 2);
}

static void the_signposts_in_front_lead_to_info_tracks_and_index(void **state)
{
    static const uint32_t ids[] = {0x1549a966, 0x1654ae6b, 0x1c53bb6b};
    struct ebml_element s, head, seek, e, target;
    uint64_t position;
    size_t n = 0;

    (void)state;
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 0), 0);
    s = segment();
    head = child(&s, 0x114d9b74);
    for (uint64_t at = head.body; at < ebml_end(&head); at = ebml_end(&seek), n++) {
        assert_int_equal(ebml_read(&made, at, ebml_end(&head), &seek), 0);
        e = child(&seek, 0x53ac);
        assert_int_equal(ebml_number(&made, &e, &position), 0);
        assert_int_equal(ebml_read(&made, s.body + position, ebml_end(&s), &target), 0);
        assert_true(n < 3);
        assert_int_equal(target.id, ids[n]);
    }
    assert_int_equal(n, 3);
}

static void what_was_cut_off_in_the_middle_of_a_frame_keeps_all_whole_frames(void **state)
{
    (void)state;
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 3001), 0);
    assert_true(report.bytes_cut > 0 && report.clusters >= 1);
    (void)segment();
}

static void a_finished_file_and_other_formats_are_left_alone(void **state)
{
    (void)state;
    assert_int_equal(finish("tests/fuzz/seeds/webm/finished.webm", 0), ERR_UNSUPPORTED);
    assert_int_equal(finish("CMakeLists.txt", 0), ERR_UNSUPPORTED);
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 1), ERR_UNSUPPORTED);
    assert_int_equal(finish("tests/fuzz/seeds/webm/live.webm", 60), ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_recording_gets_its_duration),
        cmocka_unit_test(every_index_entry_leads_to_a_cluster_of_its_time),
        cmocka_unit_test(the_signposts_in_front_lead_to_info_tracks_and_index),
        cmocka_unit_test(what_was_cut_off_in_the_middle_of_a_frame_keeps_all_whole_frames),
        cmocka_unit_test(a_finished_file_and_other_formats_are_left_alone)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
