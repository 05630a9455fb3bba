/* message: the tables that the generator made. */
#include "test.h"

#include "messages.h"

static void messages_are_found_by_number_and_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < messages_n; i++) {
        assert_ptr_equal(message_by_id(messages[i]->id), messages[i]);
        assert_ptr_equal(message_by_name(span_of(messages[i]->name)), messages[i]);
        for (size_t k = 0; k < messages[i]->field_n; k++)
            assert_ptr_equal(message_field(messages[i], span_of(messages[i]->field[k].name)),
                             &messages[i]->field[k]);
    }
    assert_null(message_by_id(0));
    assert_null(message_by_id(0xffff));
    assert_null(message_by_name(SPAN("no.such")));
    assert_null(message_field(&MESSAGE_ctl_tap, SPAN("no_such")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_found_by_number_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
