// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host is told when the machine dies: once, registers or text, and not what is secret.
 * Calls the second copy of vmbus/panic.c; the kernel's lists and the platform are the test's own.
 */
#include <kunit/test.h>
#include <linux/kdebug.h>
#include <linux/string.h>
#include "kunit/panic_copy.h"

struct world {
	struct enl_bus bus;
	struct enl_platform_ops ops;
	bool deaf, isolated;
	unsigned int registers, texts;
	struct pt_regs *regs;
	long err;
	bool oops;
	char text[64];
	size_t bytes;
};

static bool hears_of_panic(void *p)
{
	return !((struct world *)p)->deaf;
}

static bool isolated(void *p)
{
	return ((struct world *)p)->isolated;
}

static void report_registers(void *p, struct pt_regs *regs, long err, bool oops)
{
	struct world *w = p;

	w->registers++;
	w->regs = regs;
	w->err = err;
	w->oops = oops;
}

static void report_text(void *p, const void *text, size_t bytes)
{
	struct world *w = p;

	w->texts++;
	w->bytes = bytes;
	memcpy(w->text, text, min(bytes, sizeof(w->text)));
}

static int init(struct kunit *test)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	if (!w)
		return -ENOMEM;
	panic_copy = (struct panic_copy){ .log = "the end of the log" };
	w->ops.hears_of_panic = hears_of_panic;
	w->ops.isolated = isolated;
	w->ops.report_registers = report_registers;
	w->ops.report_text = report_text;
	w->bus.ops = &w->ops;
	w->bus.p = w;
	test->priv = w;
	return 0;
}

static void down(struct kunit *test, struct world *w)
{
	enl_copy_panic_stop(&w->bus);
	KUNIT_EXPECT_EQ(test, panic_copy.wrong, 0u);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.die, NULL);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.panic, NULL);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.dumper, NULL);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.table, NULL);
}

static void call_die(unsigned long event, struct pt_regs *regs, long err)
{
	struct die_args args = { .regs = regs, .err = err };

	if (panic_copy.die)
		panic_copy.die->notifier_call(panic_copy.die, event, &args);
}

/* As the kernel does: the chain, then the log. */
static void panic_all(void)
{
	compat_kmsg_dump_arg reason = 0;

	if (panic_copy.panic)
		panic_copy.panic->notifier_call(panic_copy.panic, 0, "test");
	if (panic_copy.dumper)
		panic_copy.dumper->dump(panic_copy.dumper, reason);
}

/* P-105: an oops that ends in a panic is one report: the text, for which the kernel calls last. */
static void text_is_the_one_report(struct kunit *test)
{
	struct world *w = test->priv;

	enl_copy_panic_start(&w->bus);
	KUNIT_ASSERT_NOT_NULL(test, panic_copy.dumper);
	KUNIT_EXPECT_EQ(test, (int)panic_copy.dumper->max_reason, (int)KMSG_DUMP_PANIC);
	call_die(DIE_OOPS, NULL, 7);
	KUNIT_EXPECT_EQ(test, w->registers + w->texts, 0u);
	panic_all();
	KUNIT_EXPECT_EQ(test, w->registers, 0u);
	KUNIT_EXPECT_EQ(test, w->texts, 1u);
	KUNIT_EXPECT_EQ(test, w->bytes, strlen("the end of the log"));
	KUNIT_EXPECT_STREQ(test, w->text, "the end of the log");
	down(test, w);
}

