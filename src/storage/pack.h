/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packing a directory tree into an uncompressed tar, for unpack.h or anybody else to read: owner,
 * mode, times, xattrs, hard links, devices, FIFOs and holes are kept. The tree may be a container's
 * that goes on changing it: no link is followed, and what is opened is a regular file or a
 * directory, always.
 */
#pragma once

#include "base/error.h"

#include <stdint.h>

/*
 * Write the directory, as "./", and all below it, as "./name", in the order of their names; of
 * hard links the first is the file. Sockets, and what is mounted below, are left out. fd may be a
 * pipe; what a failure leaves in it is no whole tar. ret_n_entries: without the directory's own;
 * may be NULL.
 *
 * IO names the entry that failed, which may be one that vanished or was cut at that moment.
 */
bool pack_tar(int directory_fd, int fd, int64_t *ret_n_entries, GError **error);
