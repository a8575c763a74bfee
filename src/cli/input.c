/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include "cli/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool input_read(const char *path, size_t limit, GString *content, GError **error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    char block[64 * 1024];
    size_t got;

    if (file == NULL)
        return cli_set_error(error, "open '%s': %s", path, g_strerror(errno));
    while (content->len <= limit && (got = fread(block, 1, sizeof(block), file)) > 0)
        g_string_append_len(content, block, (gssize)got);

    bool failed = ferror(file) != 0;

    if (!is_stdin)
        fclose(file);
    return !failed || cli_set_error(error, "read '%s' failed", path);
}
