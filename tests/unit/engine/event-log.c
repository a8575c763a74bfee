/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/event-log.h"

#include "base/fd.h"
#include "base/scratch.h"
#include "engine/event-filter.h"
#include "state/fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

static void append(const char *directory, const char *text)
{
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    WORKS(event_log_append(directory, line, strlen(line), &error));
}

static void fill(const char *directory)
{
    static char line[EVENT_LINE_MAX_BYTES];

    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\n';
    for (size_t written = 0; written < EVENT_LOG_MAX_BYTES; written += sizeof(line))
        WORKS(event_log_append(directory, line, sizeof(line), &error));
}

static EventLogReader *open_log(const char *directory, bool follow)
{
    EventLogReader *reader = NULL;

    WORKS(event_log_open(directory, 0, follow, &reader, &error));
    return reader;
}

static void assert_next(EventLogReader *reader, const char *wanted)
{
    const char *line = NULL;

    do
        WORKS(event_log_next(reader, &line, &error));
    while (line != NULL && line[0] == 'x');
    g_assert_cmpstr(line, ==, wanted);
}

static void test_lines_come_back_in_order(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");

    append(log, "one");
    append(log, "");
    append(log, "two");
    g_autoptr(EventLogReader) reader = open_log(log, false);
    assert_next(reader, "one");
    assert_next(reader, "");
    assert_next(reader, "two");
    assert_next(reader, NULL);
    g_assert_cmpint(event_log_fd(reader), ==, -1);
}

static void test_there_need_be_no_log(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");
    g_autoptr(EventLogReader) reader = open_log(log, false);

    assert_next(reader, NULL);
    g_assert_false(path_exists(log));
}

static void test_a_full_log_makes_room(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");
    IN(log, path, "events.log");
    IN(log, old_path, "events.log.1");
    struct stat info;

    for (int i = 0; i < 3; i++) {
        fill(log);
        append(log, "new");
    }
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_size, <=, EVENT_LOG_MAX_BYTES + EVENT_LINE_MAX_BYTES);
    g_assert_cmpint(stat(old_path, &info), ==, 0);
    g_assert_cmpint(info.st_size, <=, EVENT_LOG_MAX_BYTES + EVENT_LINE_MAX_BYTES);
    g_autoptr(EventLogReader) reader = open_log(log, false);
    assert_next(reader, "new");
    assert_next(reader, "new");
    assert_next(reader, NULL);
}

static void test_a_follower_goes_on_over_renamings(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");
    g_autoptr(EventLogReader) reader = open_log(log, true);

    assert_next(reader, NULL);
    append(log, "one");
    assert_next(reader, "one");
    assert_next(reader, NULL);
    fill(log);
    append(log, "two");
    fill(log);
    append(log, "three");
    assert_next(reader, "two");
    assert_next(reader, "three");
    assert_next(reader, NULL);
}

static void test_a_writer_that_is_late_is_heard(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");
    IN(log, path, "events.log");
    g_autoptr(EventLogReader) reader = open_log(log, true);

    fill(log);
    autofd int late = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    append(log, "new");
    assert_next(reader, "new");
    WORKS(fd_write_all(late, "late\n", 5, &error));
    assert_next(reader, "late");
}

static void test_the_descriptor_tells_of_news(void)
{
    SCRATCH(directory);
    IN(directory, log, "events");
    g_autoptr(EventLogReader) reader = open_log(log, true);
    struct pollfd polled = { .fd = event_log_fd(reader), .events = POLLIN };

    append(log, "one");
    assert_next(reader, "one");
    assert_next(reader, NULL);
    g_assert_cmpint(poll(&polled, 1, 0), ==, 0);
    append(log, "two");
    g_assert_cmpint(poll(&polled, 1, 0), ==, 1);
    assert_next(reader, "two");
}

static void test_half_a_line_waits_for_its_end(void)
{
    SCRATCH(directory);
    IN(directory, path, "events.log");
    g_autoptr(EventLogReader) reader = open_log(directory, true);
    autofd int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    WORKS(fd_write_all(fd, "ha", 2, &error));
    assert_next(reader, NULL);
    WORKS(fd_write_all(fd, "lf\n", 3, &error));
    assert_next(reader, "half");
}

