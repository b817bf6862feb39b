// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers that the host knows by a number: sizes, refusals, half-posted lists, lost answers.
 * Calls the drivers' API through the stage; an isolated guest counts each page that is shared.
 * The model checks every list: one range, whole pages, each page there and given once.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "kunit/stage.h"

#define SHORT_MS	500u
#define PAGES(n)	((n) * ENL_HVPAGE_SIZE)

static const struct fakehost_options counted = { .isolated = true };

static u64 shared(struct stage *s)
{
	return s->fh->counts.shared_pages;
}

static u32 bodies(u32 pages)
{
	if (pages <= ENL_GPADL_HEADER_PFNS)
		return 0;
	return DIV_ROUND_UP(pages - ENL_GPADL_HEADER_PFNS, ENL_GPADL_BODY_PFNS);
}

/* Host and guest see the same bytes, page for page. */
static bool host_sees(struct stage *s, u32 id, const void *buffer, u32 pages)
{
	u32 i;

	if (FAKEHOST_PEEK(s->fh, vsp_gpadl_pages(s->fh->host, id)) != pages)
		return false;
	for (i = 0; i < pages; i++) {
		u32 *theirs = FAKEHOST_PEEK(s->fh, vsp_gpadl_page(s->fh->host, id, i));

		if (!theirs || *theirs != *(const u32 *)(buffer + PAGES(i)))
			return false;
		/* P-080: from a vmalloc address, by the page, not by arithmetic */
		if (page_to_pfn(vmalloc_to_page(buffer + PAGES(i))) !=
		    virt_to_phys(theirs) >> PAGE_SHIFT)
			return false;
	}
	return true;
}

static void one_size(struct stage *s, u32 pages)
{
	u64 before = shared(s), headers = fakehost_posted(s->fh, ENL_MSG_GPADL_HEADER);
	u64 more = fakehost_posted(s->fh, ENL_MSG_GPADL_BODY);
	struct enl_channel *ch = stage_channel(s);
	u8 *buffer = enl_shared_alloc(s->dev, PAGES(pages));
	struct enl_gpadl gpadl;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(s->test, buffer);
	stage_count(s, "shared", shared(s), before + pages);
	/* vmbus.md 12.43: clean, although sharing scrambles pages */
	KUNIT_EXPECT_NULL(s->test, memchr_inv(buffer, 0, PAGES(pages)));
	for (i = 0; i < pages; i++)
		*(u32 *)(buffer + PAGES(i)) = 0xbeef0000 + i;
	KUNIT_ASSERT_EQ(s->test, enl_gpadl_create(ch, buffer, PAGES(pages), &gpadl), 0);
	KUNIT_EXPECT_EQ(s->test, fakehost_posted(s->fh, ENL_MSG_GPADL_HEADER), headers + 1);
	stage_count(s, "bodies", fakehost_posted(s->fh, ENL_MSG_GPADL_BODY), more + bodies(pages));
	KUNIT_EXPECT_NE(s->test, gpadl.id, 0u);
	KUNIT_EXPECT_EQ(s->test, gpadl.bytes, PAGES(pages));
	KUNIT_EXPECT_TRUE(s->test, host_sees(s, gpadl.id, buffer, pages));
	KUNIT_EXPECT_EQ(s->test, enl_gpadl_destroy(ch, &gpadl), 0);
	KUNIT_EXPECT_EQ(s->test, gpadl.id, 0u);
	enl_shared_free(s->dev, buffer, PAGES(pages));
	stage_count(s, "shared after", shared(s), before);
}

/* P-080, P-081, vmbus.md 7.2: where header and bodies fill up, and the largest of all */
static void describes_buffers_of_any_size(struct kunit *test)
{
	static const u32 sizes[] = { 1, 2, 25, 26, 27, 53, 54, 55, 82, 83, 512, 8190 };
	struct stage *s = stage_up(test, &counted);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		one_size(s, sizes[i]);
	stage_down(s);
}

