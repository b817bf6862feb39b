// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stage for tests of the transport: see stage.h.
 * Calls the fake host and the drivers' API; called by the vmbus_* suites.
 * Ends everything in the order in which a failed case can have left it.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/slab.h>
#include "kunit/stage.h"

const struct enl_guid stage_class = ENL_CLASS_HEARTBEAT;
const struct enl_guid stage_perf_class = ENL_CLASS_SCSI;

static const struct hv_vmbus_device_id stage_ids[] = {
	{ ENL_DEVICE_ID(ENL_CLASS_HEARTBEAT) },
	{ ENL_DEVICE_ID(ENL_CLASS_SCSI) },
	{ ENL_DEVICE_ID(ENL_CLASS_NETWORK) },
	{ }
};

/* --- the driver */

static struct stage *stage_of(struct enl_device *dev)
{
	return container_of(dev->dev->driver, struct stage, driver.driver);
}

static int stage_probe(struct enl_device *dev, const struct hv_vmbus_device_id *id)
{
	struct stage *s = stage_of(dev);
	int err = s->probe ? s->probe(s, dev) : 0;

	if (err) {
		s->failed_probes++;
		return err;
	}
	WRITE_ONCE(s->dev, dev);
	/* Pairs with the wait of stage_wait_probes(). */
	smp_store_release(&s->probes, s->probes + 1);
	return 0;
}

static void stage_remove(struct enl_device *dev)
{
	struct stage *s = stage_of(dev);

	if (s->remove)
		s->remove(s, dev);
	if (s->dev == dev)
		WRITE_ONCE(s->dev, NULL);
	s->removes++;
}

static void stage_given(struct enl_device *dev, struct enl_channel *ch)
{
	struct stage *s = stage_of(dev);

	if (s->given)
		s->given(s, ch);
	s->sub[s->subs % STAGE_SUBS] = ch;
	/* Pairs with whoever counts them. */
	smp_store_release(&s->subs, s->subs + 1);
}

/* At hibernation; the case closes what it opened. */
static int stage_sleep(struct enl_device *dev)
{
	return 0;
}

static void stage_notify(struct enl_channel *ch, void *context)
{
	struct stage *s = context;
	struct enl_packet packet;

	atomic_inc(&s->rounds);
	while (enl_recv(ch, &packet) > 0)
		atomic_inc(&s->received);
}

/* --- life */

int stage_init(struct kunit *test)
{
	struct stage *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	s->echo = kzalloc(sizeof(*s->echo), GFP_KERNEL);
	s->test = test;
	s->limits = fakehost_limits;
	s->limits.request_ms = STAGE_LONG_MS;
	s->limits.post_ms = STAGE_LONG_MS;
	s->setup = (struct enl_channel_setup){
		.send_bytes = STAGE_RING,
		.recv_bytes = STAGE_RING,
		.max_packet = 4096,
		.mode = ENL_NOTIFY_SOFTIRQ,
		.notify = stage_notify,
		.context = s,
	};
	s->driver = (struct enl_driver){
		.name = "enlight_stage",
		.ids = stage_ids,
		.probe = stage_probe,
		.remove = stage_remove,
		.suspend = stage_sleep,
		.resume = stage_sleep,
		.subchannel = stage_given,
	};
	init_completion(&s->entered);
	init_completion(&s->gate);
	test->priv = s;
	return s->echo ? 0 : -ENOMEM;
}

void stage_exit(struct kunit *test)
{
	struct stage *s = test->priv;

	if (!s)
		return;
	complete_all(&s->gate);
	if (s->fh) {
		fakehost_set_manual(s->fh, false);
		fakehost_called(s->fh, 2 * STAGE_LONG_MS, NULL);
	}
	if (s->bus)
		enl_bus_stop(s->bus);
	if (s->registered)
		enl_driver_unregister(&s->driver);
	fakehost_destroy(s->fh);
	kfree(s->echo);
	kfree(s);
	test->priv = NULL;
}

void stage_host(struct stage *s, const struct fakehost_options *options)
{
	s->fh = fakehost_create(s->test, options);
	KUNIT_ASSERT_NOT_NULL(s->test, s->fh);
}

void stage_start(struct stage *s)
{
	struct enl_bus *bus;

	if (!s->registered) {
		KUNIT_ASSERT_EQ(s->test, enl_driver_register(&s->driver), 0);
		s->registered = true;
	}
	bus = fakehost_start_bus(s->fh, &s->limits);
	KUNIT_ASSERT_FALSE(s->test, IS_ERR(bus));
	s->bus = bus;
}

