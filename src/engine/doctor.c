/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/doctor.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/tree.h"
#include "engine/cgroup-names.h"
#include "engine/engine-config.h"
#include "engine/engine.h"
#include "engine/public-error.h"
#include "engine/public-struct.h"
#include "oci/systemd.h"

static void doctor_clear(Doctor *doctor)
{
    GError *failed = NULL;

    if (doctor->scratch != NULL && !tree_remove(doctor->scratch, &failed))
        log_ignored(failed, "cannot remove '%s'", doctor->scratch);
    g_free(doctor->root);
    g_free(doctor->runroot);
    g_free(doctor->scratch);
    g_free(doctor->wanted_runtime);
    g_free(doctor->wanted_storage);
    fd_cleanup(&doctor->netns_fd);
    runtime_clear(&doctor->runtime);
    json_decref(doctor->checks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Doctor, doctor_clear)

void doctor_tell(Doctor *doctor, const char *name, CheckStatus status, const char *advice,
                 const char *found, ...)
{
    static const char *const statuses[] = {
        [CHECK_OK] = "ok",
        [CHECK_WARNING] = "warning",
        [CHECK_FAILED] = "failed",
    };
    json_t *check = json_object();
    va_list args;

    va_start(args, found);
    g_autofree char *text = g_strdup_vprintf(found, args);
    va_end(args);
    json_object_set_new(check, "name", json_string(name));
    json_object_set_new(check, "status", json_string(statuses[status]));
    json_object_set_new(check, "found", json_from_string(text));
    json_object_set_new(check, "advice", json_from_string(advice != NULL ? advice : ""));
    json_array_append_new(doctor->checks, check);
    doctor->ok = doctor->ok && status != CHECK_FAILED;
}

static bool doctor_run(const floe_engine_options *options, char **ret_json, GError **error)
{
    g_auto(Doctor) doctor = {
        .netns_fd = -1,
        .checks = json_array(),
        .ok = true,
    };
    g_autoptr(JsonValue) report = json_object();
    g_autofree char *manager = NULL;

    if (!engine_directories(options, &doctor.root, &doctor.runroot, error) ||
        !choose_runtime_name(options->runtime, &doctor.wanted_runtime, error) ||
        !choose_cgroup_manager(options->cgroup_manager, &manager, error) ||
        !choose_storage_driver(options->storage_driver, &doctor.wanted_storage, error))
        return false;
    doctor.use_systemd = manager != NULL ? g_str_equal(manager, CGROUP_MANAGER_SYSTEMD)
                                         : systemd_manages_cgroups();
    doctor_check_privileges(&doctor);
    doctor_check_directories(&doctor);
    doctor_check_kernel(&doctor);
    doctor_check_cgroups(&doctor);
    doctor_check_systemd(&doctor);
    doctor_check_security_modules(&doctor);
    doctor_check_runtime(&doctor);
    doctor_check_conmon(&doctor);
    doctor_check_criu(&doctor);
    doctor_check_network(&doctor);
    doctor_check_helpers(&doctor);

    json_object_set_new(report, "ok", json_boolean(doctor.ok));
    json_object_set(report, "checks", doctor.checks);
    *ret_json = json_to_text(report);
    return true;
}

bool floe_doctor(const floe_engine_options *options, char **ret_json, floe_error **error)
{
    floe_engine_options known = FLOE_ENGINE_OPTIONS_INIT;
    g_autoptr(GError) err = NULL;

    if (!public_given(&err, GIVEN(ret_json), NULL) ||
        !public_options(options, &known, sizeof(known), &err))
        return public_result(false, &err, error);
    log_set_handler(known.log, known.log_data, known.log_level);
    return public_result(doctor_run(&known, ret_json, &err), &err, error);
}
