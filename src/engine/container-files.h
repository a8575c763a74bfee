/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the engine that a container sees: /etc/resolv.conf, /etc/hosts, /etc/hostname,
 * /run/.containerenv, /dev/shm.
 */
#pragma once

#include "engine/container.h"

/*
 * Write them into the run directory; a container in another's network gets that one's resolv.conf
 * and hosts.
 */
bool container_write_files(floe_container *ctr, GError **error);

/* Those that tell of its networks again, in place, for a running container has the files themselves. */
bool container_rewrite_files(floe_container *ctr, GError **error);

/*
 * The directory that becomes /dev/shm: its own, that of the container whose IPC namespace it is in,
 * or NULL for the host's. Freed by the caller. BAD_STATE: the other's has gone with its container.
 */
bool container_shm_source(floe_container *ctr, char **ret_directory, GError **error);

/* Mount the tmpfs that is its own /dev/shm; nothing for a shared one. */
bool container_mount_shm(floe_container *ctr, GError **error);

/*
 * Save what is in its own /dev/shm in a checkpoint's directory: CRIU takes that mount for one of
 * the host's. Nothing when it is saved already, or not mounted.
 */
bool container_save_shm(floe_container *ctr, const char *checkpoint_dir, GError **error);

/* Put it back, into the /dev/shm that is mounted; nothing for a checkpoint that holds none. */
bool container_restore_shm(floe_container *ctr, const char *checkpoint_dir, GError **error);
