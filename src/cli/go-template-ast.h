/* SPDX-License-Identifier: Apache-2.0 */
/* The parsed form of a template: what go-template-parse.c makes and go-template-eval.c walks. */
#pragma once

#include "cli/go-template.h"

typedef struct GoPipe GoPipe;

typedef enum GoOperandKind {
    GO_DOT,
    GO_VARIABLE, /* name with its $ */
    GO_FUNCTION,
    GO_CONSTANT,
    GO_PIPE, /* in parentheses */
} GoOperandKind;

typedef struct GoOperand {
    GoOperandKind kind;
    size_t position; /* in the template's text, for errors */
    char *name;
    json_t *constant;
    GoPipe *pipe;
    char **fields; /* .A.B behind it: {"A", "B", NULL}; NULL: none */
} GoOperand;

/* Commands joined by "|", each an array of operands: a function and its arguments, or one value. */
struct GoPipe {
    size_t position;
    char *variables[2];  /* "$x :=", and for range "$k, $v :="; NULL: none */
    bool assigns;        /* "=" instead of ":=" */
    GPtrArray *commands; /* of GPtrArray of GoOperand */
};

typedef enum GoNodeKind {
    GO_TEXT,
    GO_OUTPUT,
    GO_IF,
    GO_RANGE,
    GO_WITH,
    GO_BREAK,
    GO_CONTINUE,
} GoNodeKind;

typedef struct GoNode {
    GoNodeKind kind;
    char *text;
    GoPipe *pipe;
    GPtrArray *body;      /* of GoNode; NULL where there is none */
    GPtrArray *otherwise; /* behind {{else}}; NULL: none */
} GoNode;

struct GoTemplate {
    GPtrArray *nodes;
};

/* "template, character 12: text". */
bool go_template_error(GError **error, size_t position, const char *format, ...) G_GNUC_PRINTF(3, 4);