/* A host with one device, the bus, the driver bound. */
struct stage *stage_up(struct kunit *test, const struct fakehost_options *options)
{
	struct stage *s = test->priv;

	stage_host(s, options);
	stage_offer(s, 1);
	stage_start(s);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 1));
	return s;
}

void stage_stop(struct stage *s)
{
	enl_bus_stop(s->bus);
	s->bus = NULL;
}

/* The end of an orderly case: nothing is left open anywhere. */
void stage_down(struct stage *s)
{
	stage_stop(s);
	fakehost_check(s->test, s->fh);
}

/* --- what the host offers */

u32 stage_offer_class(struct stage *s, const struct enl_guid *class_id, u32 instance)
{
	return fakehost_offer(s->fh, class_id, instance, &vsp_echo_provider, s->echo);
}

u32 stage_offer(struct stage *s, u32 instance)
{
	return stage_offer_class(s, &stage_class, instance);
}

u32 stage_offer_sub(struct stage *s, u32 instance, u16 index)
{
	return fakehost_offer_sub(s->fh, &stage_class, instance, index, &vsp_echo_provider,
				  s->echo);
}

/* The primary channel of the device that is bound. */
struct enl_channel *stage_channel(struct stage *s)
{
	KUNIT_ASSERT_NOT_NULL(s->test, READ_ONCE(s->dev));
	return enl_channel_primary(s->dev);
}

bool stage_wait_probes(struct stage *s, unsigned int count)
{
	/* Pairs with stage_probe(). */
	return fakehost_wait_for(smp_load_acquire(&s->probes) >= count, STAGE_SOON_MS);
}

/* Until @released numbers were given back, and nothing moves any more. */
bool stage_wait_gone(struct stage *s, u64 released)
{
	return fakehost_wait_posted(s->fh, ENL_MSG_RELID_RELEASED, released, STAGE_SOON_MS) &&
	       stage_quiet(s);
}

/* Nothing moves, neither at the host nor on the queues of the bus. */
bool stage_quiet(struct stage *s)
{
	bool quiet = fakehost_settle(s->fh, STAGE_SOON_MS);

	flush_workqueue(s->bus->control_wq);
	flush_workqueue(s->bus->add_wq);
	flush_workqueue(s->bus->sub_wq);
	flush_workqueue(s->bus->del_wq);
	return quiet && fakehost_settle(s->fh, STAGE_SOON_MS);
}

void stage_count(struct stage *s, const char *what, u64 got, u64 want)
{
	if (got != want)
		KUNIT_FAIL(s->test, "%s: %llu, should be %llu", what, got, want);
}

/* --- what the driver does */

int stage_open(struct stage *s, struct enl_channel *ch)
{
	return enl_channel_open(ch, &s->setup);
}

/* One request and its answer. 0, the transport's error, or -EBADMSG: another answer. */
int stage_talk(struct stage *s, struct enl_channel *ch)
{
	__le64 question = cpu_to_le64(0x1234567890ULL + (u32)atomic_read(&s->rounds));
	__le64 answer = 0;
	struct enl_exchange x = {
		.request = &question,
		.request_bytes = sizeof(question),
		.answer = &answer,
		.answer_bytes = sizeof(answer),
	};
	int err = enl_transact(ch, &x, STAGE_SOON_MS);

	return err ?: answer == question ? 0 : -EBADMSG;
}

long stage_fault(struct stage *s, enum enl_fault fault)
{
	return atomic_long_read(&s->bus->faults[fault]);
}

bool stage_wait_fault(struct stage *s, enum enl_fault fault, long count)
{
	return fakehost_wait_for(stage_fault(s, fault) >= count, STAGE_SOON_MS);
}

int stage_do_open(void *call)
{
	struct stage_call *c = call;

	return stage_open(c->s, c->ch);
}

int stage_do_close(void *call)
{
	struct stage_call *c = call;

	enl_channel_close(c->ch);
	return 0;
}

int stage_do_create(void *call)
{
	struct stage_call *c = call;

	return enl_gpadl_create(c->ch, c->buffer, c->bytes, &c->gpadl);
}

