/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/seccomp.h"

#include <string.h>
#include <unistd.h>

#define PACKAGED_PROFILE "/usr/share/containers/seccomp.json"

static const char *const no_capabilities[] = { NULL };
static const char *const some_capabilities[] = { "CAP_CHOWN", "CAP_SYS_ADMIN", NULL };

static json_t *parsed(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *value = NULL;

    json_parse(text, strlen(text), "profile", &value, &error);
    g_assert_no_error(error);
    return value;
}

/* The reduced profile's text. */
static char *reduced(const char *profile, const char *machine, const char *release,
                     const char *const *capabilities)
{
    const SeccompTarget target = { machine, release, capabilities, .lacks_x32 = true };
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonValue) document = parsed(profile);
    g_autoptr(JsonValue) result = NULL;

    seccomp_reduce(document, &target, &result, &error);
    g_assert_no_error(error);
    return json_to_text(result);
}

/*
 * Is a rule with these further keys for a host of this machine, kernel 5.10 and some_capabilities?
 */
static bool applies(const char *keys, const char *machine)
{
    g_autofree char *profile = g_strdup_printf(
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":"
        "[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",%s}]}",
        keys);
    g_autofree char *text = reduced(profile, machine, "5.10.0-rc1", some_capabilities);

    return strstr(text, "\"read\"") != NULL;
}

static void test_rules_are_chosen_by_what_they_include_and_exclude(void)
{
    const struct {
        const char *keys, *machine;
        bool applies;
    } cases[] = {
        { "\"includes\":{},\"excludes\":{}", "x86_64", true },
        { "\"includes\":null", "x86_64", true },
        { "\"includes\":{\"caps\":[]}", "x86_64", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"]}", "x86_64", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"]}", "x86_64", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\",\"CAP_BPF\"]}", "x86_64", false },
        { "\"excludes\":{\"caps\":[\"CAP_BPF\"]}", "x86_64", true },
        { "\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_CHOWN\"]}", "x86_64", false },
        { "\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", "x86_64", true },
        { "\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", "aarch64", false },
        { "\"includes\":{\"arches\":[\"arm64\"]}", "aarch64", true },
        { "\"includes\":{\"arches\":[\"riscv64\"]}", "riscv64", true },
        { "\"includes\":{\"arches\":[\"s390x\"]}", "s390x", true },
        { "\"includes\":{\"arches\":[\"ppc64le\"]}", "ppc64le", true },
        { "\"includes\":{\"arches\":[\"amd64\"]}", "unheard-of", false },
        { "\"excludes\":{\"arches\":[\"amd64\"]}", "x86_64", false },
        { "\"excludes\":{\"arches\":[\"arm64\"]}", "x86_64", true },
        { "\"includes\":{\"minKernel\":\"5.10\"}", "x86_64", true },
        { "\"includes\":{\"minKernel\":\"4.18\"}", "x86_64", true },
        { "\"includes\":{\"minKernel\":\"5.11\"}", "x86_64", false },
        { "\"includes\":{\"minKernel\":\"6.1\"}", "x86_64", false },
        { "\"excludes\":{\"minKernel\":\"4.8\"}", "x86_64", false },
        { "\"excludes\":{\"minKernel\":\"6.0\"}", "x86_64", true },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"],\"arches\":[\"arm64\"]}", "x86_64", false },
        { "\"includes\":{\"caps\":[\"CAP_CHOWN\"]},\"excludes\":{\"arches\":[\"amd64\"]}", "x86_64",
          false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (applies(cases[i].keys, cases[i].machine) != cases[i].applies)
            g_error("%s on %s: wrong", cases[i].keys, cases[i].machine);
    }
}

static void test_only_keys_of_the_runtime_are_left(void)
{
    g_autofree char *text = reduced(
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"comment\":\"x\","
        "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
        "\"archMap\":[{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},"
        "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\"]}],"
        "\"syscalls\":[{\"name\":\"socket\",\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EINVAL\","
        "\"comment\":\"y\",\"includes\":{},\"args\":[{\"index\":2,\"value\":4294967295,\"valueTwo\":7,"
        "\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
        "{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1,\"errno\":\"EPERM\","
        "\"args\":null}]}",
        "x86_64", "6.1.0", no_capabilities);

    g_assert_cmpstr(
        text, ==,
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
        "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],"
        "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
        "\"syscalls\":[{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":22,"
        "\"args\":[{\"index\":2,\"value\":4294967295,\"valueTwo\":7,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
        "{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}]}");
}