static void test_a_line_has_a_bound(void)
{
    SCRATCH(directory);
    g_autofree char *line = g_strnfill(EVENT_LINE_MAX_BYTES, 'x');
    g_autofree char *ended = g_strconcat(line, "\n", NULL);

    FAILS(event_log_append(directory, ended, strlen(ended), &error), FLOE_ERROR_INVALID, "too long");
    append(directory, "next");
    g_autoptr(EventLogReader) reader = open_log(directory, false);
    assert_next(reader, "next");
}

/* --- filters ---------------------------------------------------------------------------------- */

static bool matches(const char *filters, const char *event)
{
    g_auto(GStrv) list = g_strsplit(filters, " ", -1);
    g_autoptr(EventFilter) filter = NULL;
    g_autoptr(JsonValue) object = NULL;

    WORKS(event_filter_new((const char *const *)list, &filter, &error));
    WORKS(json_parse(event, strlen(event), "event", &object, &error));
    return event_filter_matches(filter, object);
}

#define OF_CONTAINER \
    "{\"ID\": \"abcd\", \"Name\": \"web\", \"Status\": \"died\", \"Type\": \"container\", " \
    "\"Attributes\": {\"a\": \"1\", \"b\": \"\"}}"
#define OF_IMAGE \
    "{\"Name\": \"web\", \"Status\": \"tag\", \"Type\": \"image\", \"Attributes\": null}"

static void test_filters(void)
{
    static const struct {
        const char *filters;
        const char *event;
        bool matches;
    } cases[] = {
        { "container=web", OF_CONTAINER, true },
        { "container=abc", OF_CONTAINER, true },
        { "container=we", OF_CONTAINER, false },
        { "container=web", OF_IMAGE, false },
        { "image=web", OF_IMAGE, true },
        { "image=web", OF_CONTAINER, false },
        { "event=died", OF_CONTAINER, true },
        { "STATUS=die", OF_CONTAINER, true },
        { "event=start event=died", OF_CONTAINER, true },
        { "event=died type=image", OF_CONTAINER, false },
        { "label=a", OF_CONTAINER, true },
        { "label=a=1 label=b=", OF_CONTAINER, true },
        { "label=a=1 label=c", OF_CONTAINER, false },
        { "label=a=2", OF_CONTAINER, false },
        { "label=a", OF_IMAGE, false },
        { "type=image", OF_IMAGE, true },
        { "pod=web", OF_CONTAINER, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].filters);
        g_assert_true(matches(cases[i].filters, cases[i].event) == cases[i].matches);
    }
}

static void test_bad_filters(void)
{
    const char *no_value[] = { "container", NULL };
    const char *no_such_key[] = { "colour=red", NULL };
    EventFilter *filter = NULL;

    FAILS(event_filter_new(no_value, &filter, &error), FLOE_ERROR_INVALID, "KEY=VALUE");
    FAILS(event_filter_new(no_such_key, &filter, &error), FLOE_ERROR_INVALID, "'colour'");
    g_assert_null(filter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/event-log/lines-come-back-in-order", test_lines_come_back_in_order);
    g_test_add_func("/engine/event-log/there-need-be-no-log", test_there_need_be_no_log);
    g_test_add_func("/engine/event-log/a-full-log-makes-room", test_a_full_log_makes_room);
    g_test_add_func("/engine/event-log/a-follower-goes-on-over-renamings",
                    test_a_follower_goes_on_over_renamings);
    g_test_add_func("/engine/event-log/a-writer-that-is-late-is-heard",
                    test_a_writer_that_is_late_is_heard);
    g_test_add_func("/engine/event-log/the-descriptor-tells-of-news",
                    test_the_descriptor_tells_of_news);
    g_test_add_func("/engine/event-log/half-a-line-waits-for-its-end",
                    test_half_a_line_waits_for_its_end);
    g_test_add_func("/engine/event-log/a-line-has-a-bound", test_a_line_has_a_bound);
    g_test_add_func("/engine/event-filter/what-matches", test_filters);
    g_test_add_func("/engine/event-filter/bad-ones-are-named", test_bad_filters);
    return g_test_run();
}
