// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the suites of one program and prints KTAP as the kernel does. Calls libc alone; the suites
 * register themselves through kunit/test.h. Usage: PROGRAM [PATTERN], of suite or suite.case.
 * Status 0 if no case failed; who counts is ci/ktap.awk.
 */
#include <fnmatch.h>
#include <stdarg.h>
#include <kunit/test.h>

#define MAX_SUITES 64

struct enl_shim_undo {
	struct enl_shim_undo *next;
	void (*action)(void *context);
	void *context;
};

static struct kunit_suite *suites[MAX_SUITES];
static unsigned int suite_count;

void enl_shim_register(struct kunit_suite *suite)
{
	if (suite_count == MAX_SUITES)
		BUG();
	suites[suite_count++] = suite;
}

void enl_shim_failed(struct kunit *test, const char *file, int line, const char *format, ...)
{
	va_list args;

	test->failed = true;
	printf("    # %s: failed at %s:%d: ", test->name, file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

void enl_shim_abort(struct kunit *test)
{
	longjmp(test->out, 1);
}

static void dump_row(const char *name, const unsigned char *p, size_t from, size_t n)
{
	size_t i;

	printf("    #   %s, from byte %zu:", name, from);
	for (i = from; i < n && i < from + 24; i++)
		printf(" %02x", p[i]);
	printf("\n");
}

void enl_shim_dump(struct kunit *test, const char *file, int line, const char *a_name,
		   const void *a, const char *b_name, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	size_t i = 0;

	while (i < n && x[i] == y[i])
		i++;
	enl_shim_failed(test, file, line, "%s and %s, %zu bytes: %s", a_name, b_name, n,
			i == n ? "equal" : "they differ");
	if (i == n)
		return;
	dump_row(a_name, x, i, n);
	dump_row(b_name, y, i, n);
}

int kunit_add_action_or_reset(struct kunit *test, void (*action)(void *), void *context)
{
	struct enl_shim_undo *undo = malloc(sizeof(*undo));

	if (!undo)
		BUG();
	*undo = (struct enl_shim_undo){ test->undo, action, context };
	test->undo = undo;
	return 0;
}

void kunit_release_action(struct kunit *test, void (*action)(void *), void *context)
{
	struct enl_shim_undo **at = &test->undo, *undo;

	while ((undo = *at)) {
		if (undo->action == action && undo->context == context) {
			*at = undo->next;
			free(undo);
			action(context);
			return;
		}
		at = &undo->next;
	}
}

void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *p = calloc(n, size);

	(void)gfp;
	if (!p)
		BUG();
	kunit_add_action_or_reset(test, free, p);
	return p;
}

void kunit_kfree(struct kunit *test, const void *p)
{
	kunit_release_action(test, free, (void *)p);
}

/* One run of one case, for one parameter or none. */
static bool run_once(struct kunit_suite *suite, struct kunit_case *c, struct kunit *test)
{
	struct enl_shim_undo *undo;

	if (!setjmp(test->out)) {
		if (suite->init && suite->init(test))
			enl_shim_failed(test, suite->name, 0, "the suite's init refused");
		else
			c->run_case(test);
	}
	if (suite->exit && !setjmp(test->out))
		suite->exit(test);
	while ((undo = test->undo)) {
		test->undo = undo->next;
		undo->action(undo->context);
		free(undo);
	}
	return !test->failed;
}

static void print_result(int depth, unsigned int n, const char *name, const struct kunit *test)
{
	printf("%*s%sok %u %s%s%s\n", depth * 4, "", test->failed ? "not " : "", n, name,
	       test->skipped && !test->failed ? " # SKIP " : "",
	       test->skipped && !test->failed ? test->why : "");
}

static bool run_case(struct kunit_suite *suite, struct kunit_case *c, unsigned int number)
{
	struct kunit whole = { .name = c->name };
	char desc[KUNIT_PARAM_DESC_SIZE];
	const void *param = NULL;
	unsigned int n = 0;

	if (!c->generate_params) {
		run_once(suite, c, &whole);
		print_result(1, number, c->name, &whole);
		return !whole.failed;
	}
	printf("        KTAP version 1\n        # Subtest: %s\n", c->name);
	for (;;) {
		struct kunit test = { .name = c->name };

		desc[0] = 0;
		param = c->generate_params(param, desc);
		if (!param)
			break;
		test.param_value = param;
		if (!run_once(suite, c, &test))
			whole.failed = true;
		print_result(2, ++n, desc[0] ? desc : "param", &test);
	}
	print_result(1, number, c->name, &whole);
	return !whole.failed;
}

static bool wanted(const char *pattern, const struct kunit_suite *suite, const struct kunit_case *c)
{
	char name[512];

	snprintf(name, sizeof(name), "%s.%s", suite->name, c->name);
	return !pattern || !fnmatch(pattern, suite->name, 0) || !fnmatch(pattern, name, 0);
}

static bool run_suite(struct kunit_suite *suite, const char *pattern, unsigned int number)
{
	struct kunit_case *c;
	unsigned int n = 0;
	bool ok = true;

	for (c = suite->test_cases; c->run_case; c++)
		n += wanted(pattern, suite, c);
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%u\n", suite->name, n);
	if (suite->suite_init && suite->suite_init(suite)) {
		printf("not ok %u %s\n", number, suite->name);
		return false;
	}
	n = 0;
	for (c = suite->test_cases; c->run_case; c++) {
		if (wanted(pattern, suite, c) && !run_case(suite, c, ++n))
			ok = false;
		fflush(stdout);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	printf("%sok %u %s\n", ok ? "" : "not ", number, suite->name);
	return ok;
}

int main(int argc, char **argv)
{
	const char *pattern = argc > 1 ? argv[1] : NULL;
	unsigned int i, n = 0;
	bool ok = true;

	/* A program that crashes must not take its last lines along. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n", suite_count);
	for (i = 0; i < suite_count; i++) {
		if (!run_suite(suites[i], pattern, ++n))
			ok = false;
	}
	return !ok;
}
