/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template text into the tree of go-template-ast.h, by recursive descent. Bounds the depth: a
 * template comes from a user, a script or a fuzzer.
 */
#include "cli/go-template-ast.h"
#include "cli/go-template-lex.h"
#include "cli/message.h"

#include <string.h>

#define DEEPEST 100

static void pipe_free(GoPipe *pipe);
static GoPipe *parse_pipe(GoLexer *lexer, unsigned depth, bool is_range, GError **error);
static GPtrArray *parse_list(GoLexer *lexer, unsigned depth, char **ret_end, GError **error);

bool go_template_error(GError **error, size_t position, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return cli_set_error(error, "template, character %zu: %s", position + 1, text);
}

static void operand_free(GoOperand *operand)
{
    g_free(operand->name);
    json_decref(operand->constant);
    pipe_free(operand->pipe);
    g_strfreev(operand->fields);
    g_free(operand);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GoOperand, operand_free)

static void pipe_free(GoPipe *pipe)
{
    if (pipe == NULL)
        return;
    g_free(pipe->variables[0]);
    g_free(pipe->variables[1]);
    g_ptr_array_unref(pipe->commands);
    g_free(pipe);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GoPipe, pipe_free)

static void node_free(GoNode *node)
{
    g_free(node->text);
    pipe_free(node->pipe);
    g_clear_pointer(&node->body, g_ptr_array_unref);
    g_clear_pointer(&node->otherwise, g_ptr_array_unref);
    g_free(node);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GoNode, node_free)

static GPtrArray *node_list_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
}

void go_template_free(GoTemplate *template)
{
    if (template == NULL)
        return;
    g_ptr_array_unref(template->nodes);
    g_free(template);
}

static bool at_word(const GoLexer *lexer, const char *word)
{
    return lexer->token.kind == GO_TOKEN_WORD && strcmp(lexer->token.text, word) == 0;
}

static bool expect_close(const GoLexer *lexer, GError **error)
{
    if (lexer->token.kind == GO_TOKEN_CLOSE)
        return true;
    return go_template_error(error, lexer->token.position, "unexpected '%s'",
                             lexer->token.kind == GO_TOKEN_DOT ? "." : lexer->token.text);
}

static json_t *parse_number(const char *text)
{
    gint64 whole;
    char *end;

    if (g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &whole, NULL))
        return json_integer(whole);

    double real = g_ascii_strtod(text, &end);
    return *end == '\0' ? json_real(real) : NULL; /* json_real() refuses inf and nan */
}

static void parse_word(GoOperand *operand, const char *word)
{
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        operand->constant = json_boolean(word[0] == 't');
    else if (strcmp(word, "nil") == 0)
        operand->constant = json_null();
    operand->kind = operand->constant != NULL ? GO_CONSTANT : GO_FUNCTION;
    operand->name = g_strdup(word);
}

static bool parse_parentheses(GoLexer *lexer, GoOperand *operand, unsigned depth, GError **error)
{
    if (!go_lexer_next(lexer, error))
        return false;
    operand->kind = GO_PIPE;
    operand->pipe = parse_pipe(lexer, depth + 1, false, error);
    if (operand->pipe == NULL)
        return false;
    if (!go_lexer_is_sign(lexer, ')'))
        return go_template_error(error, lexer->token.position, ") is missing");
    return true;
}

