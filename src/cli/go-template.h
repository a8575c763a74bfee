/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates for --format, in the language of Go's text/template as podman's and docker's users know
 * it, executed on JSON.
 *
 * There are: {{.Field.Sub}}, {{$}}, variables, pipelines, parentheses, if/else if/else, range (with
 * $k, $v and else), with, comments, trim markers, and the functions of go-template-functions.c.
 * Not: define, template, block.
 *
 * An object of JSON is a struct, so an unknown field is an error that names it (capitals do not
 * matter, where podman's Go names and its JSON differ: {{.Host.OCIRuntime}}); where Go has a map
 * (labels, networks ...), a missing key is no value, as in Go.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

typedef struct GoTemplate GoTemplate;

/* The error says what is wrong at which character. */
GoTemplate *go_template_parse(const char *text, GError **error);
void go_template_free(GoTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GoTemplate, go_template_free)

/* Append the result to out; after an error what came before it is there. */
bool go_template_execute(const GoTemplate *template, json_t *data, GString *out, GError **error);

/*
 * Turns \t and \n, as typed in a shell's single quotes, into tab and newline. The text is the
 * caller's.
 */
char *go_template_unescape(const char *text);
