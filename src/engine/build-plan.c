/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/build-plan.h"

#include <string.h>

void build_plan_clear(BuildPlan *plan)
{
    g_clear_pointer(&plan->list, g_free);
    g_clear_pointer(&plan->platforms, g_ptr_array_unref);
    g_clear_pointer(&plan->arguments, g_ptr_array_unref);
}

/*
 * The value of a flag, "--flag=VALUE" or "--flag VALUE", whose last word *at then is; *ret_value is
 * NULL: the word is another.
 */
static bool take_value(const char *const *arguments, size_t *at, const char *flag,
                       const char **ret_value, GError **error)
{
    const char *word = arguments[*at];
    size_t length = strlen(flag);

    *ret_value = NULL;
    if (strncmp(word, flag, length) != 0 || (word[length] != '\0' && word[length] != '='))
        return true;
    *ret_value = word[length] == '=' ? word + length + 1 : arguments[++*at];
    return (*ret_value != NULL && **ret_value != '\0') ||
           err_set(error, FLOE_ERROR_INVALID, "%s: a value is missing", flag);
}

static void add_platforms(GPtrArray *platforms, const char *words)
{
    g_auto(GStrv) parts = g_strsplit(words, ",", -1);

    for (size_t i = 0; parts[i] != NULL; i++) {
        if (!g_ptr_array_find_with_equal_func(platforms, parts[i], g_str_equal, NULL))
            g_ptr_array_add(platforms, g_strdup(parts[i]));
    }
}

static bool read_word(BuildPlan *plan, const char *const *arguments, size_t *at, GError **error)
{
    const char *list = NULL, *platforms = NULL;

    if (g_str_equal(arguments[*at], "--all-platforms"))
        return err_set(error, FLOE_ERROR_UNSUPPORTED,
                       "--all-platforms: name the platforms with --platform");
    if (!take_value(arguments, at, "--manifest", &list, error))
        return false;
    if (list != NULL) {
        g_free(plan->list);
        plan->list = g_strdup(list);
        return true;
    }
    if (!take_value(arguments, at, "--platform", &platforms, error))
        return false;
    if (platforms != NULL)
        add_platforms(plan->platforms, platforms);
    else
        g_ptr_array_add(plan->arguments, (char *)arguments[*at]);
    return true;
}

/* What comes from standard input comes once. */
static bool check_input(const BuildPlan *plan, GError **error)
{
    static const char *const inputs[] = { "-", "-f-", "-f=-", "--file=-", NULL };

    for (guint i = 0; plan->platforms->len > 1 && i + 1 < plan->arguments->len; i++) {
        if (g_strv_contains(inputs, plan->arguments->pdata[i]))
            return err_set(error, FLOE_ERROR_UNSUPPORTED,
                           "a build for several platforms reads its files several times: it cannot "
                           "have them from standard input");
    }
    return true;
}

bool build_plan_read(const char *const *arguments, BuildPlan *ret_plan, GError **error)
{
    g_auto(BuildPlan) plan = {
        .platforms = g_ptr_array_new_with_free_func(g_free),
        .arguments = g_ptr_array_new(),
    };

    for (size_t i = 0; arguments[i] != NULL; i++) {
        if (!read_word(&plan, arguments, &i, error))
            return false;
    }
    g_ptr_array_add(plan.arguments, NULL);
    if (plan.platforms->len == 0)
        g_ptr_array_add(plan.platforms, NULL);
    if (!check_input(&plan, error))
        return false;
    *ret_plan = plan;
    plan = (BuildPlan){ NULL };
    return true;
}

static bool is_text(const json_t *config, const char *key, const char *wanted)
{
    return g_strcmp0(json_string_value(json_object_get(config, key)), wanted) == 0;
}

bool build_platform_fits(const char *platform, const json_t *config)
{
    g_auto(GStrv) parts = g_strsplit(platform != NULL ? platform : "", "/", 3);

    if (parts[0] == NULL || parts[1] == NULL)
        return true; /* buildah knows what is meant */
    if (!is_text(config, "os", parts[0]) || !is_text(config, "architecture", parts[1]))
        return false;
    return parts[2] == NULL || json_object_get(config, "variant") == NULL ||
           is_text(config, "variant", parts[2]);
}