/* The operand proper, without the fields behind it; the current token stays its last. */
static bool parse_operand_head(GoLexer *lexer, GoOperand *operand, unsigned depth, GError **error)
{
    const char *text = lexer->token.text;

    switch (lexer->token.kind) {
    case GO_TOKEN_DOT:
    case GO_TOKEN_FIELD: /* the field itself is taken with those that follow */
        operand->kind = GO_DOT;
        return true;
    case GO_TOKEN_VARIABLE:
        operand->kind = GO_VARIABLE;
        operand->name = g_strdup(text);
        return true;
    case GO_TOKEN_WORD: parse_word(operand, text); return true;
    case GO_TOKEN_STRING:
        operand->kind = GO_CONSTANT;
        operand->constant = json_string(text);
        return true;
    case GO_TOKEN_NUMBER:
        operand->kind = GO_CONSTANT;
        operand->constant = parse_number(text);
        return operand->constant != NULL ||
               go_template_error(error, lexer->token.position, "bad number '%s'", text);
    default:
        if (go_lexer_is_sign(lexer, '('))
            return parse_parentheses(lexer, operand, depth, error);
        return go_template_error(error, lexer->token.position, "a value is missing");
    }
}

static GoOperand *parse_operand(GoLexer *lexer, unsigned depth, GError **error)
{
    g_autoptr(GoOperand) operand = g_new0(GoOperand, 1);
    g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
    bool is_field = lexer->token.kind == GO_TOKEN_FIELD;

    operand->position = lexer->token.position;
    if (!parse_operand_head(lexer, operand, depth, error))
        return NULL;
    if (!is_field && !go_lexer_next(lexer, error))
        return NULL;
    while (lexer->token.kind == GO_TOKEN_FIELD && (is_field || !lexer->token.after_space)) {
        g_ptr_array_add(fields, g_strdup(lexer->token.text));
        is_field = false;
        if (!go_lexer_next(lexer, error))
            return NULL;
    }
    if (fields->len > 0) {
        g_ptr_array_add(fields, NULL);
        operand->fields = (char **)g_ptr_array_steal(fields, NULL);
    }
    return g_steal_pointer(&operand);
}

static bool at_end_of_command(const GoLexer *lexer)
{
    return lexer->token.kind == GO_TOKEN_CLOSE || go_lexer_is_sign(lexer, '|') ||
           go_lexer_is_sign(lexer, ')');
}

static GPtrArray *parse_command(GoLexer *lexer, unsigned depth, GError **error)
{
    g_autoptr(GPtrArray) operands = g_ptr_array_new_with_free_func((GDestroyNotify)operand_free);

    while (!at_end_of_command(lexer)) {
        GoOperand *operand = parse_operand(lexer, depth, error);

        if (operand == NULL)
            return NULL;
        g_ptr_array_add(operands, operand);
    }
    if (operands->len == 0) {
        go_template_error(error, lexer->token.position, "a value is missing");
        return NULL;
    }
    return g_steal_pointer(&operands);
}

/* "$x :=", "$x =", "$k, $v :="; what only looks like it ("$x.Name") is left to be read again. */
static bool parse_variables(GoLexer *lexer, GoPipe *pipe, bool is_range, GError **error)
{
    g_auto(GoLexer) ahead = { .text = lexer->text, .at = lexer->at };
    char sign;

    if (lexer->token.kind != GO_TOKEN_VARIABLE)
        return true;
    if (!go_lexer_next(&ahead, error))
        return false;
    if (!go_lexer_is_sign(&ahead, ':') && !go_lexer_is_sign(&ahead, '=') &&
        !(is_range && go_lexer_is_sign(&ahead, ',')))
        return true;

    pipe->variables[0] = g_strdup(lexer->token.text);
    if (!go_lexer_next(lexer, error))
        return false;
    if (go_lexer_is_sign(lexer, ',')) {
        if (!go_lexer_next(lexer, error))
            return false;
        if (lexer->token.kind != GO_TOKEN_VARIABLE)
            return go_template_error(error, lexer->token.position, "a variable is missing");
        pipe->variables[1] = g_strdup(lexer->token.text);
        if (!go_lexer_next(lexer, error))
            return false;
    }
    sign = lexer->token.kind == GO_TOKEN_SIGN ? lexer->token.text[0] : '\0';
    if (sign != ':' && sign != '=')
        return go_template_error(error, lexer->token.position, ":= is missing");
    pipe->assigns = sign == '=';
    return go_lexer_next(lexer, error);
}

