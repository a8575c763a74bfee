/* SPDX-License-Identifier: Apache-2.0 */
/* The words inside {{ }}. */
#pragma once

#include "cli/go-template.h"

typedef enum GoTokenKind {
    GO_TOKEN_CLOSE, /* }} */
    GO_TOKEN_DOT,
    GO_TOKEN_FIELD,    /* .Name; text is Name */
    GO_TOKEN_VARIABLE, /* $ or $name; text has the $ */
    GO_TOKEN_WORD,     /* a function or keyword */
    GO_TOKEN_STRING,   /* text is what it means */
    GO_TOKEN_NUMBER,
    GO_TOKEN_SIGN, /* one of | ( ) , =, or ':' for := ; text is that character */
} GoTokenKind;

typedef struct GoToken {
    GoTokenKind kind;
    size_t position;
    bool after_space;
    char *text; /* NULL: the kind says it all */
} GoToken;

typedef struct GoLexer {
    const char *text;
    size_t at;
    GoToken token;     /* the current one */
    unsigned n_ranges; /* the parser's: how many {{range}} are open */
} GoLexer;

/* Step to the next token. */
bool go_lexer_next(GoLexer *lexer, GError **error);
void go_lexer_clear(GoLexer *lexer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GoLexer, go_lexer_clear)

/* Whether the current token is that sign. */
bool go_lexer_is_sign(const GoLexer *lexer, char sign);

/*
 * Take the text up to the next {{, trimmed as its markers say, and step behind it; comments are
 * passed over. *ret_more is false at the end of the template.
 */
bool go_lexer_take_text(GoLexer *lexer, char **ret_text, bool *ret_more, GError **error);
