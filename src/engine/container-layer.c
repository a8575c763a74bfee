/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/container-layer.h"

#include "base/path.h"
#include "engine/container.h"
#include "engine/storage-driver.h"
#include "state/image-record.h"

char **layer_dirs(const Layout *layout, char **layers, size_t count)
{
    char **dirs = g_new0(char *, count + 1);

    for (size_t i = 0; i < count; i++)
        dirs[i] = g_build_filename(layout->layers_dir, layers[i], "diff", NULL);
    return dirs;
}

static bool lower_dirs(floe_engine *engine, const ContainerConfig *config, char ***ret_dirs,
                       GError **error)
{
    g_autoptr(ImageRecord) image = NULL;
    const Layout *layout = NULL;

    if (config->rootfs != NULL) {
        *ret_dirs = g_strdupv((char *[]){ config->rootfs, NULL });
        return true;
    }
    if (!container_load_image(engine, config, &image, error) ||
        !engine_layout(engine, &layout, error))
        return false;
    *ret_dirs = layer_dirs(layout, image->layers, g_strv_length(image->layers));
    return true;
}

bool container_layer_init(floe_engine *engine, const ContainerRecord *record,
                          ContainerLayer *ret_layer, GError **error)
{
    char **dirs = NULL;

    if (!lower_dirs(engine, &record->config, &dirs, error))
        return false;
    ret_layer->lower_dirs = dirs;
    ret_layer->dir = g_build_filename(engine->root, "containers", record->id, "upper", NULL);
    ret_layer->layer = (Layer){
        .dir = ret_layer->dir,
        .lower_dirs = (const char *const *)dirs,
        .is_copy = config_has_copied_root(&record->config),
    };
    return true;
}

void container_layer_clear(ContainerLayer *layer)
{
    g_clear_pointer(&layer->dir, g_free);
    g_clear_pointer(&layer->lower_dirs, g_strfreev);
}

bool container_layer_exists(const ContainerLayer *layer)
{
    return path_exists(layer->dir);
}

bool container_layer_size(floe_engine *engine, const ContainerRecord *record, int64_t *ret_bytes,
                          GError **error)
{
    g_auto(ContainerLayer) own = { 0 };

    return (container_layer_init(engine, record, &own, error) &&
            layer_size(&own.layer, ret_bytes, error)) ||
           err_prefix(error, "count the size of container \"%s\"", record->name);
}
