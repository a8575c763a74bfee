/* SPDX-License-Identifier: Apache-2.0 */
/* The other side is a thread that plays conmon on a socket pair. */
#include "oci/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct Wire {
    int ours;   /* the loop's end */
    int theirs; /* conmon's */
} Wire;

static Wire wire_new(void)
{
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), ==, 0);
    return (Wire){ fds[0], fds[1] };
}

static int scratch_file(const char *content)
{
    int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_true(fd_write_all(fd, content, strlen(content), NULL));
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static char *content_of(int fd)
{
    char *text = NULL;

    lseek(fd, 0, SEEK_SET);
    g_assert_true(fd_read_all(fd, 64 * 1024 * 1024, &text, NULL, NULL));
    return text;
}

static void send_packet(int fd, char stream, const char *data, size_t length)
{
    g_autofree char *packet = g_malloc(length + 1);

    packet[0] = stream;
    memcpy(packet + 1, data, length);
    g_assert_cmpint(send(fd, packet, length + 1, MSG_NOSIGNAL), ==, (ssize_t)length + 1);
}

static bool run_loop(const Wire *wire, int in, int out, int err, const char *keys, GError **error)
{
    AttachStreams streams = {
        .socket = wire->ours, .stdin_fd = in, .stdout_fd = out, .stderr_fd = err
    };
    g_autoptr(AttachPump) pump = NULL;

    return (keys == NULL || detach_keys_parse(keys, &streams.detach_keys, error)) &&
           attach_pump_new(&streams, &pump, error) && attach_pump_run(pump, error) &&
           attach_pump_check_output(pump, error);
}

static void test_streams_are_told_apart(void)
{
    g_autoptr(GError) error = NULL;
    Wire wire = wire_new();
    autofd int ours = wire.ours;
    autofd int out = scratch_file("");
    autofd int err = scratch_file("");

    send_packet(wire.theirs, 2, "one ", 4);
    send_packet(wire.theirs, 2, "two ", 4);
    send_packet(wire.theirs, 3, "bad ", 4);
    send_packet(wire.theirs, 2, "three", 5);
    send_packet(wire.theirs, 2, "", 0);
    send_packet(wire.theirs, 3, "worse", 5);
    close(wire.theirs);
    run_loop(&wire, -1, out, err, NULL, &error);
    g_assert_no_error(error);

    g_autofree char *output = content_of(out);
    g_autofree char *errors = content_of(err);
    g_assert_cmpstr(output, ==, "one two three");
    g_assert_cmpstr(errors, ==, "bad worse");
}

/* --- large data through a slow pipe ----------------------------------------------------------- */

#define PACKETS 1000
#define PACKET  8192

static void *send_much(void *data)
{
    int fd = GPOINTER_TO_INT(data);
    char packet[PACKET];

    for (int i = 0; i < PACKETS; i++) {
        memset(packet, 'a' + i % 26, sizeof(packet));
        send_packet(fd, 2, packet, sizeof(packet));
    }
    close(fd);
    return NULL;
}

static void *read_much(void *data)
{
    int fd = GPOINTER_TO_INT(data);
    g_autofree char *text = NULL;
    size_t length = 0;

    g_assert_true(fd_read_all(fd, 64 * 1024 * 1024, &text, &length, NULL));
    g_assert_cmpuint(length, ==, (size_t)PACKETS * PACKET);
    for (size_t i = 0; i < length; i++)
        g_assert_true(text[i] == (char)('a' + i / PACKET % 26));
    close(fd);
    return NULL;
}

static void test_nothing_is_lost_in_a_full_pipe(void)
{
    for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
        g_autoptr(GError) error = NULL;
        Wire wire = wire_new();
        int pipe_ends[2];

        g_assert_cmpint(pipe2(pipe_ends, O_CLOEXEC), ==, 0);
        fcntl(pipe_ends[1], F_SETFL, flags);

        GThread *sender = g_thread_new("send", send_much, GINT_TO_POINTER(wire.theirs));
        GThread *reader = g_thread_new("read", read_much, GINT_TO_POINTER(pipe_ends[0]));

        run_loop(&wire, -1, pipe_ends[1], -1, NULL, &error);
        g_assert_no_error(error);
        close(pipe_ends[1]);
        close(wire.ours);
        g_thread_join(sender);
        g_thread_join(reader);
    }
}

