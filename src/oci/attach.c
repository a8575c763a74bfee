/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between a caller's three descriptors and conmon's attach socket (conmon 2.1, src/conn_sock.c).
 * From conmon come packets of one byte that names the stream and up to 8 KiB of data; to it go raw
 * packets.
 *
 * - Many packets are taken with one recvmmsg() and written with one writev(): nothing is copied.
 * - Input is sent without blocking, and none is read while some waits: conmon may itself be blocked
 *   in sending to us, and only we can get it out.
 * - Output that a non-blocking descriptor does not take now waits here, and conmon with it; input
 *   goes on.
 */
#include "oci/attach.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/sigpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH       16
#define OUTPUT_DATA ((size_t)32 * 1024)
/* conmon reads at most 32767 bytes of a packet and loses the rest. */
#define INPUT_DATA ((size_t)16 * 1024)
#define MAX_EVENTS 4

#define SYSCALL_LIMIT    512
#define TAKEN_TIMEOUT_MS 1000
#define TAKEN_POLL_US    100

enum { STREAM_STDOUT = 2, STREAM_STDERR = 3 };

bool attach_connect(const char *directory, int *ret_socket, GError **error)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    autofd int directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (directory_fd < 0)
        return err_set_errno(error, "open '%s'", directory);

    autofd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set_errno(error, "make a socket");
    /* The path may be longer than a sun_path; this one is not. */
    g_snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/attach", directory_fd);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return err_set_errno(error, "connect to '%s/attach'", directory);
    *ret_socket = g_steal_fd(&fd);
    return true;
}

/* Blocked there, it has nothing left to do: what wakes it makes it run at once. */
static bool waits_for_events(int pid, bool *ret_waits)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/syscall", pid);
    g_autofree char *text = NULL;
    long number;

    if (!file_read(path, SYSCALL_LIMIT, &text, NULL, NULL))
        return false;
    number = g_ascii_isdigit(text[0]) ? strtol(text, NULL, 10) : -1;
    *ret_waits = number == SYS_ppoll;
#ifdef SYS_poll
    *ret_waits = *ret_waits || number == SYS_poll;
#endif
    return true;
}

void attach_wait_taken(int conmon_pid)
{
    int64_t deadline_ms = clock_deadline_ms(TAKEN_TIMEOUT_MS);
    bool waits = false;

    while (waits_for_events(conmon_pid, &waits) && !waits && clock_monotonic_ms() < deadline_ms)
        g_usleep(TAKEN_POLL_US);
}

/* --- the pump --------------------------------------------------------------------------------- */

/* A descriptor of the pump's own, and what is waited for on it. */
typedef struct Stream {
    int fd;          /* -1: none, at its end, or dropped */
    int standin;     /* an event descriptor that is always ready, for a file; -1: not needed */
    uint32_t events; /* 0: it is not in the epoll set */
} Stream;

struct AttachPump {
    int epoll_fd;
    Stream socket, input, out, err;
    DetachKeys detach_keys;
    bool is_detached;
    bool is_ended;   /* the other side has closed */
    int write_errno; /* why output was lost, other than that its reader went; 0: it was not */

    /* Read from stdin, not sent yet. */
    char input_data[INPUT_DATA + DETACH_KEYS_MAX];
    size_t input_length;

    /* Received packets: the stream's byte and the data of each go to their own places. */
    struct mmsghdr packets[BATCH];
    struct iovec places[BATCH][2];
    char streams[BATCH];
    char output[BATCH][OUTPUT_DATA];

    /* What of them is not written yet: from `next` on. */
    struct iovec pieces[BATCH];
    int next, n_pieces;
};

static void stream_close(AttachPump *pump, Stream *stream)
{
    int polled = stream->standin >= 0 ? stream->standin : stream->fd;

    /* To close it is not enough: the caller has it open too. */
    if (stream->events != 0)
        epoll_ctl(pump->epoll_fd, EPOLL_CTL_DEL, polled, NULL);
    stream->events = 0;
    fd_cleanup(&stream->fd);
    fd_cleanup(&stream->standin);
}

static bool stream_open(Stream *stream, int fd, GError **error)
{
    *stream = (Stream){ -1, -1, 0 };
    if (fd >= 0)
        stream->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return fd < 0 || stream->fd >= 0 || err_set_errno(error, "duplicate the descriptor %d", fd);
}

static bool stream_change(AttachPump *pump, Stream *stream, int op, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = stream };
    int polled = stream->standin >= 0 ? stream->standin : stream->fd;

    return epoll_ctl(pump->epoll_fd, op, polled, &event) == 0;
}

