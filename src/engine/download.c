/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/download.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES_MAX ((size_t)64 * 1024)

void download_clear(Download *download)
{
    child_kill(&download->child);
    fd_cleanup(&download->fd);
    fd_cleanup(&download->messages_fd);
}

bool download_start(const char *url, Download *download, GError **error)
{
    const char *const argv[] = {
        "curl",    "--fail",      "--location", "--silent", "--show-error",
        "--proto", "=http,https", "--",         url,        NULL,
    };
    SpawnOptions options = SPAWN_OPTIONS_INIT;
    autofd int to = -1;
    int ends[2];

    if (!g_str_has_prefix(url, "http://") && !g_str_has_prefix(url, "https://"))
        return err_set(error, FLOE_ERROR_INVALID, "'%s' is neither http:// nor https://", url);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_set_errno(error, "make a pipe");
    download->fd = ends[0];
    to = ends[1];
    download->messages_fd = memfd_create("floe-curl", MFD_CLOEXEC);
    if (download->messages_fd < 0)
        return err_set_errno(error, "make a file for curl's messages");
    options.argv = argv;
    options.stdout_fd = to;
    options.stderr_fd = download->messages_fd;
    options.dies_with_us = true;
    return spawn_start(&options, &download->child, error);
}

bool download_end(Download *download, GError **error)
{
    g_autofree char *text = NULL;
    int status = 0;

    /* Without a reader it ends. */
    fd_cleanup(&download->fd);
    if (!child_wait(&download->child, -1, &status, error))
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (lseek(download->messages_fd, 0, SEEK_SET) < 0 ||
        !fd_read_all(download->messages_fd, MESSAGES_MAX, &text, NULL, NULL) || *text == '\0') {
        g_free(text);
        text = child_status_text(status);
    }
    return err_set(error, FLOE_ERROR_NETWORK, "%s", g_strchomp(text));
}
