/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a template, executed on an object with every kind of value. */
#include "cli/go-template.h"
#include "fuzz.h"

#include <stdlib.h>

static const char object[] =
    "{\"Text\":\"web\",\"Number\":42,\"Real\":1.5,\"Yes\":true,\"No\":false,\"Null\":null,"
    "\"List\":[\"a\",1,{\"B\":[]}],\"Labels\":{\"a\":\"1\",\"b\":\"2\"},\"State\":{\"Pid\":7}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *plain = go_template_unescape(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(GoTemplate) template = go_template_parse(plain, &error);
    json_t *value = json_loads(object, 0, NULL);

    if ((template == NULL) != (error != NULL))
        abort();
    if (template != NULL) {
        g_autoptr(GString) out = g_string_new(NULL);
        bool done = go_template_execute(template, value, out, &error);

        if (done != (error == NULL))
            abort();
    }
    json_decref(value);
    return 0;
}