int stage_do_destroy(void *call)
{
	struct stage_call *c = call;

	return enl_gpadl_destroy(c->ch, &c->gpadl);
}

int stage_do_set_cpu(void *call)
{
	struct stage_call *c = call;

	return enl_channel_set_cpu(c->ch, c->cpu);
}

/* A remove that does not return before the case says so. */
void stage_remove_waits(struct stage *s, struct enl_device *dev)
{
	complete_all(&s->entered);
	wait_for_completion_timeout(&s->gate, msecs_to_jiffies(STAGE_SOON_MS));
}

/* A remove that waits for the call in the other thread, as each driver does for its own. */
void stage_remove_joins(struct stage *s, struct enl_device *dev)
{
	if (READ_ONCE(s->fh->caller))
		fakehost_wait_for(completion_done(&s->fh->call_done), 2 * STAGE_LONG_MS);
}

/* --- channels on several CPUs */

/* An open channel of a class that is spread, as the only one. */
struct stage *stage_up_perf(struct kunit *test, const struct fakehost_options *options)
{
	struct stage *s = STAGE(test);

	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");
	stage_host(s, options);
	stage_offer_class(s, &stage_perf_class, 1);
	stage_start(s);
	KUNIT_ASSERT_TRUE(test, stage_wait_probes(s, 1));
	KUNIT_ASSERT_EQ(test, stage_open(s, stage_channel(s)), 0);
	return s;
}

/* A CPU that the channel is not on. */
unsigned int stage_other_cpu(struct enl_channel *ch)
{
	return enl_channel_cpu(ch) ? 0 : num_online_cpus() - 1;
}

bool stage_receives(struct stage *s, struct enl_channel *ch, unsigned int packets)
{
	int want = atomic_read(&s->received) + packets;

	FAKEHOST_DO(s->fh, vsp_echo_flood(s->fh->host, ch->relid, packets, 32, false));
	return fakehost_wait_for(atomic_read(&s->received) == want, STAGE_SOON_MS);
}

/* A channel on @cpu, the newest, or NULL. */
struct enl_channel *stage_on_cpu(struct stage *s, unsigned int cpu)
{
	struct enl_channel *ch, *found = NULL;

	mutex_lock(&s->bus->lock);
	list_for_each_entry(ch, &s->bus->channels, link) {
		if (ch->cpu == cpu)
			found = ch;
	}
	mutex_unlock(&s->bus->lock);
	return found;
}

/* @devices more of a class that is spread. */
void stage_offer_many(struct stage *s, unsigned int devices, bool open)
{
	unsigned int i;

	for (i = 0; i < devices; i++) {
		unsigned int probes = s->probes;

		stage_offer_class(s, &stage_perf_class, 10 + i);
		KUNIT_ASSERT_TRUE(s->test, stage_wait_probes(s, probes + 1));
		if (open)
			KUNIT_ASSERT_EQ(s->test, stage_open(s, stage_channel(s)), 0);
	}
}

/* --- driving the host by hand */

/* One step that does something; waits for the guest to give cause. False: it gives none. */
bool stage_take_step(struct stage *s, unsigned int ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(ms) + 1;

	do {
		if (fakehost_step(s->fh))
			return true;
		if (s->fh->caller && completion_done(&s->fh->call_done))
			return fakehost_step(s->fh);
		usleep_range(200, 500);
	} while (time_before(jiffies, end));
	return false;
}

void stage_overwrite(struct stage *s, u32 type, u32 at, u64 value, u8 width)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE,
		.action = VSP_OVERWRITE,
		.key = type,
		.a = at,
		.b = value,
		.width = width,
	};

	fakehost_fault(s->fh, &fault);
}

void stage_message_fault(struct stage *s, u32 type, enum vsp_fault_action action, u32 a)
{
	struct vsp_fault fault = {
		.point = VSP_AT_MESSAGE, .action = action, .key = type, .a = a,
	};

	fakehost_fault(s->fh, &fault);
}

/* A message straight to the bus, past the queue and the faults of the model. False: not taken. */
bool stage_message(struct stage *s, const void *message, size_t bytes)
{
	return s->fh->up->message(s->fh->up_context, message, bytes);
}

/* The host refuses GPADLs beyond @pages pages in all; 0: it refuses none. */
void stage_quota(struct stage *s, u32 pages)
{
	FAKEHOST_RUN(s->fh, vsp_personality(s->fh->host)->gpadl_pages = pages);
}