/* vmbus.md 7.2: the length field would wrap; nothing is allocated, nothing is posted. */
static void refuses_buffers_beyond_what_a_list_can_hold(struct kunit *test)
{
	static const u32 bytes[] = { 0, 1, 4095, 4097, PAGES(8191), PAGES(8192), 0xfffff000 };
	struct stage *s = stage_up(test, &counted);
	u64 shares = s->fh->counts.shares;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		KUNIT_EXPECT_NULL(test, enl_shared_alloc(s->dev, bytes[i]));
	/* 2 control pages and 8189 of data are one page too many for the ring, too. */
	s->setup.send_bytes = PAGES(8000);
	s->setup.recv_bytes = PAGES(189);
	KUNIT_EXPECT_EQ(test, stage_open(s, stage_channel(s)), -EINVAL);
	KUNIT_EXPECT_EQ(test, s->fh->counts.shares, shares);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_GPADL_HEADER), 0ull);
	stage_down(s);
}

static void with_buffer(struct stage *s, u32 pages, struct stage_call *call)
{
	*call = (struct stage_call){ .s = s, .ch = stage_channel(s), .bytes = PAGES(pages) };
	call->buffer = enl_shared_alloc(s->dev, call->bytes);
	KUNIT_ASSERT_NOT_NULL(s->test, call->buffer);
}

static void free_buffer(struct stage *s, struct stage_call *call)
{
	enl_shared_free(s->dev, call->buffer, call->bytes);
}

/* P-074: the host has no memory for it, or none at all; later it has. */
static void refused_gpadl_is_an_error_and_can_be_retried(struct kunit *test)
{
	static const u32 status[] = { 0xc0000044, 1, 0x80000000 };
	struct stage *s = stage_up(test, &counted);
	struct stage_call call;
	unsigned int i;

	with_buffer(s, 30, &call);
	stage_quota(s, 29);
	for (i = 0; i < ARRAY_SIZE(status); i++) {
		stage_message_fault(s, ENL_MSG_GPADL_CREATED, VSP_STATUS, status[i]);
		KUNIT_EXPECT_EQ(test, stage_do_create(&call), -EIO);
		KUNIT_EXPECT_EQ(test, call.gpadl.id, 0u);
	}
	stage_quota(s, 30);
	KUNIT_EXPECT_EQ(test, stage_do_create(&call), 0);
	KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), 0);
	stage_quota(s, 29);
	KUNIT_EXPECT_EQ(test, stage_do_create(&call), -EIO);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 0u);
	stage_down(s);
}

/* P-075, vmbus.md 7.3: posting ends at each message of the list in turn. */
static void list_that_is_posted_by_half_is_abandoned(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);
	struct vsp_ledger l;
	u32 k;

	for (k = 0; k <= bodies(110); k++) {
		struct vsp_fault fault = {
			.point = VSP_AT_POST,
			.action = VSP_STATUS,
			.key = k ? ENL_MSG_GPADL_BODY : ENL_MSG_GPADL_HEADER,
			.skip = k ? k - 1 : 0,
			.a = ENL_HV_INVALID_PARAMETER,
		};
		struct stage_call call;

		FAKEHOST_RUN(s->fh, vsp_fault_clear(s->fh->host));
		with_buffer(s, 110, &call);
		fakehost_fault(s->fh, &fault);
		KUNIT_EXPECT_EQ(test, stage_do_create(&call), -EIO);
		KUNIT_EXPECT_EQ(test, call.gpadl.id, 0u);
		/* The host reads what came of the list, later than the guest gave it up. */
		fakehost_settle(s->fh, 1000);
		/* No device was ever given these pages (7.3, 4). */
		free_buffer(s, &call);
		fakehost_ledger(s->fh, &l);
		KUNIT_EXPECT_EQ(test, l.partial_gpadls, k);
	}
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_POST_FAILED), (long)k);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_GPADL_TEARDOWN), 0ull);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 0u);
	/* No number of a list that was begun is used again; its pages are, and may be. */
	one_size(s, 30);
	fakehost_forgive(s->fh, VSP_V_GPADL_PAGE_TWICE);
	stage_down(s);
}

