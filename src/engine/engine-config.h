/* SPDX-License-Identifier: Apache-2.0 */
/* floe.conf(5): the file that an administrator writes. */
#pragma once

#include "base/error.h"

/* The path of the file, for messages. */
const char *config_file_path(void);

/* What it has; a file that is not there has nothing. g_key_file_unref(). INVALID. */
bool config_file_load(GKeyFile **ret_file, GError **error);

/*
 * The choices where hosts differ that somebody has made: by an option of the command line (NULL: not
 * so), else in the file. NULL: nobody, and floe takes what it finds to work. Freed by the caller.
 * INVALID; UNSUPPORTED: this host does not have it.
 */
bool choose_cgroup_manager(const char *option, char **ret_manager, GError **error);
bool choose_runtime_name(const char *option, char **ret_runtime, GError **error);
bool choose_storage_driver(const char *option, char **ret_driver, GError **error);

/* $NETAVARK_FW, which is netavark's own, counts as an option. */
bool choose_firewall(char **ret_driver, GError **error);