static GoPipe *parse_pipe(GoLexer *lexer, unsigned depth, bool is_range, GError **error)
{
    g_autoptr(GoPipe) pipe = g_new0(GoPipe, 1);
    bool more = true;

    pipe->commands = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    pipe->position = lexer->token.position;
    if (depth > DEEPEST) {
        go_template_error(error, pipe->position, "nested too deeply");
        return NULL;
    }
    if (!parse_variables(lexer, pipe, is_range, error))
        return NULL;
    while (more) {
        GPtrArray *command = parse_command(lexer, depth, error);

        if (command == NULL)
            return NULL;
        g_ptr_array_add(pipe->commands, command);
        more = go_lexer_is_sign(lexer, '|');
        if (more && !go_lexer_next(lexer, error))
            return NULL;
    }
    return g_steal_pointer(&pipe);
}

static GoNode *parse_control(GoLexer *lexer, GoNodeKind kind, unsigned depth, GError **error);

/* What follows {{else}}: a list up to {{end}}, or for {{else if X}} a list of that one node. */
static GPtrArray *parse_else(GoLexer *lexer, GoNodeKind kind, unsigned depth, GError **error)
{
    const char *word = kind == GO_IF ? "if" : "with";

    if (kind != GO_RANGE && at_word(lexer, word)) {
        g_autoptr(GPtrArray) list = node_list_new();
        GoNode *node = parse_control(lexer, kind, depth + 1, error);

        if (node == NULL)
            return NULL;
        g_ptr_array_add(list, node);
        return g_steal_pointer(&list);
    }

    g_autofree char *end = NULL;
    size_t position = lexer->token.position;
    if (!expect_close(lexer, error))
        return NULL;

    g_autoptr(GPtrArray) list = parse_list(lexer, depth + 1, &end, error);
    if (list != NULL && g_strcmp0(end, "end") != 0) {
        go_template_error(error, position, "{{end}} is missing");
        return NULL;
    }
    return g_steal_pointer(&list);
}

/* The current token is if, range or with. */
static GoNode *parse_control(GoLexer *lexer, GoNodeKind kind, unsigned depth, GError **error)
{
    g_autoptr(GoNode) node = g_new0(GoNode, 1);
    g_autofree char *end = NULL;
    size_t position = lexer->token.position;

    node->kind = kind;
    if (!go_lexer_next(lexer, error))
        return NULL;
    node->pipe = parse_pipe(lexer, depth + 1, kind == GO_RANGE, error);
    if (node->pipe == NULL || !expect_close(lexer, error))
        return NULL;
    lexer->n_ranges += kind == GO_RANGE ? 1 : 0;
    node->body = parse_list(lexer, depth + 1, &end, error);
    if (node->body == NULL)
        return NULL;
    lexer->n_ranges -= kind == GO_RANGE ? 1 : 0;
    if (end == NULL) {
        go_template_error(error, position, "{{end}} is missing");
        return NULL;
    }
    if (strcmp(end, "else") == 0) {
        node->otherwise = parse_else(lexer, kind, depth, error);
        if (node->otherwise == NULL)
            return NULL;
    }
    return g_steal_pointer(&node);
}

static GoNode *parse_output(GoLexer *lexer, unsigned depth, GError **error)
{
    g_autoptr(GoNode) node = g_new0(GoNode, 1);

    node->kind = GO_OUTPUT;
    node->pipe = parse_pipe(lexer, depth + 1, false, error);
    if (node->pipe == NULL || !expect_close(lexer, error))
        return NULL;
    return g_steal_pointer(&node);
}

static GoNode *parse_leave(GoLexer *lexer, GoNodeKind kind, GError **error)
{
    g_autoptr(GoNode) node = g_new0(GoNode, 1);

    node->kind = kind;
    if (lexer->n_ranges == 0) {
        go_template_error(error, lexer->token.position, "{{%s}} outside {{range}}",
                          lexer->token.text);
        return NULL;
    }
    if (!go_lexer_next(lexer, error) || !expect_close(lexer, error))
        return NULL;
    return g_steal_pointer(&node);
}

