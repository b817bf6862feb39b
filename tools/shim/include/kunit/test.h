/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KUnit for programs: a test file that uses nothing but plain cases, parameters, expectations and
 * kunit_kzalloc() compiles unchanged and prints the same KTAP. Calls ../kunit.c, libc.
 * Used by the unit tests alone (tools/shim/unit.sh).
 */
#ifndef ENL_SHIM_KUNIT_TEST_H
#define ENL_SHIM_KUNIT_TEST_H

#include <setjmp.h>
#include <linux/kernel.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define KUNIT_PARAM_DESC_SIZE 128

struct kunit {
	void *priv;
	const void *param_value;
	const char *name;
	bool failed;
	bool skipped;
	char why[128];
	jmp_buf out;
	struct enl_shim_undo *undo;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
};

struct kunit_suite {
	char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

#define KUNIT_CASE(f) { .run_case = f, .name = #f }
#define KUNIT_CASE_SLOW(f) KUNIT_CASE(f)
#define KUNIT_CASE_PARAM(f, gen) { .run_case = f, .name = #f, .generate_params = gen }

#define KUNIT_ARRAY_PARAM(name, array, get_desc)                                                   \
	static const void *name##_gen_params(const void *prev, char *desc)                         \
	{                                                                                          \
		__typeof__((array)[0]) *next =                                                     \
			prev ? (__typeof__(next))prev + 1 : (__typeof__(next))(array);             \
		void (*describe)(__typeof__(next), char *) = get_desc;                             \
                                                                                                   \
		if (next - (array) >= (long)ARRAY_SIZE(array))                                     \
			return NULL;                                                               \
		if (describe)                                                                      \
			describe(next, desc);                                                      \
		return next;                                                                       \
	}

void enl_shim_register(struct kunit_suite *suite);
void enl_shim_failed(struct kunit *test, const char *file, int line, const char *format, ...)
	__printf(4, 5);
void enl_shim_abort(struct kunit *test) __attribute__((noreturn));
int kunit_add_action_or_reset(struct kunit *test, void (*action)(void *), void *context);
void kunit_release_action(struct kunit *test, void (*action)(void *), void *context);
void *kunit_kmalloc_array(struct kunit *test, size_t n, size_t size, gfp_t gfp);
void kunit_kfree(struct kunit *test, const void *p);

#define kunit_add_action kunit_add_action_or_reset
#define KUNIT_DEFINE_ACTION_WRAPPER(wrapper, action, type)                                         \
	static void wrapper(void *in)                                                              \
	{                                                                                          \
		action((type)in);                                                                  \
	}
#define kunit_kcalloc kunit_kmalloc_array
#define kunit_kmalloc(test, size, gfp) kunit_kmalloc_array(test, 1, size, gfp)
#define kunit_kzalloc(test, size, gfp) kunit_kmalloc_array(test, 1, size, gfp)

#define ENL_SHIM_GLUE2(a, b) a##b
#define ENL_SHIM_GLUE(a, b) ENL_SHIM_GLUE2(a, b)
#define ENL_SHIM_SUITE(suite, n)                                                                   \
	__attribute__((constructor)) static void ENL_SHIM_GLUE(enl_shim_add_, n)(void)             \
	{                                                                                          \
		struct kunit_suite *all[] = { suite };                                             \
		size_t i;                                                                          \
                                                                                                   \
		for (i = 0; i < ARRAY_SIZE(all); i++)                                              \
			enl_shim_register(all[i]);                                                 \
	}                                                                                          \
	extern int enl_shim_suite
#define ENL_SHIM_LIST(...) __VA_ARGS__
#define kunit_test_suites(...) ENL_SHIM_SUITE(ENL_SHIM_LIST(__VA_ARGS__), __COUNTER__)
#define kunit_test_suite(suite) ENL_SHIM_SUITE(&(suite), __COUNTER__)

#define kunit_info(test, format, ...)                                                              \
	printf("    # %s: " format "\n", (test)->name, ##__VA_ARGS__)
#define kunit_warn kunit_info
#define kunit_err kunit_info
#define kunit_log(level, test, format, ...) kunit_info(test, format, ##__VA_ARGS__)
#define kunit_mark_skipped(test, format, ...)                                                      \
	do {                                                                                       \
		(test)->skipped = true;                                                            \
		snprintf((test)->why, sizeof((test)->why), format, ##__VA_ARGS__);                 \
	} while (0)
#define kunit_skip(test, format, ...)                                                              \
	do {                                                                                       \
		kunit_mark_skipped(test, format, ##__VA_ARGS__);                                   \
		enl_shim_abort(test);                                                              \
	} while (0)

#define KUNIT_SUCCEED(test) do {} while (0)
#define KUNIT_FAIL(test, format, ...)                                                              \
	enl_shim_failed(test, __FILE__, __LINE__, format, ##__VA_ARGS__)

/* What to do after a failed comparison: go on, or leave the case. */
#define ENL_SHIM_GO_ON(test) do {} while (0)
#define ENL_SHIM_LEAVE(test) enl_shim_abort(test)

#define ENL_SHIM_COMPARE(test, then, a, op, b, format, ...)                                        \
	do {                                                                                       \
		__typeof__(a) a_ = (a);                                                            \
		__typeof__(b) b_ = (b);                                                            \
                                                                                                   \
		if (!(a_ op b_)) {                                                                 \
			enl_shim_failed(test, __FILE__, __LINE__,                                  \
					"expected " #a " " #op " " #b ", but %lld (0x%llx) and "   \
					"%lld (0x%llx) " format,                                   \
					(long long)a_, (long long)a_, (long long)b_,               \
					(long long)b_, ##__VA_ARGS__);                             \
			then(test);                                                                \
		}                                                                                  \
	} while (0)
#define ENL_SHIM_POINTERS(test, then, a, op, b, format, ...)                                       \
	do {                                                                                       \
		const void *a_ = (a);                                                              \
		const void *b_ = (b);                                                              \
                                                                                                   \
		if (!(a_ op b_)) {                                                                 \
			enl_shim_failed(test, __FILE__, __LINE__,                                  \
					"expected " #a " " #op " " #b ", but %p and %p " format,   \
					a_, b_, ##__VA_ARGS__);                                    \
			then(test);                                                                \
		}                                                                                  \
	} while (0)
#define ENL_SHIM_TRUTH(test, then, condition, text, format, ...)                                   \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			enl_shim_failed(test, __FILE__, __LINE__, "expected " text " " format,     \
					##__VA_ARGS__);                                            \
			then(test);                                                                \
		}                                                                                  \
	} while (0)
#define ENL_SHIM_STRINGS(test, then, a, b, equal, format, ...)                                     \
	do {                                                                                       \
		const char *a_ = (a), *b_ = (b);                                                   \
                                                                                                   \
		if ((strcmp(a_, b_) == 0) != (equal)) {                                            \
			enl_shim_failed(test, __FILE__, __LINE__,                                  \
					#a " is \"%s\", " #b " is \"%s\" " format, a_, b_,         \
					##__VA_ARGS__);                                            \
			then(test);                                                                \
		}                                                                                  \
	} while (0)
#define ENL_SHIM_BYTES(test, then, a, b, size, equal, format, ...)                                 \
	do {                                                                                       \
		const void *a_ = (a), *b_ = (b);                                                   \
		size_t n_ = (size);                                                                \
                                                                                                   \
		if ((memcmp(a_, b_, n_) == 0) != (equal)) {                                        \
			enl_shim_dump(test, __FILE__, __LINE__, #a, a_, #b, b_, n_);               \
			then(test);                                                                \
		}                                                                                  \
	} while (0)
void enl_shim_dump(struct kunit *test, const char *file, int line, const char *a_name,
		   const void *a, const char *b_name, const void *b, size_t n);

#include <kunit/verbs.h>

#endif