static void test_x32_is_left_out_where_the_kernel_lacks_it(void)
{
    static const char profile[] =
        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\","
        "\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}]}";

    for (int lacks = 0; lacks < 2; lacks++) {
        const SeccompTarget target = { "x86_64", "6.1.0", no_capabilities, .lacks_x32 = lacks };
        g_autoptr(JsonValue) document = parsed(profile);
        g_autoptr(JsonValue) result = NULL;
        g_autofree char *text = NULL;

        g_assert_true(seccomp_reduce(document, &target, &result, NULL));
        text = json_to_text(result);
        g_assert_nonnull(strstr(text, "SCMP_ARCH_X86\""));
        g_assert_cmpint(strstr(text, "SCMP_ARCH_X32") != NULL, ==, !lacks);
    }
}

static void test_an_architecture_without_a_map_is_left_to_the_runtime(void)
{
    g_autofree char *text = reduced("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":"
                                    "[{\"architecture\":\"SCMP_ARCH_X86_64\"}]}",
                                    "riscv64", "6.1.0", no_capabilities);

    g_assert_cmpstr(text, ==, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}");
}

static void test_a_broken_profile_is_refused_with_the_key(void)
{
    const struct {
        const char *profile, *part;
    } cases[] = {
        { "[]", "object" },
        { "{}", "defaultAction" },
        { "{\"defaultAction\":5}", "defaultAction" },
        { "{\"defaultAction\":\"SCMP_ACT_NICE\"}", "SCMP_ACT_NICE" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"EWHAT\"}", "EWHAT" },
        { "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-1}", "negative" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}", "syscalls" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[7]}", "item 0" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":1}]}",
          "archMap: item 0: key 'architecture'" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_ARM\"}],"
          "\"architectures\":[\"SCMP_ARCH_ARM\"]}",
          "both 'archMap' and 'architectures'" },
        { "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[1]}", "flags" },
    };
    const struct {
        const char *rule, *part;
    } rules[] = {
        { "{\"action\":\"SCMP_ACT_ALLOW\"}", "names" },
        { "{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}", "names" },
        { "{\"names\":[\"a\"],\"name\":\"b\",\"action\":\"SCMP_ACT_ALLOW\"}", "both" },
        { "{\"names\":[1],\"action\":\"SCMP_ACT_ALLOW\"}", "names" },
        { "{\"names\":[\"a\"]}", "action" },
        { "{\"names\":[\"a\"],\"action\":\"allow\"}", "allow" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":[]}", "includes" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[{}]}}",
          "includes: key 'caps'" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"minKernel\":\"new\"}}",
          "excludes: key 'minKernel'" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0}]}",
          "args: item 0: key 'op'" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"op\":\"SCMP_CMP_EQ\"}]}",
          "key 'index' is missing" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\","
          "\"args\":[{\"op\":\"SCMP_CMP_EQ\",\"index\":6}]}",
          "0 to 5" },
        { "{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ALLOW\","
          "\"args\":[{\"op\":\"SCMP_CMP_EQ\",\"index\":1,\"value\":\"1\"}]}",
          "key 'value'" },
    };
    const SeccompTarget target = { "x86_64", "6.1.0", no_capabilities, .lacks_x32 = false };

    for (size_t i = 0; i < G_N_ELEMENTS(cases) + G_N_ELEMENTS(rules); i++) {
        bool is_rule = i >= G_N_ELEMENTS(cases);
        const size_t r = is_rule ? i - G_N_ELEMENTS(cases) : 0;
        g_autofree char *text = is_rule
                                    ? g_strdup_printf(
                                          "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}",
                                          rules[r].rule)
                                    : g_strdup(cases[i].profile);
        const char *part = is_rule ? rules[r].part : cases[i].part;
        g_autoptr(JsonValue) document = parsed(text);
        g_autoptr(GError) error = NULL;
        json_t *result = NULL;

        g_assert_false(seccomp_reduce(document, &target, &result, &error));
        g_assert_error(error, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
        if (strstr(error->message, part) == NULL)
            g_error("%s: '%s' is not in '%s'", text, part, error->message);
        g_assert_null(result);
    }
}

