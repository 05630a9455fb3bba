/* name: six parts, each as video.md says, and nothing else. */
#include "name.h"

#include "crypt.h"
#include "test.h"

#define STUDY "0d3f0000-0000-4000-8000-000000000001"
#define RESPONSE "7d3f9a21-6b5c-4e8d-8f10-a2b4c6d8e0f1"

static void a_name_says_study_frame_response_and_time(void **state)
{
    struct video_name n;
    char text[37];

    (void)state;
    assert_int_equal(
        video_name_read(
            SPAN("consent-videoStream_" STUDY "_1-video consent_" RESPONSE "_1714567890123_42.webm"), &n),
        0);
    assert_true(n.is_consent);
    uuid_text(&n.study, text);
    assert_string_equal(text, STUDY);
    uuid_text(&n.response, text);
    assert_string_equal(text, RESPONSE);
    assert_span(n.frame, "1-video consent");
    assert_span(n.ending, "webm");
    assert_int_equal(n.made_us, 1714567890123000);
    assert_int_equal(video_name_read(SPAN("videoStream_" STUDY "_0-a-multiframe_" RESPONSE "_1_0.mp4"), &n),
                     0);
    assert_false(n.is_consent);
}

static void other_shapes_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "videoStream",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_0",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_0.",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_0.WEBM",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_0.webm/x",
                                      "videoStream_" STUDY "__" RESPONSE "_1_0.webm",
                                      "videoStream_" STUDY "_f_g_" RESPONSE "_1_0.webm",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_1000.webm",
                                      "videoStream_" STUDY "_f_" RESPONSE "_x_0.webm",
                                      "videoStream_" STUDY "_f_" RESPONSE "_-1_0.webm",
                                      "videoStream_" STUDY "_f_" RESPONSE "_999999999999999_0.webm",
                                      "Consent-videoStream_" STUDY "_f_" RESPONSE "_1_0.webm",
                                      "videoStream_0d3f_f_" RESPONSE "_1_0.webm",
                                      "videoStream_" STUDY "_f_" RESPONSE "_1_0.webm_"};
    struct video_name n;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (video_name_read(span_of(bad[i]), &n) == 0)
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_name_says_study_frame_response_and_time),
                                       cmocka_unit_test(other_shapes_are_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
