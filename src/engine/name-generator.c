/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/name-generator.h"

#include <string.h>
#include <sys/random.h>

static const char *const adjectives[] = {
    "arctic",   "bold",    "bright",   "brisk",  "calm",   "clear",  "cold",     "crisp",
    "deep",     "distant", "drifting", "early",  "fair",   "frosty", "frozen",   "gentle",
    "glassy",   "grand",   "hardy",    "hidden", "icy",    "keen",   "late",     "light",
    "lone",     "lucid",   "misty",    "mighty", "nimble", "noble",  "northern", "old",
    "pale",     "patient", "polar",    "proud",  "quick",  "quiet",  "rapid",    "restless",
    "rugged",   "sharp",   "silent",   "silver", "sleepy", "smooth", "snowy",    "solid",
    "southern", "stark",   "steady",   "still",  "stoic",  "strong", "sunny",    "swift",
    "tall",     "tidal",   "vast",     "vivid",  "white",  "wild",   "winter",   "wise",
};

static const char *const nouns[] = {
    "albatross", "auk",     "aurora", "bay",     "beacon",  "berg",   "brig",    "cape",
    "channel",   "cliff",   "coast",  "compass", "cove",    "crest",  "current", "drift",
    "dune",      "eider",   "ermine", "fjord",   "floe",    "fox",    "gale",    "glacier",
    "gull",      "harbor",  "hare",   "horizon", "igloo",   "inlet",  "isle",    "kayak",
    "keel",      "lantern", "lichen", "lynx",    "mast",    "mist",   "moraine", "narwhal",
    "orca",      "otter",   "owl",    "peak",    "penguin", "petrel", "puffin",  "reef",
    "ridge",     "rudder",  "sail",   "seal",    "skua",    "sled",   "sound",   "spruce",
    "strait",    "summit",  "tern",   "tide",    "tundra",  "walrus", "wave",    "willow",
};

char *name_generate(void)
{
    guint16 random[2] = { 0, 0 };

    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        random[0] = (guint16)g_random_int();
    return g_strdup_printf("%s_%s", adjectives[random[0] % G_N_ELEMENTS(adjectives)],
                           nouns[random[1] % G_N_ELEMENTS(nouns)]);
}

bool container_name_check(const char *name, GError **error)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

    if (!g_ascii_isalnum(name[0]) || strspn(name, letters) != strlen(name))
        return err_set(error, FLOE_ERROR_INVALID,
                       "the name '%s' must begin with a letter or digit and have only letters, "
                       "digits, '_', '.' and '-'",
                       name);
    return true;
}
