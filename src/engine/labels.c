/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/labels.h"

bool labels_parse(const char *option, const json_t *base, const char *const *texts,
                  json_t **ret_labels, GError **error)
{
    json_auto_t *labels = json_object();

    if (json_is_object(base))
        json_object_update(labels, (json_t *)base);
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        g_auto(GStrv) pair = g_strsplit(texts[i], "=", 2);

        if (pair[0] == NULL || pair[0][0] == '\0')
            return err_set(error, FLOE_ERROR_INVALID, "--%s '%s' has no name", option, texts[i]);
        json_object_set_new(labels, pair[0], json_from_string(pair[1] != NULL ? pair[1] : ""));
    }
    *ret_labels = g_steal_pointer(&labels);
    return true;
}

bool labels_match(const json_t *labels, const char *wanted)
{
    g_auto(GStrv) pair = g_strsplit(wanted, "=", 2);
    const char *label = pair[0] != NULL ? json_string_value(json_object_get(labels, pair[0])) : NULL;

    return label != NULL && (pair[1] == NULL || g_str_equal(label, pair[1]));
}
