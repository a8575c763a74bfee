/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is whom to look up; the rest is /etc/passwd and /etc/group at once. */
#include "base/path.h"
#include "fuzz.h"
#include "storage/root-users.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    size_t length = strcspn(text, "\n");
    const char *files = text + length + (text[length] != '\0');
    g_autofree char *spec = g_strndup(text, length);
    g_auto(RootUser) user = { 0 };
    g_autoptr(GError) error = NULL;
    autofd int root_fd = -1;

    fuzz_write("etc/passwd", files, strlen(files));
    fuzz_write("etc/group", files, strlen(files));
    g_assert_true(root_open(fuzz_directory(), &root_fd, NULL));

    bool found = root_user_lookup(root_fd, spec, &user, &error);

    if (found != (error == NULL) || (found && user.home == NULL))
        abort();
    return 0;
}