static void test_a_broken_output_is_dropped(void)
{
    g_autoptr(GError) error = NULL;
    Wire wire = wire_new();
    autofd int ours = wire.ours;
    int pipe_ends[2];
    sigset_t pending;

    g_assert_cmpint(pipe2(pipe_ends, O_CLOEXEC), ==, 0);
    close(pipe_ends[0]);

    GThread *sender = g_thread_new("send", send_much, GINT_TO_POINTER(wire.theirs));

    run_loop(&wire, -1, pipe_ends[1], -1, NULL, &error);
    g_assert_no_error(error);
    g_thread_join(sender);
    close(pipe_ends[1]);
    sigpending(&pending);
    g_assert_false(sigismember(&pending, SIGPIPE));
}

static void test_a_full_disk_is_told_when_all_has_come(void)
{
    g_autoptr(GError) error = NULL;
    Wire wire = wire_new();
    autofd int ours = wire.ours;
    autofd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    GThread *sender = g_thread_new("send", send_much, GINT_TO_POINTER(wire.theirs));

    g_assert_false(run_loop(&wire, -1, full, -1, NULL, &error));
    g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
    g_thread_join(sender);
}

/* --- input ------------------------------------------------------------------------------------ */

typedef struct Received {
    int fd;
    GString *text;
} Received;

/* As conmon: at most 32767 bytes of a packet; then closes when the input has ended. */
static void *receive_input(void *data)
{
    Received *received = data;
    g_autofree char *buffer = g_malloc(32767);
    ssize_t got;

    g_usleep(20000); /* let the socket fill up */
    while ((got = recv(received->fd, buffer, 32767, 0)) > 0)
        g_string_append_len(received->text, buffer, got);
    close(received->fd);
    return NULL;
}

static char *send_input(const char *input, const char *keys, GError **error)
{
    Wire wire = wire_new();
    autofd int ours = wire.ours;
    autofd int in = scratch_file(input);
    Received received = { wire.theirs, g_string_new(NULL) };
    GThread *receiver = g_thread_new("receive", receive_input, &received);

    run_loop(&wire, in, -1, -1, keys, error);
    fd_cleanup(&ours);
    g_thread_join(receiver);
    return g_string_free(received.text, FALSE);
}

