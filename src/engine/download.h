/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a URL, read as it comes: curl fetches it. */
#pragma once

#include "base/spawn.h"

typedef struct Download {
    int fd; /* to read from */
    int messages_fd;
    Child child;
} Download;

#define DOWNLOAD_NONE \
    { \
        .fd = -1, .messages_fd = -1, .child = CHILD_NONE \
    }

/*
 * "http://..." or "https://...", into a DOWNLOAD_NONE, which is to be cleared on failure, too. INVALID:
 * another; MISSING_PART: there is no curl.
 */
bool download_start(const char *url, Download *download, GError **error);

/* After fd was read to its end, or is of no more use. NETWORK: not all came, in curl's words. */
bool download_end(Download *download, GError **error);

void download_clear(Download *download);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Download, download_clear)
