/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notation as docker's and podman's. The search is the naive one, by shifting: sequences are a few
 * keys long.
 */
#include "oci/detach-keys.h"

#include <string.h>

#define CTRL_PREFIX "ctrl-"

/* "ctrl-p" is 0x10: the keys @ A-Z [ \ ] ^ _ give the codes 0 to 31. */
static bool parse_key(const char *word, char *ret_key)
{
    if (g_ascii_strncasecmp(word, CTRL_PREFIX, strlen(CTRL_PREFIX)) == 0) {
        char letter = g_ascii_toupper(word[strlen(CTRL_PREFIX)]);

        if (letter < '@' || letter > '_' || word[strlen(CTRL_PREFIX) + 1] != '\0')
            return false;
        *ret_key = (char)(letter - '@');
        return true;
    }
    *ret_key = word[0];
    return g_ascii_isprint(word[0]) && word[1] == '\0';
}

bool detach_keys_parse(const char *text, DetachKeys *ret_keys, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    DetachKeys keys = { .length = g_strv_length(words) };

    if (keys.length > DETACH_KEYS_MAX)
        return err_set(error, FLOE_ERROR_INVALID, "detach keys '%s': more than %d keys", text,
                       DETACH_KEYS_MAX);
    for (size_t i = 0; i < keys.length; i++) {
        if (!parse_key(words[i], &keys.keys[i]))
            return err_set(error, FLOE_ERROR_INVALID,
                           "detach keys '%s': '%s' is neither one character nor ctrl- and one of "
                           "a-z, @, [, \\, ], ^, _",
                           text, words[i]);
    }
    *ret_keys = keys;
    return true;
}

/*
 * The next byte does not go on with the sequence: give up as many held bytes as needed for the rest
 * to be its beginning again, with this byte or with none. Returns how many went out.
 */
static size_t give_up(DetachKeys *keys, char next, char *output)
{
    size_t given = 0;

    while (keys->matched > 0 && keys->keys[keys->matched] != next) {
        size_t shift = 1;

        /* The held bytes are the first keys themselves: is their tail also their head? */
        while (memcmp(keys->keys, keys->keys + shift, keys->matched - shift) != 0)
            shift++;
        memcpy(output + given, keys->keys, shift);
        given += shift;
        keys->matched -= shift;
    }
    return given;
}

size_t detach_keys_filter(DetachKeys *keys, const char *input, size_t length, char *output,
                          bool *ret_found)
{
    size_t passed = 0;

    *ret_found = false;
    if (keys->length == 0) {
        memcpy(output, input, length);
        return length;
    }
    for (size_t i = 0; i < length; i++) {
        passed += give_up(keys, input[i], output + passed);
        if (keys->keys[keys->matched] != input[i]) {
            output[passed++] = input[i];
            continue;
        }
        if (++keys->matched == keys->length) {
            keys->matched = 0;
            *ret_found = true;
            return passed;
        }
    }
    return passed;
}

size_t detach_keys_flush(DetachKeys *keys, char *output)
{
    size_t held = keys->matched;

    memcpy(output, keys->keys, held);
    keys->matched = 0;
    return held;
}
