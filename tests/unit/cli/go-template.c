/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/go-template.h"

/* Like `inspect` of a container, in small. */
static const char data_text[] =
    "{\"Name\":\"web\",\"Id\":\"0123456789abcdef\",\"Pid\":42,\"Rate\":1.5,\"Running\":true,\"Dead\":false,"
    "\"Nothing\":null,\"Empty\":[],\"Args\":[\"-a\",\"-b\",\"c\"],\"Ports\":null,"
    "\"Created\":\"2026-11-22T10:24:20.5Z\","
    "\"State\":{\"Status\":\"running\",\"ExitCode\":0},"
    "\"Labels\":{\"b\":\"2\",\"a\":\"1\"},"
    "\"Mounts\":[{\"Source\":\"/x\",\"RW\":true},{\"Source\":\"/y\",\"RW\":false}]}";

static char *execute(const char *text, GError **error)
{
    json_auto_t *data = json_loads(data_text, 0, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GoTemplate) template = go_template_parse(text, error);

    g_assert_nonnull(data);
    if (template == NULL || !go_template_execute(template, data, out, error))
        return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

typedef struct Case {
    const char *template;
    const char *expected; /* the output, or the error */
} Case;

static void check(const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *out = execute(cases[i].template, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(out, ==, cases[i].expected);
    }
}

static void test_a_range_is_left(void)
{
    static const Case cases[] = {
        { "{{range .Args}}{{if eq . \"-b\"}}{{continue}}{{end}}{{.}} {{end}}.", "-a c ." },
        { "{{range .Args}}{{if eq . \"-b\"}}{{break}}{{end}}{{.}} {{end}}.", "-a ." },
        { "{{range $k, $v := .Labels}}{{if eq $k \"a\"}}{{continue}}{{end}}{{$v}}{{end}}", "2" },
        { "{{range .Args}}{{range $.Args}}{{break}}{{end}}{{.}}{{end}}", "-a-bc" },
        { "{{range .Args}}{{with .}}{{if eq . \"c\"}}{{break}}{{end}}{{end}}{{.}}{{end}}", "-a-b" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_times_have_methods(void)
{
    static const Case cases[] = {
        { "{{.Created.Unix}}", "1795343060" },
        { "{{.Created.UnixNano}}", "1795343060500000000" },
        { "{{.Created.Year}} {{printf \"%T\" .Created}}", "2026 time.Time" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_fields(void)
{
    static const Case cases[] = {
        { "", "" },
        { "plain } text {", "plain } text {" },
        { "{{.Name}}", "web" },
        { "{{ .Name }}/{{.Pid}}", "web/42" },
        { "{{.State.Status}}", "running" },
        { "{{(.State).Status}}", "running" },
        { "{{$.State.ExitCode}}", "0" },
        { "{{.state.STATUS}} {{.Labels.A}}", "running <no value>" },
        { "{{.Rate}} {{.Running}} {{.Dead}}", "1.5 true false" },
        { "{{.Args}}", "[-a -b c]" },
        { "{{.Labels}}", "map[a:1 b:2]" },
        { "{{.Labels.a}}", "1" },
        { "{{.Labels.missing}}", "<no value>" },
        { "{{.Nothing}}", "<nil>" },
        { "{{.Ports}}", "map[]" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_constants(void)
{
    static const Case cases[] = {
        { "{{\"a\\tb\\\"\\x41\\u00e4\"}}", "a\tb\"A\303\244" },
        { "{{`raw \\n`}}", "raw \\n" },
        { "{{1}} {{-5}} {{1.50}} {{true}}", "1 -5 1.5 true" },
        { "{{/* a comment */}}x", "x" },
        { "a {{- /* a comment */ -}} b", "ab" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_trimming(void)
{
    static const Case cases[] = {
        { "a \n {{- .Name -}} \t b", "awebb" },
        { "a {{- 3}} {{.Pid -}} b", "a3 42b" },
        { "{{-5}}", "-5" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_conditions(void)
{
    static const Case cases[] = {
        { "{{if .Running}}up{{end}}", "up" },
        { "{{if .Dead}}dead{{else}}alive{{end}}", "alive" },
        { "{{if .Dead}}1{{else if .Empty}}2{{else if .Pid}}3{{else}}4{{end}}", "3" },
        { "{{if .Nothing}}x{{end}}{{if .Empty}}x{{end}}{{if .State.ExitCode}}x{{end}}", "" },
        { "{{with .State}}{{.Status}}{{end}}", "running" },
        { "{{with .Empty}}x{{else}}none{{end}}", "none" },
        { "{{with $x := .Pid}}{{$x}}{{.}}{{end}}", "4242" },
        { "{{if and .Running (gt .Pid 10)}}yes{{end}}", "yes" },
        { "{{if or .Dead .Nothing}}yes{{else}}no{{end}}", "no" },
        { "{{and .Nothing .Nothing.Deeper}}", "<nil>" },
        { "{{or .Name .Nothing.Deeper}}", "web" },
        { "{{not .Dead}}", "true" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_ranges(void)
{
    static const Case cases[] = {
        { "{{range .Args}}<{{.}}>{{end}}", "<-a><-b><c>" },
        { "{{range .Mounts}}{{.Source}}={{.RW}} {{end}}", "/x=true /y=false " },
        { "{{range $i, $m := .Mounts}}{{$i}}{{$m.Source}}{{$.Name}} {{end}}", "0/xweb 1/yweb " },
        { "{{range $k, $v := .Labels}}{{$k}}={{$v}},{{end}}", "a=1,b=2," },
        { "{{range $v := .Labels}}{{$v}}{{end}}", "12" },
        { "{{range .Empty}}x{{else}}none{{end}}", "none" },
        { "{{range .Nothing}}x{{else}}none{{end}}", "none" },
        { "{{range .Mounts}}{{range $.Args}}{{.}}{{end}};{{end}}", "-a-bc;-a-bc;" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_variables(void)
{
    static const Case cases[] = {
        { "{{$x := .Name}}{{$x}}", "web" },
        { "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2" },
        { "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21" },
        { "{{$s := .State}}{{$s.Status}}", "running" },
        { "{{$n := 0}}{{range .Args}}{{$n = .}}{{end}}{{$n}}", "c" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_functions(void)
{
    static const Case cases[] = {
        { "{{json .Labels}} {{json .Name}} {{json .Nothing}}",
          "{\"b\":\"2\",\"a\":\"1\"} \"web\" null" },
        { "{{.Args | json}}", "[\"-a\",\"-b\",\"c\"]" },
        { "{{len .Args}} {{len .Name}} {{len .Labels}} {{len .Ports}}", "3 3 2 0" },
        { "{{index .Args 1}} {{index .Labels \"b\"}} {{index .Mounts 0 \"Source\"}}", "-b 2 /x" },
        { "[{{index .Labels \"missing\"}}]", "[]" },
        { "{{(index .Mounts 1).Source}}", "/y" },
        { "{{slice .Id 0 12}} {{slice .Args 1}}", "0123456789ab [-b c]" },
        { "{{join .Args \",\"}}", "-a,-b,c" },
        { "{{join (split \"a:b\" \":\") \"-\"}}", "a-b" },
        { "{{lower \"AbC\"}} {{upper .Name}} {{title \"two words\"}}", "abc WEB Two Words" },
        { "{{truncate .Id 4}} {{truncate \"ä\" 9}}", "0123 ä" },
        { "[{{pad .Name 1 2}}]", "[ web  ]" },
        { "{{printf \"%s:%05d\" .Name .Pid}}", "web:00042" },
        { "{{.Name | printf \"%q\" | len}}", "5" },
        { "{{print 1 2 \"a\" 3}}|{{println .Name .Pid}}", "1 2a3|web 42\n" },
        { "{{eq .Name \"web\"}} {{eq .Pid 1 42}} {{ne .Pid 42}}", "true true false" },
        { "{{lt 1 2}} {{le 2 2}} {{gt 1.5 1}} {{ge \"a\" \"b\"}}", "true true true false" },
        { "{{.Labels.a | upper | len}}", "1" },
    };

    check(cases, G_N_ELEMENTS(cases));
}

static void test_label_method(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *out = execute("{{.Labels \"a\"}}[{{.Labels \"zz\"}}]", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(out, ==, "1[]");
}

static void test_errors(void)
{
    static const Case cases[] = {
        { "{{.Foo}}", "template, character 3: can't evaluate field Foo" },
        { "x{{.State.Foo}}", "template, character 4: can't evaluate field Foo" },
        { "{{.Nothing.Foo}}", "template, character 3: no value to take .Foo of" },
        { "{{", "template, character 3: }} is missing" },
        { "{{.Name", "template, character 8: }} is missing" },
        { "{{}}", "template, character 3: a value is missing" },
        { "{{if .Name}}x", "template, character 3: {{end}} is missing" },
        { "x{{end}}", "template, character 7: unexpected {{end}}" },
        { "{{else}}", "template, character 7: unexpected {{else}}" },
        { "{{if true}}{{else}}{{else}}{{end}}", "template, character 18: {{end}} is missing" },
        { "{{lenn .Name}}",
          "template, character 3: function \"lenn\" not defined (did you mean len?)" },
        { "{{frobnicate}}", "template, character 3: function \"frobnicate\" not defined" },
        { "{{len}}", "template, character 3: len takes 1 arguments, not 0" },
        { "{{index .Args 9}}",
          "template, character 3: index: index 9 is out of range, the list has 3" },
        { "{{lt .Name 1}}", "template, character 3: lt: incompatible types for comparison" },
        { "{{$x}}", "template, character 3: undefined variable $x" },
        { "{{\"abc}}", "template, character 3: unterminated string" },
        { "{{\"\\q\"}}", "template, character 3: bad escape in string" },
        { "{{1x}}", "template, character 3: bad number '1x'" },
        { "{{/* x }}", "template, character 3: unterminated comment" },
        { "{{(.Name}}", "template, character 9: ) is missing" },
        { "{{.Name)}}", "template, character 8: unexpected ')'" },
        { "{{.Name \"x\"}}",
          "template, character 3: can't give an argument to what is no function" },
        { "{{range .Name}}{{end}}", "template, character 9: range needs a list or a map" },
        { "{{break}}", "template, character 3: {{break}} outside {{range}}" },
        { "{{range .Args}}{{end}}{{continue}}",
          "template, character 25: {{continue}} outside {{range}}" },
        { "{{range .Args}}{{break 1}}{{end}}", "template, character 24: unexpected '1'" },
        { "{{.Name.Unix}}", "template, character 3: can't evaluate field Unix" },
        { "{{template \"x\"}}", "template, character 3: {{template}} is not supported" },
        { "{{.Name ? }}", "template, character 9: unexpected '?'" },
        { "\xff{{.Name}}", "template: not UTF-8" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *out = execute(cases[i].template, &error);

        g_assert_null(out);
        g_assert_nonnull(error);
        g_assert_cmpstr(error->message, ==, cases[i].expected);
    }
}

static void test_depth(void)
{
    g_autoptr(GString) parentheses = g_string_new("{{");
    g_autoptr(GString) blocks = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 100000; i++) {
        g_string_append_c(parentheses, '(');
        g_string_append(blocks, "{{if 1}}");
    }
    g_assert_null(go_template_parse(parentheses->str, &error));
    g_assert_nonnull(strstr(error->message, "nested too deeply"));
    g_clear_error(&error);
    g_assert_null(go_template_parse(blocks->str, &error));
    g_assert_nonnull(strstr(error->message, "nested too deeply"));
}

static void test_unescape(void)
{
    g_autofree char *text = go_template_unescape("a\\tb\\nc\\d\\");

    g_assert_cmpstr(text, ==, "a\tb\nc\\d\\");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/go-template/fields-are-found", test_fields);
    g_test_add_func("/cli/go-template/a-range-is-left", test_a_range_is_left);
    g_test_add_func("/cli/go-template/times-have-methods", test_times_have_methods);
    g_test_add_func("/cli/go-template/constants-and-comments", test_constants);
    g_test_add_func("/cli/go-template/dashes-trim", test_trimming);
    g_test_add_func("/cli/go-template/if-else-and-with", test_conditions);
    g_test_add_func("/cli/go-template/range-goes-over-lists-and-maps", test_ranges);
    g_test_add_func("/cli/go-template/variables-have-scopes", test_variables);
    g_test_add_func("/cli/go-template/functions-and-pipes", test_functions);
    g_test_add_func("/cli/go-template/a-map-can-be-called-with-a-key", test_label_method);
    g_test_add_func("/cli/go-template/errors-name-place-and-reason", test_errors);
    g_test_add_func("/cli/go-template/depth-is-bounded", test_depth);
    g_test_add_func("/cli/go-template/tabs-and-newlines-are-unescaped", test_unescape);
    return g_test_run();
}