/* What stands in one {{ }}, with its body. The current token is the first. */
static GoNode *parse_action(GoLexer *lexer, unsigned depth, GError **error)
{
    static const char *const refused[] = { "define", "template", "block", NULL };

    if (at_word(lexer, "if"))
        return parse_control(lexer, GO_IF, depth, error);
    if (at_word(lexer, "range"))
        return parse_control(lexer, GO_RANGE, depth, error);
    if (at_word(lexer, "with"))
        return parse_control(lexer, GO_WITH, depth, error);
    if (at_word(lexer, "break"))
        return parse_leave(lexer, GO_BREAK, error);
    if (at_word(lexer, "continue"))
        return parse_leave(lexer, GO_CONTINUE, error);
    if (lexer->token.kind == GO_TOKEN_WORD && g_strv_contains(refused, lexer->token.text)) {
        go_template_error(error, lexer->token.position, "{{%s}} is not supported",
                          lexer->token.text);
        return NULL;
    }
    return parse_output(lexer, depth, error);
}

/* {{end}} and {{else ...}} end a list; behind else the current token is what follows the word. */
static bool parse_list_end(GoLexer *lexer, char **ret_end, GError **error)
{
    *ret_end = g_strdup(lexer->token.text);
    if (!go_lexer_next(lexer, error))
        return false;
    return strcmp(*ret_end, "else") == 0 || expect_close(lexer, error);
}

/* Up to {{end}}, {{else}} (*ret_end is the word) or the end of the text (NULL). */
static GPtrArray *parse_list(GoLexer *lexer, unsigned depth, char **ret_end, GError **error)
{
    g_autoptr(GPtrArray) list = node_list_new();

    if (depth > DEEPEST) {
        go_template_error(error, lexer->at, "nested too deeply");
        return NULL;
    }
    while (true) {
        g_autofree char *text = NULL;
        bool more = false;

        if (!go_lexer_take_text(lexer, &text, &more, error))
            return NULL;
        if (text[0] != '\0') {
            GoNode *node = g_new0(GoNode, 1);

            node->kind = GO_TEXT;
            node->text = g_steal_pointer(&text);
            g_ptr_array_add(list, node);
        }
        if (!more)
            return g_steal_pointer(&list);
        if (!go_lexer_next(lexer, error))
            return NULL;
        if (at_word(lexer, "end") || at_word(lexer, "else"))
            return parse_list_end(lexer, ret_end, error) ? g_steal_pointer(&list) : NULL;

        GoNode *node = parse_action(lexer, depth, error);
        if (node == NULL)
            return NULL;
        g_ptr_array_add(list, node);
    }
}

GoTemplate *go_template_parse(const char *text, GError **error)
{
    g_auto(GoLexer) lexer = { .text = text };
    g_autofree char *end = NULL;

    if (!g_utf8_validate(text, -1, NULL)) {
        cli_set_error(error, "template: not UTF-8");
        return NULL;
    }

    g_autoptr(GPtrArray) nodes = parse_list(&lexer, 0, &end, error);
    if (nodes == NULL)
        return NULL;
    if (end != NULL) {
        go_template_error(error, lexer.token.position, "unexpected {{%s}}", end);
        return NULL;
    }

    GoTemplate *template = g_new0(GoTemplate, 1);
    template->nodes = g_steal_pointer(&nodes);
    return template;
}

char *go_template_unescape(const char *text)
{
    GString *plain = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && (text[1] == 't' || text[1] == 'n'))
            g_string_append_c(plain, *++text == 't' ? '\t' : '\n');
        else
            g_string_append_c(plain, *text);
    }
    return g_string_free(plain, FALSE);
}
