/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executing a template's tree on JSON. Values are borrowed: what is made on the way is kept in the
 * state until the end. Variables live on a stack that each body cuts back.
 */
#include "cli/go-template-ast.h"
#include "cli/go-template-functions.h"

#include <string.h>

typedef struct Variable {
    const char *name;
    GoValue value;
} Variable;

typedef struct State {
    GString *out;
    GArray *variables;
    GPtrArray *kept;    /* json_t made during execution */
    GoNodeKind leaving; /* GO_BREAK, GO_CONTINUE: out of the innermost range; GO_TEXT: not at all */
} State;

static bool eval_pipe(State *state, const GoPipe *pipe, GoValue dot, GoValue *ret, GError **error);
static bool walk(State *state, const GPtrArray *nodes, GoValue dot, GError **error);

/* Where podman's inspect and ps have a map: a key that is not there is no mistake. */
static bool is_map_field(const char *name)
{
    static const char *const names[] = {
        "Annotations", "Data",       "DriverOpts", "ExposedPorts", "Label",
        "Labels",      "Namespaces", "Networks",   "Options",      "PortBindings",
        "Ports",       "Sysctls",    "Tmpfs",      "Volumes",      NULL,
    };

    return g_strv_contains(names, name);
}

static GoValue keep(State *state, json_t *taken)
{
    if (taken != NULL)
        g_ptr_array_add(state->kept, taken);
    return (GoValue){ taken, false };
}

static void push_variable(State *state, const char *name, GoValue value)
{
    Variable variable = { name, value };

    g_array_append_val(state->variables, variable);
}

static Variable *find_variable(State *state, const char *name)
{
    for (unsigned i = state->variables->len; i > 0; i--) {
        Variable *variable = &g_array_index(state->variables, Variable, i - 1);

        if (strcmp(variable->name, name) == 0)
            return variable;
    }
    return NULL;
}

/*
 * podman's templates name the fields of Go's structs ({{.Host.OCIRuntime}}), its JSON here and there
 * writes them with other capitals ("ociRuntime"). The keys of a map are what they are.
 */
static json_t *find_field(GoValue value, const char *name)
{
    json_t *member = json_object_get(value.json, name);
    const char *key;
    json_t *other;

    if (member != NULL || value.is_map)
        return member;
    json_object_foreach(value.json, key, other) {
        if (g_ascii_strcasecmp(key, name) == 0)
            return other;
    }
    return NULL;
}

/* The methods of Go's time.Time that scripts use; NULL: it is no time, or has no such method. */
static json_t *time_method(json_t *value, const char *name)
{
    g_autoptr(GDateTime) time = go_value_time(value);
    int64_t unix_s;

    if (time == NULL)
        return NULL;
    unix_s = g_date_time_to_unix(time);
    if (strcmp(name, "Unix") == 0)
        return json_integer(unix_s);
    if (strcmp(name, "UnixNano") == 0)
        return json_integer(unix_s * 1000000000 + g_date_time_get_microsecond(time) * 1000);
    return strcmp(name, "Year") == 0 ? json_integer(g_date_time_get_year(time)) : NULL;
}

static bool eval_fields(State *state, const GoOperand *operand, GoValue *value, GError **error)
{
    for (char **name = operand->fields; name != NULL && *name != NULL; name++) {
        json_t *member = find_field(*value, *name);

        if (member == NULL && json_is_string(value->json))
            member = keep(state, time_method(value->json, *name)).json;
        if (member == NULL && !value->is_map) {
            if (value->json == NULL || json_is_null(value->json))
                return go_template_error(error, operand->position, "no value to take .%s of", *name);
            return go_template_error(error, operand->position, "can't evaluate field %s", *name);
        }
        *value = (GoValue){ member, member != NULL && is_map_field(*name) };
    }
    return true;
}

static bool eval_operand(State *state, const GoOperand *operand, GoValue dot, GoValue *ret,
                         GError **error)
{
    switch (operand->kind) {
    case GO_DOT: *ret = dot; break;
    case GO_VARIABLE: {
        Variable *variable = find_variable(state, operand->name);

        if (variable == NULL)
            return go_template_error(error, operand->position, "undefined variable %s",
                                     operand->name);
        *ret = variable->value;
        break;
    }
    case GO_CONSTANT: *ret = (GoValue){ operand->constant, false }; break;
    case GO_PIPE:
        if (!eval_pipe(state, operand->pipe, dot, ret, error))
            return false;
        break;
    case GO_FUNCTION:
        return go_template_error(error, operand->position, "function %s used as a value",
                                 operand->name);
    }
    return eval_fields(state, operand, ret, error);
}