/* P-105, P-106: the administrator's choice; breakpoints are no crash. */
static void registers_are_the_report_without_text(struct kunit *test)
{
	struct world *w = test->priv;
	struct pt_regs *regs = (struct pt_regs *)w;

	enl_copy_panic_start(&w->bus);
	KUNIT_ASSERT_NOT_NULL(test, panic_copy.table);
	KUNIT_EXPECT_STREQ(test, panic_copy.table->procname, "hyperv_record_panic_msg");
	KUNIT_EXPECT_EQ(test, *(int *)panic_copy.table->data, 1);
	*(int *)panic_copy.table->data = 0;
	call_die(DIE_OOPS + 1, regs, 1);
	KUNIT_EXPECT_EQ(test, w->registers, 0u);
	call_die(DIE_OOPS, regs, 7);
	KUNIT_EXPECT_EQ(test, w->registers, 1u);
	KUNIT_EXPECT_PTR_EQ(test, w->regs, regs);
	KUNIT_EXPECT_EQ(test, w->err, 7l);
	KUNIT_EXPECT_TRUE(test, w->oops);
	/* that the two are one report is known where the registers are written */
	panic_all();
	KUNIT_EXPECT_EQ(test, w->registers, 2u);
	KUNIT_EXPECT_FALSE(test, w->oops);
	KUNIT_EXPECT_EQ(test, w->texts, 0u);
	down(test, w);
}

/* P-099: before the bus's own notifier, which waits for the host to let go. */
static void registers_come_first_in_a_panic(struct kunit *test)
{
	struct world *w = test->priv;

	enl_copy_panic_start(&w->bus);
	KUNIT_ASSERT_NOT_NULL(test, panic_copy.panic);
	KUNIT_EXPECT_GT(test, panic_copy.panic->priority, 0);
	down(test, w);
}

/* P-106: the log of an isolated machine stays in it, unless somebody says otherwise. */
static void isolated_machine_keeps_its_log(struct kunit *test)
{
	struct world *w = test->priv;

	w->isolated = true;
	enl_copy_panic_start(&w->bus);
	KUNIT_ASSERT_NOT_NULL(test, panic_copy.table);
	KUNIT_EXPECT_EQ(test, *(int *)panic_copy.table->data, 0);
	panic_all();
	KUNIT_EXPECT_EQ(test, w->texts, 0u);
	KUNIT_EXPECT_EQ(test, w->registers, 1u);
	down(test, w);
}

/* P-018: without crash registers nothing is registered. */
static void deaf_host_is_told_nothing(struct kunit *test)
{
	struct world *w = test->priv;

	w->deaf = true;
	enl_copy_panic_start(&w->bus);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.panic, NULL);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.die, NULL);
	KUNIT_EXPECT_PTR_EQ(test, panic_copy.panic, NULL);
	down(test, w);
	w->ops.hears_of_panic = NULL;
	enl_copy_panic_start(&w->bus);
	KUNIT_EXPECT_PTR_EQ(test, w->bus.panic, NULL);
	down(test, w);
}

/* P-013: what was registered is taken back, each by itself; what was not is not. */
static void each_registration_is_taken_back_by_itself(struct kunit *test)
{
	struct world *w = test->priv;
	unsigned int refused;

	for (refused = 0; refused < 16; refused++) {
		panic_copy.refuse_die = refused & 1;
		panic_copy.refuse_panic = refused & 2;
		panic_copy.refuse_dumper = refused & 4;
		panic_copy.refuse_sysctl = refused & 8;
		w->registers = 0;
		w->texts = 0;
		enl_copy_panic_start(&w->bus);
		call_die(DIE_OOPS, NULL, 0);
		panic_all();
		/* the text, or without its page what is left of the others */
		KUNIT_EXPECT_EQ(test, w->texts, refused & 4 ? 0u : 1u);
		KUNIT_EXPECT_EQ(test, w->registers,
				refused & 4 ? !(refused & 1) + !(refused & 2) : 0);
		down(test, w);
	}
	/* twice is once */
	down(test, w);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(text_is_the_one_report),
	KUNIT_CASE(registers_are_the_report_without_text),
	KUNIT_CASE(registers_come_first_in_a_panic),
	KUNIT_CASE(isolated_machine_keeps_its_log),
	KUNIT_CASE(deaf_host_is_told_nothing),
	KUNIT_CASE(each_registration_is_taken_back_by_itself),
	{ }
};

static struct kunit_suite suite = { .name = "vmbus_panic", .init = init, .test_cases = cases };
kunit_test_suite(suite);
