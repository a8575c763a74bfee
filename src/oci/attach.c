/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread between a caller's three descriptors and conmon's attach socket (conmon 2.1,
 * src/conn_sock.c). From conmon come packets of one byte that names the stream and up to 8 KiB of
 * data; to it go raw packets.
 *
 * - Many packets are taken with one recvmmsg() and written with one writev(): nothing is copied.
 * - Input is sent without blocking, and none is read while some waits: conmon may itself be blocked
 *   in sending to us, and only we can get it out.
 */
#include "oci/attach.h"

#include "base/sigpipe.h"
#include "oci/detach-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH       16
#define OUTPUT_DATA ((size_t)32 * 1024)
/* conmon reads at most 32767 bytes of a packet and loses the rest. */
#define INPUT_DATA ((size_t)16 * 1024)

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

/* --- the state of a loop ---------------------------------------------------------------------- */

typedef struct Attachment {
    int socket;
    int stdin_fd;  /* -1: at its end */
    int stdout_fd; /* -1: dropped */
    int stderr_fd;
    int pidfd;
    DetachKeys detach_keys;
    bool is_detached;
    bool is_ended; /* the other side has closed */

    /* Read from stdin, not sent yet. */
    char input[INPUT_DATA + DETACH_KEYS_MAX];
    size_t input_length;

    /* Received packets: the stream's byte and the data of each go to their own places. */
    struct mmsghdr packets[BATCH];
    struct iovec places[BATCH][2];
    char streams[BATCH];
    char output[BATCH][OUTPUT_DATA];
} Attachment;

static bool attachment_new(const AttachLoop *loop, Attachment **ret_attachment, GError **error)
{
    DetachKeys keys = { 0 };

    if (loop->detach_keys != NULL && !detach_keys_parse(loop->detach_keys, &keys, error))
        return false;

    Attachment *attachment = g_new(Attachment, 1); /* large, and for the most part never touched */

    attachment->socket = loop->socket;
    attachment->stdin_fd = loop->stdin_fd;
    attachment->stdout_fd = loop->stdout_fd;
    attachment->stderr_fd = loop->stderr_fd;
    attachment->pidfd = loop->pidfd;
    attachment->detach_keys = keys;
    attachment->is_detached = false;
    attachment->is_ended = false;
    attachment->input_length = 0;
    for (size_t i = 0; i < BATCH; i++) {
        attachment->places[i][0] = (struct iovec){ &attachment->streams[i], 1 };
        attachment->places[i][1] = (struct iovec){ attachment->output[i], OUTPUT_DATA };
        attachment->packets[i] = (struct mmsghdr){
            .msg_hdr = { .msg_iov = attachment->places[i], .msg_iovlen = 2 },
        };
    }
    *ret_attachment = attachment;
    return true;
}

/* --- output ----------------------------------------------------------------------------------- */

/* Drop what was written from the front of the pieces. */
static void pieces_advance(struct iovec **pieces, int *n_pieces, size_t written)
{
    while (*n_pieces > 0 && written >= (*pieces)->iov_len) {
        written -= (*pieces)->iov_len;
        (*pieces)++;
        (*n_pieces)--;
    }
    if (*n_pieces > 0) {
        (*pieces)->iov_base = (char *)(*pieces)->iov_base + written;
        (*pieces)->iov_len -= written;
    }
}

/* Write all of it. A reader that is gone is not our failure: then its descriptor becomes -1. */
static void write_pieces(int *fd, struct iovec *pieces, int n_pieces)
{
    while (*fd >= 0 && n_pieces > 0) {
        ssize_t written = writev(*fd, pieces, n_pieces);

        if (written >= 0) {
            pieces_advance(&pieces, &n_pieces, (size_t)written);
        } else if (errno == EAGAIN) {
            struct pollfd polled = { .fd = *fd, .events = POLLOUT };
            poll(&polled, 1, -1);
        } else if (errno != EINTR) {
            *fd = -1;
        }
    }
}

static int *stream_fd(Attachment *attachment, char stream)
{
    return stream == STREAM_STDERR ? &attachment->stderr_fd : &attachment->stdout_fd;
}

/* Write packets in their order, neighbours of the same stream together. */
static void write_packets(Attachment *attachment, int n_packets)
{
    struct iovec pieces[BATCH];
    int n_pieces = 0;

    for (int i = 0; i < n_packets; i++) {
        if (n_pieces > 0 && attachment->streams[i] != attachment->streams[i - 1]) {
            write_pieces(stream_fd(attachment, attachment->streams[i - 1]), pieces, n_pieces);
            n_pieces = 0;
        }
        pieces[n_pieces++] = (struct iovec){ attachment->output[i],
                                             attachment->packets[i].msg_len - 1 };
    }
    if (n_pieces > 0)
        write_pieces(stream_fd(attachment, attachment->streams[n_packets - 1]), pieces, n_pieces);
}

