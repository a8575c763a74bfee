/* SPDX-License-Identifier: Apache-2.0 */
/* Files of "NAME=value" lines: --env-file and --label-file. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Add the lines of a file to a list. Blank lines and lines that begin with # are skipped, blanks
 * before a line's name are dropped, values are taken as they are, quotes included (docker's rules).
 * A line without "=" stays a bare name: a variable is then taken from floe's environment.
 */
bool env_file_read(const char *path, char ***list, GError **error);

/* The same on a text, which is changed; path is for the error. */
bool env_file_parse(char *text, const char *path, char ***list, GError **error);

/* Read files (NULL: none) into a list (NULL: empty) before what is in it, so that that wins. */
bool env_files_first(char **files, char ***list, GError **error);