/* P-002, P-001: a host that is short of buffers slows down, and that is all. */
static void list_survives_a_host_that_is_short_of_buffers(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);

	fakehost_post_status(s->fh, ENL_MSG_GPADL_BODY, ENL_HV_INSUFFICIENT_BUFFERS, 5);
	fakehost_post_status(s->fh, ENL_MSG_GPADL_HEADER, ENL_HV_INVALID_CONNECTION, 3);
	one_size(s, 110);
	KUNIT_EXPECT_GE(test, atomic_long_read(&s->bus->post_retries), 8L);
	stage_down(s);
}

/* vmbus.md 12.26, 12.45: the answer never comes: the pages are the host's until UNLOAD. */
static void gpadl_that_is_never_answered_keeps_its_pages(struct kunit *test)
{
	struct stage *s = STAGE(test);
	struct enl_msg_gpadl_created wrong = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_CREATED), .gpadl = cpu_to_le32(1),
	};
	struct stage_call call;

	s->limits.request_ms = SHORT_MS;
	stage_up(test, &counted);
	with_buffer(s, 30, &call);
	fakehost_hold(s->fh, ENL_MSG_GPADL_CREATED, true);
	/* Answers for other numbers count for nothing. */
	wrong.relid = cpu_to_le32(call.ch->relid);
	stage_message(s, &wrong, sizeof(wrong));
	KUNIT_EXPECT_EQ(test, stage_do_create(&call), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, call.gpadl.id, 0u);
	/* Not a second time: the host may have taken it. */
	KUNIT_EXPECT_EQ(test, stage_do_create(&call), -EINVAL);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 30u);
	fakehost_check_rules(test, s->fh);
	fakehost_hold(s->fh, ENL_MSG_GPADL_CREATED, false);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_REPLY_UNEXPECTED, 2));
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_ANSWER_LATE), 1L);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 1L);
	one_size(s, 27);
	stage_down(s);
}

/* P-076, vmbus.md 12.27: no TORNDOWN in time, or the teardown is not even posted. */
static void gpadl_that_is_not_given_back_keeps_its_pages(struct kunit *test)
{
	struct stage *s = STAGE(test);
	struct enl_msg_gpadl_torndown wrong = {
		.header.type = cpu_to_le32(ENL_MSG_GPADL_TORNDOWN), .gpadl = cpu_to_le32(1),
	};
	struct stage_call call;

	s->limits.request_ms = SHORT_MS;
	stage_up(test, &counted);
	with_buffer(s, 30, &call);
	KUNIT_ASSERT_EQ(test, stage_do_create(&call), 0);
	fakehost_hold(s->fh, ENL_MSG_GPADL_TORNDOWN, true);
	stage_message(s, &wrong, sizeof(wrong));
	KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), -ETIMEDOUT);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 30u);
	fakehost_hold(s->fh, ENL_MSG_GPADL_TORNDOWN, false);
	KUNIT_EXPECT_TRUE(test, stage_wait_fault(s, ENL_FAULT_REPLY_UNEXPECTED, 2));

	with_buffer(s, 5, &call);
	KUNIT_ASSERT_EQ(test, stage_do_create(&call), 0);
	fakehost_post_status(s->fh, ENL_MSG_GPADL_TEARDOWN, ENL_HV_INVALID_PARAMETER, 1);
	KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), -ETIMEDOUT);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 35u);
	fakehost_check_rules(test, s->fh);
	stage_down(s);
}

/* A driver that frees what it never took back: the pages stay out of use, nothing else happens. */
static void buffer_freed_without_a_teardown_is_kept(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);
	struct stage_call call;

	with_buffer(s, 9, &call);
	KUNIT_ASSERT_EQ(test, stage_do_create(&call), 0);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 9u);
	fakehost_check_rules(test, s->fh);
	stage_down(s);
}

