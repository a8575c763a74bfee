/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What registries.conf says of short names: containers-registries.conf(5). The rest of it (mirrors,
 * insecure registries) is skopeo's to read.
 */
#pragma once

#include "base/error.h"

typedef enum ShortNameMode {
    SHORT_NAMES_PERMISSIVE, /* where nobody can be asked, all registries in their order */
    SHORT_NAMES_ENFORCING,  /* where nobody can be asked, only one that leaves no choice */
    SHORT_NAMES_DISABLED,   /* all registries in their order, without aliases */
} ShortNameMode;

typedef struct RegistriesConf {
    GHashTable *aliases; /* "redis" -> "docker.io/library/redis" */
    char **search;       /* unqualified-search-registries; NULL: none */
    ShortNameMode mode;
} RegistriesConf;

void registries_conf_clear(RegistriesConf *conf);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RegistriesConf, registries_conf_clear)

/*
 * The machine's: /etc/containers/registries.conf (or $CONTAINERS_REGISTRIES_CONF), what is in
 * registries.conf.d, and the aliases that users have chosen. Missing files are empty ones. INVALID
 * names file and line.
 */
bool registries_conf_load(RegistriesConf *ret_conf, GError **error);

/* Add what a text says to a configuration; `what` names it in errors. */
bool registries_conf_parse(RegistriesConf *conf, const char *text, const char *what, GError **error);

void registries_conf_init(RegistriesConf *conf);

/* Note for all engines of the machine what a user means by a short name. An older choice goes. */
bool registries_conf_remember(const char *short_name, const char *repository, GError **error);