/* Take what has come and pass it on: `*ret_received` packets. The stream's end sets is_ended. */
static bool receive_packets(Attachment *attachment, int *ret_received, GError **error)
{
    int received = recvmmsg(attachment->socket, attachment->packets, BATCH, MSG_DONTWAIT, NULL);

    *ret_received = 0;
    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (received < 0 && errno != ECONNRESET)
        return err_set_errno(error, "receive from conmon");
    /* A packet of no bytes is how a sequence of packets ends. */
    for (int i = 0; i < received && attachment->packets[i].msg_len > 0; i++)
        (*ret_received)++;
    attachment->is_ended = *ret_received == 0 || *ret_received < received;
    write_packets(attachment, *ret_received);
    return true;
}

static bool drain(Attachment *attachment, GError **error)
{
    int received = 1;

    while (received > 0 && !attachment->is_ended) {
        if (!receive_packets(attachment, &received, error))
            return false;
    }
    return true;
}

/* --- input ------------------------------------------------------------------------------------ */

/* Send what waits, if conmon takes it now; a conmon that does not listen any more gets nothing. */
static bool send_input(Attachment *attachment, GError **error)
{
    if (attachment->input_length == 0)
        return true;

    ssize_t sent = send(attachment->socket, attachment->input, attachment->input_length,
                        MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent >= 0 || errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) {
        attachment->input_length = 0; /* a packet goes as a whole */
        return true;
    }
    if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
        return true;
    return err_set_errno(error, "send to conmon");
}

/* Anything but data is the end of the input: a terminal that is gone gives EIO. */
static void read_input(Attachment *attachment)
{
    char buffer[INPUT_DATA];
    ssize_t got = read(attachment->stdin_fd, buffer, sizeof(buffer));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        attachment->stdin_fd = -1;
        attachment->input_length = detach_keys_flush(&attachment->detach_keys, attachment->input);
        return;
    }
    attachment->input_length = detach_keys_filter(&attachment->detach_keys, buffer, (size_t)got,
                                                  attachment->input, &attachment->is_detached);
}

/* Move input on by one step; tell conmon when it has all been sent. */
static bool pass_input(Attachment *attachment, bool is_readable, GError **error)
{
    bool was_open = attachment->stdin_fd >= 0 || attachment->input_length > 0;

    if (is_readable && attachment->stdin_fd >= 0 && attachment->input_length == 0)
        read_input(attachment);
    if (!send_input(attachment, error))
        return false;
    if (was_open && attachment->stdin_fd < 0 && attachment->input_length == 0)
        shutdown(attachment->socket, SHUT_WR);
    return true;
}

/* --- the loop --------------------------------------------------------------------------------- */

static bool step(Attachment *attachment, GError **error)
{
    bool has_input = attachment->input_length > 0;
    struct pollfd polled[] = {
        { .fd = attachment->socket, .events = (short)(POLLIN | (has_input ? POLLOUT : 0)) },
        { .fd = has_input ? -1 : attachment->stdin_fd, .events = POLLIN },
        { .fd = attachment->pidfd, .events = POLLIN },
    };
    int received = 0;

    if (poll(polled, G_N_ELEMENTS(polled), -1) < 0)
        return errno == EINTR || err_set_errno(error, "wait for data");
    if (!pass_input(attachment, polled[1].revents != 0, error))
        return false;
    if (polled[0].revents != 0 && !receive_packets(attachment, &received, error))
        return false;
    if (polled[2].revents != 0) {
        if (!drain(attachment, error))
            return false;
        attachment->is_ended = true;
    }
    return true;
}

static bool run(Attachment *attachment, GError **error)
{
    while (!attachment->is_ended && !attachment->is_detached) {
        if (!step(attachment, error))
            return false;
    }
    if (attachment->is_detached)
        return err_set(error, FLOE_ERROR_DETACHED, "detached");
    return true;
}

bool attach_loop(const AttachLoop *loop, GError **error)
{
    g_autofree Attachment *attachment = NULL;
    g_auto(SigpipeBlock) block = sigpipe_block();

    return attachment_new(loop, &attachment, error) && run(attachment, error);
}