static void test_input_and_its_end_arrive(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *input = g_strnfill(1000 * 1000, 'x');

    for (size_t i = 0; i < 1000 * 1000; i++)
        input[i] = (char)('a' + i % 23);

    g_autofree char *plain = send_input(input, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(strcmp(plain, input) == 0);

    g_autofree char *watched = send_input(input, "ctrl-p,ctrl-q", &error);
    g_assert_no_error(error);
    g_assert_true(strcmp(watched, input) == 0);

    g_autofree char *cut = send_input("ends with a first key \x10", "ctrl-p,ctrl-q", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(cut, ==, "ends with a first key \x10");
}

static void test_keys_detach(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sent = send_input("some \x10 keys \x10\x11 and more", "ctrl-p,ctrl-q", &error);

    g_assert_true(err_is(error, FLOE_ERROR_DETACHED));
    g_assert_cmpstr(sent, ==, "some \x10 keys ");
    g_clear_error(&error);

    g_autofree char *refused = send_input("x", "ctrl-pq", &error);
    g_assert_true(err_is(error, FLOE_ERROR_INVALID));
}

/* --- one turn at a time ----------------------------------------------------------------------- */

static void test_a_turn_does_not_wait_for_a_full_output(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(AttachPump) pump = NULL;
    Wire wire = wire_new();
    autofd int ours = wire.ours;
    g_autofree char *much = g_strnfill(30000, 'x');
    char received[8] = "";
    size_t total = 0;
    bool over = false;
    int ends[2], input[2];

    g_assert_cmpint(pipe2(ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
    g_assert_cmpint(pipe2(input, O_CLOEXEC), ==, 0);
    AttachStreams streams = {
        .socket = ours, .stdin_fd = input[0], .stdout_fd = ends[1], .stderr_fd = -1
    };
    g_assert_true(attach_pump_new(&streams, &pump, &error));
    close(ends[1]);
    g_assert_cmpint(fcntl(ends[0], F_SETPIPE_SZ, 4096), >=, 4096);
    for (int i = 0; i < 4; i++)
        send_packet(wire.theirs, 2, much, 30000);
    for (int i = 0; i < 10; i++)
        g_assert_true(attach_pump_turn(pump, &over, &error));
    g_assert_false(over);

    /* Input goes on meanwhile. */
    g_assert_cmpint(write(input[1], "typed", 5), ==, 5);
    g_assert_true(attach_pump_turn(pump, &over, &error));
    g_assert_cmpint(recv(wire.theirs, received, sizeof(received), MSG_DONTWAIT), ==, 5);
    close(wire.theirs);
    while (!over) {
        char data[8192];
        ssize_t got = read(ends[0], data, sizeof(data));

        total += got > 0 ? (size_t)got : 0;
        g_assert_true(attach_pump_turn(pump, &over, &error));
    }
    for (ssize_t got = 1; got > 0; total += got > 0 ? (size_t)got : 0) {
        char data[8192];

        got = read(ends[0], data, sizeof(data));
    }
    g_assert_cmpuint(total, ==, (size_t)4 * 30000);
    close(ends[0]);
    close(input[0]);
    close(input[1]);
}

static void test_a_long_path_can_be_connected_to(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *base = g_dir_make_tmp("floe-attach-XXXXXX", NULL);
    g_autofree char *name = g_strnfill(200, 'd');
    g_autofree char *directory = g_build_filename(base, name, NULL);
    g_autofree char *path = g_build_filename(directory, "attach", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    autofd int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    autofd int connected = -1;

    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_false(attach_connect(directory, &connected, &error));
    g_assert_true(err_is(error, FLOE_ERROR_NOT_FOUND));
    g_clear_error(&error);

    autofd int directory_fd = open(directory, O_PATH | O_CLOEXEC);
    g_snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/attach", directory_fd);
    g_assert_cmpint(bind(listener, (const struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    attach_connect(directory, &connected, &error);
    g_assert_no_error(error);
    g_assert_cmpint(connected, >=, 0);
    unlink(path);
    rmdir(directory);
    rmdir(base);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/attach/streams-are-told-apart", test_streams_are_told_apart);
    g_test_add_func("/oci/attach/nothing-is-lost-in-a-full-pipe",
                    test_nothing_is_lost_in_a_full_pipe);
    g_test_add_func("/oci/attach/a-broken-output-is-dropped", test_a_broken_output_is_dropped);
    g_test_add_func("/oci/attach/a-full-disk-is-told-when-all-has-come",
                    test_a_full_disk_is_told_when_all_has_come);
    g_test_add_func("/oci/attach/input-and-its-end-arrive", test_input_and_its_end_arrive);
    g_test_add_func("/oci/attach/keys-detach", test_keys_detach);
    g_test_add_func("/oci/attach/a-turn-does-not-wait-for-a-full-output",
                    test_a_turn_does_not_wait_for_a_full_output);
    g_test_add_func("/oci/attach/a-long-path-can-be-connected-to",
                    test_a_long_path_can_be_connected_to);
    return g_test_run();
}
