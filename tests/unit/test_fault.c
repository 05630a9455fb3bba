/* What is wrong with a document is collected place by place. */
#include <stdio.h>

#include "house.h"
#include "json_reader.h"
#include "test.h"

static struct arena *arena;
static struct refusal refusal;
static struct call call;

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    refusal = (struct refusal){0};
    call = (struct call){.arena = arena, .refusal = &refusal};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void nothing_wrong_is_no_refusal(void **state)
{
    (void)state;
    faults_take(&call, (struct span){NULL, 0});
    faults_take(&call, SPAN("not json"));
    assert_int_equal(faults_check(&call), 0);
}

static void what_the_gateway_found_and_what_the_desk_finds_are_told_together(void **state)
{
    (void)state;
    faults_take(&call, SPAN("[[\"attributes/completed\",\"null\",\"This may not be null.\"]]"));
    fault_add(&call, "relationships/child", "required", "This field is %s.", "required");
    assert_span(fault_at(&call, "attributes/completed"), "null");
    assert_null(fault_at(&call, "attributes/exp_data").p);
    assert_int_equal(faults_check(&call), ERR_INVALID);
    assert_span(refusal.field, "attributes/completed");
    assert_span(refusal.errors, "[[\"attributes/completed\",\"null\",\"This may not be null.\"],"
                                "[\"relationships/child\",\"required\",\"This field is required.\"]]");
}

static void of_one_place_the_first_mistake_counts(void **state)
{
    (void)state;
    fault_add(&call, "attributes/x", "null", "a");
    fault_add(&call, "attributes/x", "blank", "b");
    assert_int_equal(faults_check(&call), ERR_INVALID);
    assert_span(refusal.errors, "[[\"attributes/x\",\"null\",\"a\"]]");
}

static void a_mistake_may_be_put_in_place_of_another(void **state)
{
    (void)state;
    fault_add(&call, "attributes/x/0", "blank", "a");
    fault_set(&call, "attributes/x/0", "invalid_choice", "%s", "b");
    fault_set(&call, "attributes/x/1", "invalid_choice", "c");
    assert_int_equal(faults_check(&call), ERR_INVALID);
    assert_span(
        refusal.errors,
        "[[\"attributes/x/0\",\"invalid_choice\",\"b\"],[\"attributes/x/1\",\"invalid_choice\",\"c\"]]");
}

static void more_mistakes_than_fit_are_fewer_and_whole(void **state)
{
    char place[40], long_text[280];

    (void)state;
    memset(long_text, '\x01', sizeof long_text - 1); /* six bytes each in JSON */
    long_text[sizeof long_text - 1] = 0;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(place, sizeof place, "attributes/sequence/%d", i);
        fault_add(&call, place, "invalid_choice", "%s", long_text);
    }
    assert_int_equal(faults_check(&call), ERR_INVALID);
    assert_true(refusal.errors.n <= 32768 && refusal.errors.n > 16384);
    assert_int_equal(json_valid(refusal.errors, NULL, NULL), 0);
}

static void one_thing_may_be_wrong_with_the_whole(void **state)
{
    (void)state;
    fault_add(&call, "attributes/x", "null", "a");
    assert_int_equal(fault_refuse(&call, ERR_LOGIN, "authentication_failed", "No."), ERR_LOGIN);
    assert_span(refusal.errors, "[[\"data\",\"authentication_failed\",\"No.\"]]");
    assert_span(refusal.text, "No.");
}

static void a_relationship_is_of_the_type_it_must_be(void **state)
{
    static const struct span names[] = {{"comment", 7}, {"pipe_name", 9}};

    (void)state;
    assert_int_equal(relation_check(&call, false, SPAN("x"), "children"), 0);
    assert_int_equal(relation_check(&call, true, SPAN("children"), "children"), 0);
    assert_int_equal(relation_check(&call, true, SPAN("child"), "children"), ERR_CONFLICT);
    assert_span(refusal.text, "Incorrect relation type. Expected children, received child.");
    assert_true(list_has((struct list){names, 2}, "pipe_name"));
    assert_false(list_has((struct list){names, 2}, "pipe"));
    assert_false(list_has((struct list){0}, "pipe"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_wrong_is_no_refusal),
        CASE(what_the_gateway_found_and_what_the_desk_finds_are_told_together),
        CASE(of_one_place_the_first_mistake_counts),
        CASE(a_mistake_may_be_put_in_place_of_another),
        CASE(more_mistakes_than_fit_are_fewer_and_whole),
        CASE(one_thing_may_be_wrong_with_the_whole),
        CASE(a_relationship_is_of_the_type_it_must_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