/* and, or: the first argument that decides, and none behind it is evaluated. */
static bool eval_and_or(State *state, const GPtrArray *command, bool stops_at, const GoValue *last,
                        GoValue dot, GoValue *ret, GError **error)
{
    const GoOperand *function = command->pdata[0];

    if (command->len == 1 && last == NULL)
        return go_template_error(error, function->position, "%s needs arguments", function->name);
    for (unsigned i = 1; i < command->len; i++) {
        if (!eval_operand(state, command->pdata[i], dot, ret, error))
            return false;
        if (go_value_is_true(*ret) == stops_at)
            return true;
    }
    if (last != NULL)
        *ret = *last;
    return true;
}

static bool check_count(const GoOperand *operand, const GoFunction *function, unsigned count,
                        GError **error)
{
    if (count >= function->min_args && count <= function->max_args)
        return true;
    return go_template_error(error, operand->position, "%s takes %s%u arguments, not %u",
                             function->name,
                             function->min_args == function->max_args ? ""
                             : count < function->min_args             ? "at least "
                                                                      : "at most ",
                             count < function->min_args ? function->min_args : function->max_args,
                             count);
}

static bool unknown_function(const GoOperand *operand, GError **error)
{
    const char *nearest = go_function_nearest(operand->name);

    if (nearest != NULL)
        return go_template_error(error, operand->position,
                                 "function \"%s\" not defined (did you mean %s?)", operand->name,
                                 nearest);
    return go_template_error(error, operand->position, "function \"%s\" not defined", operand->name);
}

/* A function with its arguments; the value of the pipe so far, if any, is the last one. */
static bool eval_call(State *state, const GPtrArray *command, const GoValue *last, GoValue dot,
                      GoValue *ret, GError **error)
{
    const GoOperand *operand = command->pdata[0];
    const GoFunction *function = go_function_find(operand->name);
    unsigned count = command->len - 1 + (last != NULL);
    g_autofree GoValue *args = g_new0(GoValue, count + 1);
    g_autoptr(GError) failure = NULL;

    if (strcmp(operand->name, "and") == 0 || strcmp(operand->name, "or") == 0)
        return eval_and_or(state, command, operand->name[0] == 'o', last, dot, ret, error);
    if (function == NULL)
        return unknown_function(operand, error);
    if (!check_count(operand, function, count, error))
        return false;
    for (unsigned i = 1; i < command->len; i++) {
        if (!eval_operand(state, command->pdata[i], dot, &args[i - 1], error))
            return false;
    }
    if (last != NULL)
        args[count - 1] = *last;

    *ret = keep(state, function->call(args, count, &failure));
    if (failure != NULL)
        return go_template_error(error, operand->position, "%s: %s", function->name,
                                 failure->message);
    return eval_fields(state, operand, ret, error);
}

static bool eval_command(State *state, const GPtrArray *command, const GoValue *last, GoValue dot,
                         GoValue *ret, GError **error)
{
    const GoOperand *first = command->pdata[0];
    GoValue key = GO_NO_VALUE;

    if (first->kind == GO_FUNCTION)
        return eval_call(state, command, last, dot, ret, error);
    if (!eval_operand(state, first, dot, ret, error))
        return false;
    if (command->len == 1 && last == NULL)
        return true;

    /* podman's ps has one method, {{.Label "name"}}: here a map that is given a key. */
    if (command->len == 2 && last == NULL && ret->is_map && first->fields != NULL) {
        if (!eval_operand(state, command->pdata[1], dot, &key, error))
            return false;
        const char *name = json_string_value(key.json);

        *ret = (GoValue){ json_object_get(ret->json, name != NULL ? name : ""), false };
        if (ret->json == NULL)
            *ret = keep(state, json_string(""));
        return true;
    }
    return go_template_error(error, first->position,
                             "can't give an argument to what is no function");
}

static bool set_variable(State *state, const GoPipe *pipe, const char *name, GoValue value,
                         GError **error)
{
    if (!pipe->assigns) {
        push_variable(state, name, value);
        return true;
    }

    Variable *variable = find_variable(state, name);
    if (variable == NULL)
        return go_template_error(error, pipe->position, "undefined variable %s", name);
    variable->value = value;
    return true;
}

/* The value alone; the variables of the pipe are not set. */
static bool eval_value(State *state, const GoPipe *pipe, GoValue dot, GoValue *ret, GError **error)
{
    GoValue value = GO_NO_VALUE;

    for (unsigned i = 0; i < pipe->commands->len; i++) {
        GoValue last = value;

        if (!eval_command(state, pipe->commands->pdata[i], i > 0 ? &last : NULL, dot, &value, error))
            return false;
    }
    *ret = value;
    return true;
}

