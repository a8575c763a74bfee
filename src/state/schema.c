/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, and how one version becomes the next. The version is SQLite's user_version, which
 * stands in the file's header: reading it costs no look at the tables.
 *
 * Columns are what is searched, sorted or referred to; the rest of a record is one JSON text, so
 * that a new field needs no migration. `number` is the order of insertion.
 */
#include "state/schema.h"

#include "state/query.h"

#define FIRST_VERSION \
    "CREATE TABLE fact (" \
    "    key TEXT PRIMARY KEY," \
    "    value TEXT NOT NULL" \
    ") WITHOUT ROWID;" \
    "CREATE TABLE image (" \
    "    id TEXT PRIMARY KEY," \
    "    manifest_digest TEXT," \
    "    created_unix_ns INTEGER NOT NULL," \
    "    size_bytes INTEGER NOT NULL," \
    "    config TEXT NOT NULL" \
    ");" \
    "CREATE TABLE image_name (" \
    "    name TEXT PRIMARY KEY," \
    "    image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX image_name_by_image ON image_name (image_id);" \
    "CREATE TABLE image_layer (" \
    "    image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE," \
    "    position INTEGER NOT NULL," /* 0: the lowest */ \
    "    chain_id TEXT NOT NULL," \
    "    PRIMARY KEY (image_id, position)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX image_layer_by_chain ON image_layer (chain_id);" \
    "CREATE TABLE container (" \
    "    number INTEGER PRIMARY KEY," \
    "    id TEXT NOT NULL UNIQUE," \
    "    name TEXT NOT NULL UNIQUE," \
    "    image_id TEXT REFERENCES image (id)," \
    "    state INTEGER NOT NULL," /* floe_container_state */ \
    "    config TEXT NOT NULL," \
    "    status TEXT NOT NULL" \
    ");" \
    "CREATE INDEX container_by_image ON container (image_id);" \
    "CREATE TABLE container_dependency (" \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    dependency_id TEXT NOT NULL REFERENCES container (id)," \
    "    PRIMARY KEY (container_id, dependency_id)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX container_dependency_by_dependency ON container_dependency (dependency_id);" \
    "CREATE TABLE exec_session (" \
    "    number INTEGER PRIMARY KEY," \
    "    id TEXT NOT NULL UNIQUE," \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    session TEXT NOT NULL" \
    ");" \
    "CREATE INDEX exec_session_by_container ON exec_session (container_id);" \
    "CREATE TABLE exit_code (" /* outlives its container */ \
    "    container_id TEXT PRIMARY KEY," \
    "    exit_code INTEGER NOT NULL," \
    "    saved_unix_ns INTEGER NOT NULL" \
    ") WITHOUT ROWID;" \
    "CREATE TABLE lease (" \
    "    network TEXT NOT NULL," \
    "    address TEXT NOT NULL," \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    PRIMARY KEY (network, address)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX lease_by_container ON lease (container_id);" \
    "CREATE TABLE last_lease (" \
    "    network TEXT PRIMARY KEY," \
    "    address TEXT NOT NULL" \
    ") WITHOUT ROWID;"

/* The ports first to last of the host, at an address or, 0.0.0.0 and ::, all of that kind. */
#define PORTS \
    "CREATE TABLE port (" \
    "    protocol TEXT NOT NULL," \
    "    address TEXT NOT NULL," \
    "    first INTEGER NOT NULL," \
    "    last INTEGER NOT NULL," \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE" \
    ");" \
    "CREATE INDEX port_by_number ON port (protocol, first);" \
    "CREATE INDEX port_by_container ON port (container_id);"

/* Containers and pods share names and ids: container-record.c and pod-record.c look at both. */
#define PODS \
    "CREATE TABLE pod (" \
    "    number INTEGER PRIMARY KEY," \
    "    id TEXT NOT NULL UNIQUE," \
    "    name TEXT NOT NULL UNIQUE," \
    "    removing INTEGER NOT NULL," /* a removal has begun: no container may join it */ \
    "    config TEXT NOT NULL" \
    ");" \
    "ALTER TABLE container ADD COLUMN pod_id TEXT REFERENCES pod (id);" \
    "CREATE INDEX container_by_pod ON container (pod_id);"

/* Nobody can remove a volume that a container's configuration names. */
#define VOLUMES \
    "CREATE TABLE volume (" \
    "    name TEXT PRIMARY KEY," \
    "    volume TEXT NOT NULL" \
    ") WITHOUT ROWID;" \
    "CREATE TABLE container_volume (" \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    volume_name TEXT NOT NULL REFERENCES volume (name)," \
    "    PRIMARY KEY (container_id, volume_name)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX container_volume_by_volume ON container_volume (volume_name);"

/*
 * Nobody can remove a network that a container's configuration names. What was the only network so
 * far is a fact, made with the first container that ran; and the last address that was given is
 * remembered for each subnet, no more for the network.
 */
#define NETWORKS \
    "CREATE TABLE network (" \
    "    number INTEGER PRIMARY KEY," \
    "    id TEXT NOT NULL UNIQUE," \
    "    name TEXT NOT NULL UNIQUE," \
    "    bridge TEXT UNIQUE," \
    "    info TEXT NOT NULL" \
    ");" \
    "INSERT INTO network (id, name, bridge, info)" \
    " SELECT value ->> 'id', value ->> 'name', value ->> 'network_interface', value" \
    " FROM fact WHERE key = 'network-default';" \
    "DELETE FROM fact WHERE key = 'network-default';" \
    "CREATE TABLE container_network (" \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    network_name TEXT NOT NULL REFERENCES network (name)," \
    "    PRIMARY KEY (container_id, network_name)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX container_network_by_network ON container_network (network_name);" \
    "INSERT INTO container_network (container_id, network_name)" \
    " SELECT container.id, network.name FROM container, network" \
    " WHERE network.name IN (SELECT value ->> 'name' FROM json_each(container.config, '$.networks'));" \
    "DROP TABLE last_lease;" \
    "CREATE TABLE last_lease (" \
    "    network TEXT NOT NULL," \
    "    subnet TEXT NOT NULL," \
    "    address TEXT NOT NULL," \
    "    PRIMARY KEY (network, subnet)" \
    ") WITHOUT ROWID;"

