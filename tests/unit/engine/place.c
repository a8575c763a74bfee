/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/place.h"

#include "base/tree.h"

Place *place_new(void)
{
    Place *place = g_new0(Place, 1);
    floe_engine_options options = FLOE_ENGINE_OPTIONS_INIT;
    g_autofree char *root = NULL;
    g_autofree char *runroot = NULL;

    place->directory = g_dir_make_tmp("floe-place-XXXXXX", NULL);
    g_assert_nonnull(place->directory);
    root = g_build_filename(place->directory, "root", NULL);
    runroot = g_build_filename(place->directory, "run", NULL);
    options.root = root;
    options.runroot = runroot;
    DONE(floe_engine_open(&options, &place->engine, &error));
    insert_network(place->engine->db, "podman");
    place->image_id = insert_image(place->engine->db, "1", "localhost/redis:latest", "base|top");
    return place;
}

void place_free(Place *place)
{
    floe_container_free(place->ctr);
    floe_engine_close(place->engine);
    WORKS(tree_remove(place->directory, &error));
    g_free(place->image_id);
    g_free(place->directory);
    g_free(place);
}

floe_container *place_insert(const Place *place, ContainerRecord *taken)
{
    WORKS(container_insert(place->engine->db, taken, &error));
    return container_for_record(place->engine, taken);
}

Place *place_with(floe_container_state state)
{
    Place *place = place_new();
    ContainerRecord *record = make_container("a", "web");

    record->config.image_id = g_strdup(place->image_id);
    record->config.network_mode = g_strdup("none");
    record->config.runtime = g_strdup("/usr/bin/none");
    record->status.state = state;
    place->ctr = place_insert(place, record);
    return place;
}