/* Wait for these events, and no others; 0: for none, not even for a hang-up. */
static bool stream_watch(AttachPump *pump, Stream *stream, uint32_t events, GError **error)
{
    int op = events == 0 ? EPOLL_CTL_DEL : stream->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (stream->fd < 0 || stream->events == events)
        return true;

    bool changed = stream_change(pump, stream, op, events);
    if (!changed && errno == EPERM && stream->standin < 0) {
        /* A file, or /dev/null: never waited for, but epoll refuses it. */
        stream->standin = eventfd(1, EFD_CLOEXEC);
        changed = stream->standin >= 0 && stream_change(pump, stream, op, events);
    }
    if (!changed)
        return err_set_errno(error, "watch a descriptor");
    stream->events = events;
    return true;
}

static bool watch_all(AttachPump *pump, GError **error)
{
    bool has_output = pump->next < pump->n_pieces;
    bool has_input = pump->input_length > 0;
    bool to_err = has_output && pump->streams[pump->next] == STREAM_STDERR;

    return stream_watch(pump, &pump->socket,
                        (has_output ? 0 : EPOLLIN) | (has_input ? EPOLLOUT : 0), error) &&
           stream_watch(pump, &pump->input, has_input ? 0 : EPOLLIN, error) &&
           stream_watch(pump, &pump->out, has_output && !to_err ? EPOLLOUT : 0, error) &&
           stream_watch(pump, &pump->err, has_output && to_err ? EPOLLOUT : 0, error);
}

bool attach_pump_new(const AttachStreams *streams, AttachPump **ret_pump, GError **error)
{
    g_autoptr(AttachPump) pump = g_new(AttachPump, 1); /* large, and mostly never touched */

    pump->detach_keys = streams->detach_keys;
    pump->is_detached = pump->is_ended = false;
    pump->input_length = 0;
    pump->write_errno = 0;
    pump->next = pump->n_pieces = 0;
    pump->epoll_fd = -1;
    pump->socket = pump->input = pump->out = pump->err = (Stream){ -1, -1, 0 };
    for (size_t i = 0; i < BATCH; i++) {
        pump->places[i][0] = (struct iovec){ &pump->streams[i], 1 };
        pump->places[i][1] = (struct iovec){ pump->output[i], OUTPUT_DATA };
        pump->packets[i] = (struct mmsghdr){
            .msg_hdr = { .msg_iov = pump->places[i], .msg_iovlen = 2 },
        };
    }
    pump->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (pump->epoll_fd < 0)
        return err_set_errno(error, "make an epoll descriptor");
    if (!stream_open(&pump->socket, streams->socket, error) ||
        !stream_open(&pump->input, streams->stdin_fd, error) ||
        !stream_open(&pump->out, streams->stdout_fd, error) ||
        !stream_open(&pump->err, streams->stderr_fd, error) || !watch_all(pump, error))
        return false;
    *ret_pump = g_steal_pointer(&pump);
    return true;
}

void attach_pump_free(AttachPump *pump)
{
    if (pump == NULL)
        return;
    stream_close(pump, &pump->socket);
    stream_close(pump, &pump->input);
    stream_close(pump, &pump->out);
    stream_close(pump, &pump->err);
    fd_cleanup(&pump->epoll_fd);
    g_free(pump);
}

int attach_pump_fd(const AttachPump *pump)
{
    return pump->epoll_fd;
}

/* --- output ----------------------------------------------------------------------------------- */

static void pieces_advance(AttachPump *pump, size_t written)
{
    struct iovec *pieces = pump->pieces;

    while (pump->next < pump->n_pieces && written >= pieces[pump->next].iov_len)
        written -= pieces[pump->next++].iov_len;
    if (written > 0) {
        pieces[pump->next].iov_base = (char *)pieces[pump->next].iov_base + written;
        pieces[pump->next].iov_len -= written;
    }
}

/* The pieces from `next` on that go to the same stream. */
static int count_alike(const AttachPump *pump)
{
    int end = pump->next + 1;

    while (end < pump->n_pieces && pump->streams[end] == pump->streams[pump->next])
        end++;
    return end - pump->next;
}

/* A pipe or socket whose other end was closed, or a terminal that was hung up. */
static bool reader_is_gone(int fd, int write_errno)
{
    struct stat st;

    return write_errno == EPIPE || write_errno == ECONNRESET ||
           (write_errno == EIO && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
}

/*
 * Write what was received, in its order, until an output takes no more. What is for one that cannot
 * be written to is dropped from then on: the container is not held up. That a reader is gone is no
 * failure, a full disk is.
 */
static void write_output(AttachPump *pump)
{
    while (pump->next < pump->n_pieces) {
        Stream *stream = pump->streams[pump->next] == STREAM_STDERR ? &pump->err : &pump->out;
        int count = count_alike(pump);

        if (stream->fd < 0) {
            pump->next += count;
            continue;
        }
        ssize_t written = writev(stream->fd, &pump->pieces[pump->next], count);
        if (written >= 0)
            pieces_advance(pump, (size_t)written);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR) {
            if (pump->write_errno == 0 && !reader_is_gone(stream->fd, errno))
                pump->write_errno = errno;
            stream_close(pump, stream);
        }
    }
}