static bool eval_pipe(State *state, const GoPipe *pipe, GoValue dot, GoValue *ret, GError **error)
{
    if (!eval_value(state, pipe, dot, ret, error))
        return false;
    return pipe->variables[0] == NULL || set_variable(state, pipe, pipe->variables[0], *ret, error);
}

/* One round of a range: $v := or $k, $v :=, and the dot. */
static bool walk_item(State *state, const GoNode *node, GoValue key, json_t *item, GError **error)
{
    unsigned mark = state->variables->len;
    GoValue value = { item, false };
    char *const *names = node->pipe->variables;

    if (names[1] != NULL && (!set_variable(state, node->pipe, names[0], key, error) ||
                             !set_variable(state, node->pipe, names[1], value, error)))
        return false;
    if (names[0] != NULL && names[1] == NULL &&
        !set_variable(state, node->pipe, names[0], value, error))
        return false;
    if (!walk(state, node->body, value, error))
        return false;
    if (state->leaving == GO_CONTINUE)
        state->leaving = GO_TEXT;
    g_array_set_size(state->variables, mark);
    return true;
}

static bool walk_object(State *state, const GoNode *node, json_t *object, GError **error)
{
    size_t count;
    g_autofree const char **keys = go_value_sorted_keys(object, &count);

    for (size_t i = 0; i < count && state->leaving != GO_BREAK; i++) {
        GoValue key = keep(state, json_string(keys[i]));

        if (!walk_item(state, node, key, json_object_get(object, keys[i]), error))
            return false;
    }
    state->leaving = GO_TEXT;
    return true;
}

static bool walk_array(State *state, const GoNode *node, json_t *array, GError **error)
{
    for (size_t i = 0; i < json_array_size(array) && state->leaving != GO_BREAK; i++) {
        GoValue index = keep(state, json_integer((json_int_t)i));

        if (!walk_item(state, node, index, json_array_get(array, i), error))
            return false;
    }
    state->leaving = GO_TEXT;
    return true;
}

static bool walk_range(State *state, const GoNode *node, GoValue dot, GError **error)
{
    GoValue value;

    if (!eval_value(state, node->pipe, dot, &value, error))
        return false;
    if (json_is_object(value.json) && json_object_size(value.json) > 0)
        return walk_object(state, node, value.json, error);
    if (json_is_array(value.json) && json_array_size(value.json) > 0)
        return walk_array(state, node, value.json, error);
    if (value.json != NULL && !json_is_null(value.json) && !json_is_object(value.json) &&
        !json_is_array(value.json))
        return go_template_error(error, node->pipe->position, "range needs a list or a map");
    return node->otherwise == NULL || walk(state, node->otherwise, dot, error);
}

static bool walk_condition(State *state, const GoNode *node, GoValue dot, GError **error)
{
    GoValue value;

    if (!eval_pipe(state, node->pipe, dot, &value, error))
        return false;
    if (go_value_is_true(value))
        return walk(state, node->body, node->kind == GO_WITH ? value : dot, error);
    return node->otherwise == NULL || walk(state, node->otherwise, dot, error);
}

static bool walk_output(State *state, const GoNode *node, GoValue dot, GError **error)
{
    GoValue value;

    if (!eval_pipe(state, node->pipe, dot, &value, error))
        return false;
    if (node->pipe->variables[0] == NULL)
        go_value_print(value, state->out);
    return true;
}

static bool walk(State *state, const GPtrArray *nodes, GoValue dot, GError **error)
{
    unsigned mark = state->variables->len;

    for (unsigned i = 0; i < nodes->len; i++) {
        const GoNode *node = nodes->pdata[i];
        unsigned outside = state->variables->len;
        bool done = true;

        switch (node->kind) {
        case GO_TEXT: g_string_append(state->out, node->text); break;
        case GO_OUTPUT: /* its variable lives on, to the end of this list */
            if (!walk_output(state, node, dot, error))
                return false;
            continue;
        case GO_IF:
        case GO_WITH: done = walk_condition(state, node, dot, error); break;
        case GO_RANGE: done = walk_range(state, node, dot, error); break;
        case GO_BREAK:
        case GO_CONTINUE: state->leaving = node->kind; break;
        }
        if (!done)
            return false;
        g_array_set_size(state->variables, outside);
        if (state->leaving != GO_TEXT)
            break;
    }
    g_array_set_size(state->variables, mark);
    return true;
}

bool go_template_execute(const GoTemplate *template, json_t *data, GString *out, GError **error)
{
    g_autoptr(GArray) variables = g_array_new(FALSE, FALSE, sizeof(Variable));
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    State state = { .out = out, .variables = variables, .kept = kept };
    GoValue dot = { data, false };

    push_variable(&state, "$", dot);
    return walk(&state, template->nodes, dot, error);
}