/* What netavark was asked and answered for the one network that a container had becomes a list. */
#define NETWORK_LISTS \
    "UPDATE container SET status = json_remove(json_set(status, '$.networks', (" \
    "    SELECT json_group_array(json_object(" \
    "        'network', network.key," \
    "        'interface_name', json_extract(network.value, '$.interface_name')," \
    "        'addresses', json_array(json_extract(network.value, '$.static_ips[0]') ||" \
    "            substr(subnet, instr(subnet, '/')))," \
    "        'gateways', json_array(json_extract(info.value, '$.subnets[0].gateway'))," \
    "        'mac', json_extract(network.value, '$.static_mac')," \
    "        'dns_servers', json(iif(json_extract(info.value, '$.dns_enabled')," \
    "            json_array(json_extract(info.value, '$.subnets[0].gateway')), '[]'))," \
    "        'request', json_extract(status, '$.network_request')," \
    "        'is_up', json(iif(json_type(status, '$.network_status') IS NULL, 'false', 'true'))))" \
    "    FROM (SELECT key, value FROM json_each(status, '$.network_request.networks')) AS network" \
    "    JOIN (SELECT key, value, json_extract(value, '$.subnets[0].subnet') AS subnet" \
    "          FROM json_each(status, '$.network_request.network_info')) AS info" \
    "    ON network.key = info.key))," \
    "    '$.network_request', '$.network_status')" \
    " WHERE json_type(status, '$.network_request') IS NOT NULL;"

/* Nobody can remove an image that is mounted on the host, or that is in a container beside its own. */
#define IMAGE_MOUNTS \
    "CREATE TABLE image_mount (" \
    "    image_id TEXT PRIMARY KEY REFERENCES image (id)," \
    "    count INTEGER NOT NULL" \
    ") WITHOUT ROWID;" \
    "CREATE TABLE container_image (" \
    "    container_id TEXT NOT NULL REFERENCES container (id) ON DELETE CASCADE," \
    "    image_id TEXT NOT NULL REFERENCES image (id)," \
    "    PRIMARY KEY (container_id, image_id)" \
    ") WITHOUT ROWID;" \
    "CREATE INDEX container_image_by_image ON container_image (image_id);"

#define SECRETS \
    "CREATE TABLE secret (" \
    "    id TEXT PRIMARY KEY," \
    "    name TEXT NOT NULL UNIQUE," \
    "    secret TEXT NOT NULL" \
    ") WITHOUT ROWID;"

/* A list of images for several platforms: a row without layers, and what it names. NULL: an image. */
#define MANIFEST_LISTS "ALTER TABLE image ADD COLUMN list TEXT;"

const char *const schema_migrations[] = {
    FIRST_VERSION, PORTS,        PODS,    VOLUMES,        NETWORKS,
    NETWORK_LISTS, IMAGE_MOUNTS, SECRETS, MANIFEST_LISTS, NULL,
};

bool schema_version(Database *db, int *ret_version, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "PRAGMA user_version", &query, error) ||
        !query_next(&query, &has_row, error))
        return false;
    *ret_version = (int)query_int64(&query, 0);
    return true;
}

static bool check_references(Database *db, GError **error)
{
    g_auto(Query) query = QUERY_NONE;
    bool has_row = false;

    if (!query_prepare(db, "PRAGMA foreign_key_check", &query, error) ||
        !query_next(&query, &has_row, error))
        return false;
    if (has_row)
        return err_set(error, FLOE_ERROR_INTERNAL, "a row of table '%s' refers to a missing one",
                       query_text(&query, 0));
    return true;
}

static bool migrate(Database *db, const char *migration, int version, GError **error)
{
    g_autofree char *set_version = g_strdup_printf("PRAGMA user_version = %d", version);

    return connection_exec(db, migration, error) && check_references(db, error) &&
           connection_exec(db, set_version, error);
}

/* One step at most: another process may have made it while this one waited for the transaction. */
static bool upgrade_step(Database *db, const char *const *migrations, int newest, int *ret_version,
                         GError **error)
{
    g_auto(Transaction) transaction = TRANSACTION_NONE;

    if (!transaction_begin(db, true, &transaction, error) || !schema_version(db, ret_version, error))
        return false;
    if (*ret_version >= newest)
        return true;
    if (!migrate(db, migrations[*ret_version], *ret_version + 1, error))
        return err_prefix(error, "database '%s': upgrade to schema version %d", db->path,
                          *ret_version + 1);
    *ret_version += 1;
    return transaction_commit(&transaction, error);
}

bool schema_upgrade(Database *db, const char *const *migrations, GError **error)
{
    int newest = (int)g_strv_length((char **)migrations);
    int version = 0;

    if (!schema_version(db, &version, error))
        return false;
    while (version < newest) {
        if (!upgrade_step(db, migrations, newest, &version, error))
            return false;
    }
    if (version > newest)
        return err_set(error, FLOE_ERROR_SCHEMA,
                       "database '%s' has schema version %d, made by a newer floe; this one knows "
                       "versions up to %d",
                       db->path, version, newest);
    return true;
}