/* P-079: class buffers may go before CLOSE (below 4.0) or after it; the ring only after. */
static void buffers_may_be_taken_back_before_and_after_close(struct kunit *test)
{
	static const struct vsp_personality *const hosts[] = { &vsp_host_2012r2, &vsp_host_2022 };
	struct fakehost_options options = { };
	struct stage *s = STAGE(test);
	struct stage_call call;
	unsigned int i;

	options.personality = hosts[0];
	stage_up(test, &options);
	for (i = 0; i < 4; i++) {
		if (i == 2) {
			stage_down(s);
			fakehost_destroy(s->fh);
			s->fh = NULL;
			options.personality = hosts[1];
			stage_host(s, &options);
			stage_offer(s, 1);
			stage_start(s);
			KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 2));
		}
		with_buffer(s, 30, &call);
		KUNIT_ASSERT_EQ(test, stage_open(s, call.ch), 0);
		KUNIT_ASSERT_EQ(test, stage_do_create(&call), 0);
		if (i % 2)
			KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), 0);
		enl_channel_close(call.ch);
		if (i % 2 == 0)
			KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), 0);
		free_buffer(s, &call);
		KUNIT_EXPECT_EQ(test, READ_ONCE(s->bus->kept_pages), 0u);
	}
	stage_down(s);
}

/* vmbus.md 12.44, P-077: pages whose state is unknown never reach the allocator. */
static void pages_that_cannot_be_shared_or_unshared_are_lost(struct kunit *test)
{
	struct stage *s = stage_up(test, &counted);
	u64 before = shared(s);
	struct stage_call call;

	fakehost_fail_share(s->fh, 4, 0);
	KUNIT_EXPECT_NULL(test, enl_shared_alloc(s->dev, PAGES(9)));
	KUNIT_EXPECT_EQ(test, s->bus->leaked_pages, 1u);
	stage_count(s, "shared", shared(s), before);
	with_buffer(s, 9, &call);
	fakehost_fail_share(s->fh, 0, 2);
	free_buffer(s, &call);
	KUNIT_EXPECT_EQ(test, s->bus->leaked_pages, 2u);
	KUNIT_EXPECT_EQ(test, stage_fault(s, ENL_FAULT_MEMORY_KEPT), 2L);
	stage_stop(s);
	/* The page that is still the host's is counted as such, for ever. */
	stage_count(s, "shared at the end", shared(s), 1);
	fakehost_check_rules(test, s->fh);
}

/* API misuse is told apart from the host's. */
static void takes_only_its_own_buffers(struct kunit *test)
{
	struct stage *s = stage_up(test, NULL);
	struct stage_call call;
	struct enl_gpadl gpadl = { };

	with_buffer(s, 4, &call);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(call.ch, call.buffer + PAGES(1), PAGES(3), &gpadl),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(call.ch, call.buffer, PAGES(3), &gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(call.ch, &gpadl, PAGES(1), &gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, enl_gpadl_destroy(call.ch, &gpadl), 0);
	enl_shared_free(s->dev, NULL, PAGES(1));
	KUNIT_EXPECT_EQ(test, stage_do_create(&call), 0);
	/* Twice would be the same pages under two numbers. */
	KUNIT_EXPECT_EQ(test, enl_gpadl_create(call.ch, call.buffer, call.bytes, &gpadl), -EINVAL);
	KUNIT_EXPECT_EQ(test, stage_do_destroy(&call), 0);
	KUNIT_EXPECT_EQ(test, fakehost_posted(s->fh, ENL_MSG_GPADL_HEADER), 1ull);
	free_buffer(s, &call);
	stage_down(s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(describes_buffers_of_any_size),
	KUNIT_CASE(refuses_buffers_beyond_what_a_list_can_hold),
	KUNIT_CASE(refused_gpadl_is_an_error_and_can_be_retried),
	KUNIT_CASE(list_that_is_posted_by_half_is_abandoned),
	KUNIT_CASE(list_survives_a_host_that_is_short_of_buffers),
	KUNIT_CASE(gpadl_that_is_never_answered_keeps_its_pages),
	KUNIT_CASE(gpadl_that_is_not_given_back_keeps_its_pages),
	KUNIT_CASE(buffer_freed_without_a_teardown_is_kept),
	KUNIT_CASE(buffers_may_be_taken_back_before_and_after_close),
	KUNIT_CASE(pages_that_cannot_be_shared_or_unshared_are_lost),
	KUNIT_CASE(takes_only_its_own_buffers),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmbus_gpadl",
	.init = stage_init,
	.exit = stage_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