/* Take what has come. The stream's end sets is_ended. */
static bool receive(AttachPump *pump, GError **error)
{
    int received = recvmmsg(pump->socket.fd, pump->packets, BATCH, MSG_DONTWAIT, NULL);

    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (received < 0 && errno != ECONNRESET)
        return err_set_errno(error, "receive from conmon");
    pump->next = pump->n_pieces = 0;
    /* A packet of no bytes is how a sequence of packets ends. */
    for (int i = 0; i < received && pump->packets[i].msg_len > 0; i++)
        pump->pieces[pump->n_pieces++] = (struct iovec){ pump->output[i],
                                                         pump->packets[i].msg_len - 1 };
    pump->is_ended = pump->n_pieces == 0 || pump->n_pieces < received;
    return true;
}

/* --- input ------------------------------------------------------------------------------------ */

/* Send what waits, if conmon takes it now; a conmon that does not listen any more gets nothing. */
static bool send_input(AttachPump *pump, GError **error)
{
    if (pump->input_length == 0)
        return true;

    ssize_t sent = send(pump->socket.fd, pump->input_data, pump->input_length,
                        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent >= 0 || errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
        pump->input_length = 0; /* a packet goes as a whole */
        return true;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
        return true;
    return err_set_errno(error, "send to conmon");
}

/* Anything but data is the end of the input: a terminal that is gone gives EIO. */
static void read_input(AttachPump *pump)
{
    char buffer[INPUT_DATA];
    ssize_t got = read(pump->input.fd, buffer, sizeof(buffer));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        stream_close(pump, &pump->input);
        pump->input_length = detach_keys_flush(&pump->detach_keys, pump->input_data);
        return;
    }
    pump->input_length = detach_keys_filter(&pump->detach_keys, buffer, (size_t)got,
                                            pump->input_data, &pump->is_detached);
}

/* Move input on by one step; tell conmon when it has all been sent. */
static bool pass_input(AttachPump *pump, bool is_readable, GError **error)
{
    bool was_open = pump->input.fd >= 0 || pump->input_length > 0;

    if (is_readable && pump->input.fd >= 0 && pump->input_length == 0)
        read_input(pump);
    if (!send_input(pump, error))
        return false;
    if (was_open && pump->input.fd < 0 && pump->input_length == 0)
        shutdown(pump->socket.fd, SHUT_WR);
    return true;
}

/* --- turning it ------------------------------------------------------------------------------- */

static bool is_over(const AttachPump *pump)
{
    return pump->is_detached || (pump->is_ended && pump->next == pump->n_pieces);
}

static bool step(AttachPump *pump, int timeout_ms, GError **error)
{
    struct epoll_event events[MAX_EVENTS];
    int n_events = epoll_wait(pump->epoll_fd, events, MAX_EVENTS, timeout_ms);
    bool has_input = false, has_packets = false;

    if (n_events < 0)
        return errno == EINTR || err_set_errno(error, "wait for data");
    for (int i = 0; i < n_events; i++) {
        has_input |= events[i].data.ptr == &pump->input;
        has_packets |= events[i].data.ptr == &pump->socket;
    }
    if (!pass_input(pump, has_input, error))
        return false;
    write_output(pump);
    if (has_packets && pump->next == pump->n_pieces && !pump->is_ended) {
        if (!receive(pump, error))
            return false;
        write_output(pump);
    }
    return watch_all(pump, error);
}

static bool tell_detached(const AttachPump *pump, GError **error)
{
    return !pump->is_detached || err_set(error, FLOE_ERROR_DETACHED, "detached");
}

bool attach_pump_turn(AttachPump *pump, bool *ret_over, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();

    if (!is_over(pump) && !step(pump, 0, error))
        return false;
    *ret_over = is_over(pump);
    return tell_detached(pump, error);
}

bool attach_pump_check_output(const AttachPump *pump, GError **error)
{
    errno = pump->write_errno;
    return errno == 0 || err_set_errno(error, "write the container's output");
}

bool attach_pump_run(AttachPump *pump, GError **error)
{
    g_auto(SigpipeBlock) block = sigpipe_block();

    while (!is_over(pump)) {
        if (!step(pump, -1, error))
            return false;
    }
    return tell_detached(pump, error);
}
