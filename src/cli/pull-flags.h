/* SPDX-License-Identifier: Apache-2.0 */
/* The flags that say how an image comes here: of pull, run and create. */
#pragma once

#include "cli/cli.h"
#include "cli/options.h"

typedef struct PullFlags {
    floe_pull_options options;
    floe_registry_options registry;
    const char *policy;   /* NULL: missing */
    const char *platform; /* "OS/ARCH[/VARIANT]" */
    char **parts;         /* of the platform */
    bool quiet;
    int64_t retry;
} PullFlags;

#define PULL_FLAGS_INIT \
    { \
        .options = FLOE_PULL_OPTIONS_INIT, .registry = FLOE_REGISTRY_OPTIONS_INIT \
    }

/* Rows of an option table: how to speak to a registry. */
#define REGISTRY_ROWS(registry) \
    { "authfile",  0, \
      OPTION_TEXT, &(registry)->authfile, \
      "FILE",      "Logins for registries are in this file" }, \
        { "cert-dir",  0, \
          OPTION_TEXT, &(registry)->cert_dir, \
          "DIR",       "Certificates for the registry: *.crt, *.cert, *.key" }, \
        { "creds",         0, \
          OPTION_TEXT,     &(registry)->credentials, \
          "USER:PASSWORD", "Login for the registry" }, \
    { \
        "tls-verify", 0, OPTION_ANSWER, &(registry)->tls_verify, NULL, \
            "Want TLS of the registry, and a certificate that is trusted" \
    }

/* Rows of an option table: all of PullFlags but the policy. */
#define PULL_FLAGS_ROWS(flags) \
    { "arch",      0, \
      OPTION_TEXT, &(flags)->options.architecture, \
      "ARCH",      "The image: of this architecture, not this host's" }, \
        { "authfile",  0, \
          OPTION_TEXT, &(flags)->registry.authfile, \
          "FILE",      "Logins for registries are in this file" }, \
        { "cert-dir",  0, \
          OPTION_TEXT, &(flags)->registry.cert_dir, \
          "DIR",       "Certificates for the registry: *.crt, *.cert, *.key" }, \
        { "creds",         0, \
          OPTION_TEXT,     &(flags)->registry.credentials, \
          "USER:PASSWORD", "Login for the registry" }, \
        { "os", 0, OPTION_TEXT, &(flags)->options.os, "OS", "The image: of this operating system" }, \
        { "platform",          0, \
          OPTION_TEXT,         &(flags)->platform, \
          "OS/ARCH[/VARIANT]", "The image: of this platform" }, \
        { "quiet", 'q', OPTION_FLAG, &(flags)->quiet, NULL, "Show no progress of a pull" }, \
        { "retry",         0,   OPTION_UNSIGNED, \
          &(flags)->retry, "N", "Try so often again when the registry fails (0)" }, \
        { "retry-delay", 0, \
          OPTION_TEXT,   &(flags)->options.retry_delay, \
          "TIME",        "The time before each (1s, 2s, 4s, ...)" }, \
        { "tls-verify",  0, \
          OPTION_ANSWER, &(flags)->registry.tls_verify, \
          NULL,          "Want TLS of the registry, and a certificate that is trusted" }, \
    { \
        "variant", 0, OPTION_TEXT, &(flags)->options.variant, "VARIANT", \
            "The image: of this variant of the architecture" \
    }

void pull_flags_clear(PullFlags *flags);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PullFlags, pull_flags_clear)

/* Take over what was read; `flag` is what the policy's is called. */
bool pull_flags_check(PullFlags *flags, const char *flag, GError **error);

/* floe_image_pull(); *ret_image is the name or the id to go on with, freed with floe_free(). */
bool pull_flags_ensure(PullFlags *flags, floe_engine *engine, const char *name, char **ret_image,
                       floe_error **error);
