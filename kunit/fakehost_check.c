// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fake host saw: counts, messages, breaches of the protocol, and the ledger at rest.
 * Calls vsp/ under the host's lock; called by test files.
 */
#include <linux/delay.h>
#include <linux/sched.h>
#include "kunit/fakehost.h"

u64 fakehost_posted(struct fakehost *fh, u32 type)
{
	return FAKEHOST_PEEK(fh, vsp_posted(fh->host, type));
}

bool fakehost_wait_posted(struct fakehost *fh, u32 type, u64 number, unsigned int ms)
{
	return fakehost_wait_for(fakehost_posted(fh, type) >= number, ms);
}

/* The @nth (from 0) message of @type that the guest tried to post; 0 is any type. */
bool fakehost_message(struct fakehost *fh, u32 type, u64 nth, struct vsp_record *record)
{
	return FAKEHOST_PEEK(fh, vsp_find_record(fh->host, type, nth, record));
}

bool fakehost_wait_open(struct fakehost *fh, u32 relid, bool open, unsigned int ms)
{
	return fakehost_wait_for(FAKEHOST_PEEK(fh, vsp_channel_open(fh->host, relid)) == open, ms);
}

u64 fakehost_violations(struct fakehost *fh)
{
	return FAKEHOST_PEEK(fh, vsp_violations(fh->host));
}

void fakehost_forgive(struct fakehost *fh, enum vsp_violation which)
{
	FAKEHOST_RUN(fh, vsp_forgive(fh->host, which));
}

void fakehost_ledger(struct fakehost *fh, struct vsp_ledger *ledger)
{
	FAKEHOST_RUN(fh, vsp_ledger(fh->host, ledger));
}

/* The last things that happened: messages, events, faults, breaches, with two numbers each. */
void fakehost_print_trace(struct kunit *test, struct fakehost *fh)
{
	unsigned int i = fh->traced > FAKEHOST_TRACE ? fh->traced - FAKEHOST_TRACE : 0;

	for (; i < fh->traced; i++) {
		const struct fakehost_line *line = &fh->trace[i % FAKEHOST_TRACE];

		kunit_info(test, "%u: %s %u 0x%llx", i, line->what, line->a, line->b);
	}
}

/**
 * fakehost_check_rules - fail the test for each rule of the protocol that the guest broke
 * @test: the test
 * @fh: the host, at rest
 *
 * Includes memory that was freed while the host owned it and doorbells that did not ring.
 */
void fakehost_check_rules(struct kunit *test, struct fakehost *fh)
{
	enum vsp_violation which;
	u32 i, a;
	u64 b;

	if (!FAKEHOST_PEEK(fh, vsp_quiesce(fh->host)))
		return;
	for (i = 0; i < VSP_V_LIMIT; i++) {
		u64 count = FAKEHOST_PEEK(fh, vsp_violation_count(fh->host, i));

		if (count)
			KUNIT_FAIL(test, "%s, %llu times: %s", vsp_violation_name(i), count,
				   vsp_violation_text(i));
	}
	if (FAKEHOST_PEEK(fh, vsp_first_violation(fh->host, &which, &a, &b)))
		KUNIT_FAIL(test, "first: %s (%u, 0x%llx)", vsp_violation_name(which), a, b);
	fakehost_print_trace(test, fh);
}

/**
 * fakehost_check - the end of a test whose bus was stopped: no rule broken, nothing left open
 * @test: the test
 * @fh: the host
 */
void fakehost_check(struct kunit *test, struct fakehost *fh)
{
	struct vsp_ledger l;

	fakehost_settle(fh, 1000);
	fakehost_check_rules(test, fh);
	fakehost_ledger(fh, &l);
	KUNIT_EXPECT_EQ(test, l.gpadls, 0u);
	KUNIT_EXPECT_EQ(test, l.partial_gpadls, 0u);
	KUNIT_EXPECT_EQ(test, l.open, 0u);
	KUNIT_EXPECT_EQ(test, l.unreleased, 0u);
	KUNIT_EXPECT_EQ(test, l.monitor_pages, 0u);
	KUNIT_EXPECT_EQ(test, l.guest_requests, 0u);
	KUNIT_EXPECT_EQ(test, l.host_requests, 0u);
	KUNIT_EXPECT_EQ(test, fh->counts.shared_pages, 0ull);
	KUNIT_EXPECT_EQ(test, fh->counts.starts, fh->counts.stops);
	KUNIT_EXPECT_EQ(test, fh->counts.late, 0ull);
}