/*
 * Which rule of a reduced profile is about a system call without looking at its arguments: its
 * action, or NULL.
 */
static const char *action_of(const json_t *profile, const char *syscall)
{
    size_t index;
    json_t *rule;

    json_array_foreach(json_object_get(profile, "syscalls"), index, rule) {
        g_autofree char *names = json_to_text(json_object_get(rule, "names"));
        g_autofree char *quoted = g_strdup_printf("\"%s\"", syscall);

        if (strstr(names, quoted) != NULL && json_object_get(rule, "args") == NULL)
            return json_string_value(json_object_get(rule, "action"));
    }
    return NULL;
}

static void test_the_packaged_profile_depends_on_capabilities(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonValue) without = NULL;
    g_autoptr(JsonValue) with = NULL;

    if (access(PACKAGED_PROFILE, R_OK) < 0) {
        g_test_skip("containers-common is not installed");
        return;
    }
    seccomp_load(PACKAGED_PROFILE, no_capabilities, &without, &error);
    g_assert_no_error(error);
    seccomp_load(PACKAGED_PROFILE, some_capabilities, &with, &error);
    g_assert_no_error(error);

    g_assert_cmpstr(json_string_value(json_object_get(with, "defaultAction")), ==, "SCMP_ACT_ERRNO");
    g_assert_cmpstr(action_of(without, "read"), ==, "SCMP_ACT_ALLOW");
    g_assert_cmpstr(action_of(with, "read"), ==, "SCMP_ACT_ALLOW");
    g_assert_cmpstr(action_of(without, "bpf"), ==, "SCMP_ACT_ERRNO");
    g_assert_cmpstr(action_of(with, "bpf"), ==, "SCMP_ACT_ALLOW");
    g_assert_cmpstr(action_of(with, "kexec_load"), ==, "SCMP_ACT_ERRNO");
}

static void test_a_file_that_is_missing_or_broken_is_named(void)
{
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) broken = NULL;
    json_t *result = NULL;

    g_assert_false(seccomp_load("/nonexistent.json", no_capabilities, &result, &missing));
    g_assert_error(missing, FLOE_ERROR_DOMAIN, FLOE_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(missing->message, "/nonexistent.json"));

    g_assert_false(seccomp_load("/proc/version", no_capabilities, &result, &broken));
    g_assert_error(broken, FLOE_ERROR_DOMAIN, FLOE_ERROR_INVALID);
    g_assert_nonnull(strstr(broken->message, "/proc/version"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oci/seccomp/rules-are-chosen-by-what-they-include-and-exclude",
                    test_rules_are_chosen_by_what_they_include_and_exclude);
    g_test_add_func("/oci/seccomp/only-keys-of-the-runtime-are-left",
                    test_only_keys_of_the_runtime_are_left);
    g_test_add_func("/oci/seccomp/x32-is-left-out-where-the-kernel-lacks-it",
                    test_x32_is_left_out_where_the_kernel_lacks_it);
    g_test_add_func("/oci/seccomp/an-architecture-without-a-map-is-left-to-the-runtime",
                    test_an_architecture_without_a_map_is_left_to_the_runtime);
    g_test_add_func("/oci/seccomp/a-broken-profile-is-refused-with-the-key",
                    test_a_broken_profile_is_refused_with_the_key);
    g_test_add_func("/oci/seccomp/the-packaged-profile-depends-on-capabilities",
                    test_the_packaged_profile_depends_on_capabilities);
    g_test_add_func("/oci/seccomp/a-file-that-is-missing-or-broken-is-named",
                    test_a_file_that_is_missing_or_broken_is_named);
    return g_test_run();
}
