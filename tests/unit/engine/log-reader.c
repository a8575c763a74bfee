/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log-reader.h"

#include "base/fd.h"
#include "state/fixture.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TIME "2026-11-22T02:22:48.976723997+00:00"

/* A file in memory with this content, at its beginning. */
static int make_file(const char *text, size_t length)
{
    int fd = memfd_create("log", MFD_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    WORKS(fd_write_all(fd, text, length, &error));
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void test_a_line_is_taken_apart(void)
{
    static const char text[] = TIME " stderr P two words ";
    LogLine line;
    int64_t unix_ns = 0;

    g_assert_true(log_line_parse(text, strlen(text), &line));
    g_assert_cmpint(line.stream, ==, LOG_STDERR);
    g_assert_true(line.is_partial);
    g_assert_cmpmem(line.text, line.length, "two words ", 10);
    g_assert_cmpmem(line.time, line.time_length, TIME, strlen(TIME));
    WORKS(log_line_time(&line, &unix_ns, &error));
    g_assert_cmpint(unix_ns, ==, G_GINT64_CONSTANT(1795314168976723997));
}

static void test_an_empty_text_is_a_line_too(void)
{
    static const char text[] = TIME " stdout F ";
    LogLine line;

    g_assert_true(log_line_parse(text, strlen(text), &line));
    g_assert_cmpint(line.stream, ==, LOG_STDOUT);
    g_assert_false(line.is_partial);
    g_assert_cmpint(line.length, ==, 0);
}

static void test_other_texts_are_no_lines(void)
{
    static const char *const texts[] = {
        "",
        " ",
        TIME,
        TIME " ",
        TIME " stdout",
        TIME " stdout F",
        TIME " stdin F x",
        TIME " stdout X x",
        TIME " stdout FP x",
        TIME "  stdout F x",
        "stdout F x",
    };
    LogLine line;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_false(log_line_parse(texts[i], strlen(texts[i]), &line));
}

/* --- from the front --------------------------------------------------------------------------- */

static void assert_next(LogReader *reader, const char *text)
{
    LogLine line;
    bool has_line = false;

    WORKS(log_reader_next(reader, &line, &has_line, &error));
    g_assert_true(has_line == (text != NULL));
    if (text != NULL)
        g_assert_cmpmem(line.text, line.length, text, strlen(text));
}

static void test_lines_come_in_order_and_later_ones_too(void)
{
    static const char begin[] = TIME " stdout F one\n" TIME " stderr F two\n" TIME " stdout F th";
    static const char rest[] = "ree\n";
    autofd int fd = make_file(begin, strlen(begin));
    g_autoptr(LogReader) reader = log_reader_new(fd, 0, LOG_NO_END);

    assert_next(reader, "one");
    assert_next(reader, "two");
    assert_next(reader, NULL);
    assert_next(reader, NULL);
    g_assert_cmpint(pwrite(fd, rest, strlen(rest), (off_t)strlen(begin)), ==, strlen(rest));
    assert_next(reader, "three");
    assert_next(reader, NULL);
    g_assert_cmpint(log_reader_n_ignored(reader), ==, 0);
}

static void test_what_comes_behind_the_end_is_left(void)
{
    static const char text[] = TIME " stdout F one\n" TIME " stdout F two\n" TIME
                                    " stdout F three\n";
    off_t start = (off_t)strlen(TIME " stdout F one\n");
    autofd int fd = make_file(text, strlen(text));
    g_autoptr(LogReader) reader = log_reader_new(fd, start, 2 * start);

    assert_next(reader, "two");
    assert_next(reader, NULL);
    assert_next(reader, NULL);
}

static void test_foreign_lines_are_left_out_and_counted(void)
{
    static const char text[] = "garbage\n\n" TIME " stdout F good\n" TIME " stdout\n";
    autofd int fd = make_file(text, strlen(text));
    g_autoptr(LogReader) reader = log_reader_new(fd, 0, LOG_NO_END);

    assert_next(reader, "good");
    assert_next(reader, NULL);
    g_assert_cmpint(log_reader_n_ignored(reader), ==, 3);
}

static void test_lines_longer_than_a_block_are_whole(void)
{
    g_autofree char *content = g_strnfill(300000, 'x');
    g_autofree char *text = g_strconcat(TIME " stdout F ", content, "\n" TIME " stdout F end\n",
                                        NULL);
    autofd int fd = make_file(text, strlen(text));
    g_autoptr(LogReader) reader = log_reader_new(fd, 0, LOG_NO_END);

    assert_next(reader, content);
    assert_next(reader, "end");
}

static void test_what_has_no_lines_is_refused(void)
{
    g_autofree char *text = g_strnfill(3 * 1024 * 1024, 'x');
    autofd int fd = make_file(text, strlen(text));
    g_autoptr(LogReader) reader = log_reader_new(fd, 0, LOG_NO_END);
    LogLine line;
    bool has_line = false;

    FAILS(log_reader_next(reader, &line, &has_line, &error), FLOE_ERROR_INVALID, "bytes");
}

/* --- from the end ----------------------------------------------------------------------------- */

static void assert_tail(const char *text, int64_t n_lines, const char *wanted)
{
    autofd int fd = make_file(text, strlen(text));
    off_t offset = -1;

    WORKS(log_find_tail(fd, (off_t)strlen(text), n_lines, &offset, &error));
    g_assert_cmpint(offset, >=, 0);
    g_assert_cmpint(offset, <=, (off_t)strlen(text));
    g_assert_cmpstr(text + offset, ==, wanted);
}

#define A "T stdout F a\n"
#define B "T stderr F b\n"
#define C "T stdout F c\n"
#define P "T stdout P p\n"

static void test_the_last_lines_are_found(void)
{
    assert_tail(A B C, 0, "");
    assert_tail(A B C, 1, C);
    assert_tail(A B C, 2, B C);
    assert_tail(A B C, 3, A B C);
    assert_tail(A B C, 4, A B C);
    assert_tail(A B C, INT64_MAX, A B C);
    assert_tail("", 1, "");
    assert_tail("", 0, "");
}

static void test_parts_count_as_one_line(void)
{
    assert_tail(A P P C, 1, P P C);
    assert_tail(A P P C, 2, A P P C);
    assert_tail(A B P P, 1, P P);
    assert_tail(A B P, 2, B P);
    assert_tail(P, 1, P);
    assert_tail(P P, 0, "");
}

static void test_tails_of_what_was_there(void)
{
    static const char text[] = A B C;
    autofd int fd = make_file(text, strlen(text));
    off_t offset = -1;

    WORKS(log_find_tail(fd, (off_t)strlen(A B), 1, &offset, &error));
    g_assert_cmpint(offset, ==, strlen(A));
}

static void test_foreign_lines_do_not_count(void)
{
    assert_tail(A "garbage\n" B, 2, A "garbage\n" B);
    assert_tail(A B "garbage\n", 1, B "garbage\n");
}

static void test_a_line_being_written_does_not_count(void)
{
    assert_tail(A B "T stdout F c", 1, B "T stdout F c");
    assert_tail("T stdout F c", 1, "T stdout F c");
}

/* Over the borders of blocks, and against the plain way. */
static void test_tails_of_a_long_log(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(off_t));

    for (int i = 0; i < 5000; i++) {
        off_t start = (off_t)text->len;
        g_autofree char *content = g_strnfill((gsize)(i * 7919 % 101), 'x');

        g_array_append_val(starts, start);
        if (i % 50 == 0)
            g_string_append_printf(text, "T stdout P %070000d\n", i);
        g_string_append_printf(text, "T stdout F %s\n", content);
    }

    autofd int fd = make_file(text->str, text->len);
    for (guint n = 1; n <= starts->len; n = n * 3 + 1) {
        off_t offset = -1;

        WORKS(log_find_tail(fd, (off_t)text->len, n, &offset, &error));
        g_assert_cmpint(offset, ==, g_array_index(starts, off_t, starts->len - n));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/log-reader/a-line-is-taken-apart", test_a_line_is_taken_apart);
    g_test_add_func("/engine/log-reader/an-empty-text-is-a-line-too",
                    test_an_empty_text_is_a_line_too);
    g_test_add_func("/engine/log-reader/other-texts-are-no-lines", test_other_texts_are_no_lines);
    g_test_add_func("/engine/log-reader/lines-come-in-order-and-later-ones-too",
                    test_lines_come_in_order_and_later_ones_too);
    g_test_add_func("/engine/log-reader/what-comes-behind-the-end-is-left",
                    test_what_comes_behind_the_end_is_left);
    g_test_add_func("/engine/log-reader/foreign-lines-are-left-out-and-counted",
                    test_foreign_lines_are_left_out_and_counted);
    g_test_add_func("/engine/log-reader/lines-longer-than-a-block-are-whole",
                    test_lines_longer_than_a_block_are_whole);
    g_test_add_func("/engine/log-reader/what-has-no-lines-is-refused",
                    test_what_has_no_lines_is_refused);
    g_test_add_func("/engine/log-reader/the-last-lines-are-found", test_the_last_lines_are_found);
    g_test_add_func("/engine/log-reader/parts-count-as-one-line", test_parts_count_as_one_line);
    g_test_add_func("/engine/log-reader/tails-of-what-was-there", test_tails_of_what_was_there);
    g_test_add_func("/engine/log-reader/foreign-lines-do-not-count",
                    test_foreign_lines_do_not_count);
    g_test_add_func("/engine/log-reader/a-line-being-written-does-not-count",
                    test_a_line_being_written_does_not_count);
    g_test_add_func("/engine/log-reader/tails-of-a-long-log", test_tails_of_a_long_log);
    return g_test_run();
}
