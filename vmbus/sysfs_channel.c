// SPDX-License-Identifier: GPL-2.0-only
/*
 * One directory per channel below its device: channels/<relid>, names as in the stable ABI.
 * Reads counters and, under the channel's mutex, the rings. Called by device.c and offer.c.
 * The directory holds a reference on its channel, so that a reader never meets a freed one.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "internal.h"

struct channel_kobj {
	struct kobject kobj;
	struct enl_channel *ch;
};

struct channel_attr {
	struct attribute attr;
	ssize_t (*show)(struct enl_channel *ch, char *buf);
	ssize_t (*store)(struct enl_channel *ch, const char *buf, size_t count);
};

/* Under the channel's mutex and open, or -EINVAL. */
static ssize_t show_ring(struct enl_channel *ch, char *buf, u32 (*read)(struct enl_channel *ch))
{
	ssize_t n = -EINVAL;

	if (READ_ONCE(ch->state) != ENL_CHANNEL_OPEN)
		return n;
	mutex_lock(&ch->mutex);
	if (ch->state == ENL_CHANNEL_OPEN)
		n = sysfs_emit(buf, "%u\n", read(ch));
	mutex_unlock(&ch->mutex);
	return n;
}

static u32 indices_used(const struct enl_ring_control *control, u32 bytes)
{
	u32 read = min(le32_to_cpu(READ_ONCE(control->read_index)), bytes);
	u32 write = min(le32_to_cpu(READ_ONCE(control->write_index)), bytes);

	return enl_ring_used(write, read, bytes);
}

static u32 read_avail(struct enl_channel *ch)
{
	return indices_used(ch->in.control, ch->in.bytes);
}

static u32 write_avail(struct enl_channel *ch)
{
	return ch->out.bytes - min(indices_used(ch->out.control, ch->out.bytes), ch->out.bytes);
}

static u32 out_mask(struct enl_channel *ch)
{
	return le32_to_cpu(READ_ONCE(ch->out.control->interrupt_mask));
}

static u32 in_mask(struct enl_channel *ch)
{
	return le32_to_cpu(READ_ONCE(ch->in.control->interrupt_mask));
}

#define RING_ATTR(file) \
static ssize_t file##_show(struct enl_channel *ch, char *buf) \
{ \
	return show_ring(ch, buf, file); \
} \
static struct channel_attr attr_##file = { { .name = #file, .mode = 0444 }, file##_show }

RING_ATTR(read_avail);
RING_ATTR(write_avail);
RING_ATTR(out_mask);
RING_ATTR(in_mask);

#define COUNT_ATTR(file, value) \
static ssize_t file##_show(struct enl_channel *ch, char *buf) \
{ \
	return sysfs_emit(buf, "%llu\n", (unsigned long long)(value)); \
} \
static struct channel_attr attr_##file = { { .name = #file, .mode = 0444 }, file##_show }

/* Signals for an empty ring that filled are all but those that the host's wait for room caused. */
COUNT_ATTR(interrupts, ch->stats.interrupts);
COUNT_ATTR(events, ch->stats.signals_sent + ch->stats.signals_monitored);
COUNT_ATTR(intr_in_full, ch->stats.signals_room);
COUNT_ATTR(intr_out_empty,
	   ch->stats.signals_sent + ch->stats.signals_monitored - ch->stats.signals_room);
COUNT_ATTR(out_full_first, ch->stats.ring_full_first);
COUNT_ATTR(out_full_total, ch->stats.ring_full);
COUNT_ATTR(subchannel_id, ch->index);
COUNT_ATTR(monitor_id, ch->monitor_id);

static ssize_t show_monitor(struct enl_channel *ch, enum enl_monitor_word word, char *buf)
{
	const void *page = (void *)ch->bus->monitor_page;

	if (ch->monitor_id >= ENL_MONITOR_IDS || !page)
		return -EINVAL;
	return sysfs_emit(buf, "%u\n", enl_monitor_read(page, ch->monitor_id, word));
}

static ssize_t pending_show(struct enl_channel *ch, char *buf)
{
	return show_monitor(ch, ENL_MONITOR_PENDING, buf);
}
static struct channel_attr attr_pending = { { .name = "pending", .mode = 0444 }, pending_show };

static ssize_t latency_show(struct enl_channel *ch, char *buf)
{
	return show_monitor(ch, ENL_MONITOR_LATENCY, buf);
}
static struct channel_attr attr_latency = { { .name = "latency", .mode = 0444 }, latency_show };

static ssize_t cpu_show(struct enl_channel *ch, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(ch->cpu));
}

static ssize_t cpu_store(struct enl_channel *ch, const char *buf, size_t count)
{
	unsigned int cpu;
	int err = kstrtouint(buf, 0, &cpu);

	if (!err)
		err = enl_channel_set_cpu(ch, cpu);
	return err ?: count;
}
static struct channel_attr attr_cpu = { { .name = "cpu", .mode = 0644 }, cpu_show, cpu_store };

static struct attribute *channel_attrs[] = {
	&attr_read_avail.attr, &attr_write_avail.attr, &attr_out_mask.attr, &attr_in_mask.attr,
	&attr_interrupts.attr, &attr_events.attr, &attr_intr_in_full.attr,
	&attr_intr_out_empty.attr, &attr_out_full_first.attr, &attr_out_full_total.attr,
	&attr_subchannel_id.attr, &attr_monitor_id.attr, &attr_pending.attr,
	&attr_latency.attr, &attr_cpu.attr,
	NULL
};

static umode_t channel_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct enl_channel *ch = container_of(kobj, struct channel_kobj, kobj)->ch;

	if ((attr == &attr_pending.attr || attr == &attr_latency.attr ||
	     attr == &attr_monitor_id.attr) && ch->monitor_id >= ENL_MONITOR_IDS)
		return 0;
	return attr->mode;
}

static const struct attribute_group channel_group = {
	.attrs = channel_attrs,
	.is_visible = channel_visible,
};

static ssize_t channel_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct channel_attr *a = container_of(attr, struct channel_attr, attr);

	return a->show(container_of(kobj, struct channel_kobj, kobj)->ch, buf);
}

static ssize_t channel_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
				  size_t count)
{
	struct channel_attr *a = container_of(attr, struct channel_attr, attr);

	return a->store ? a->store(container_of(kobj, struct channel_kobj, kobj)->ch, buf, count) :
			  -EIO;
}

static const struct sysfs_ops channel_sysfs_ops = {
	.show = channel_attr_show,
	.store = channel_attr_store,
};

static void channel_kobj_release(struct kobject *kobj)
{
	struct channel_kobj *k = container_of(kobj, struct channel_kobj, kobj);

	enl_channel_put(k->ch);
	kfree(k);
}

static struct kobj_type channel_ktype = {
	.sysfs_ops = &channel_sysfs_ops,
	.release = channel_kobj_release,
};

/* Who has which directory. Held while one gets a name, not while one goes and waits for readers. */
static DEFINE_MUTEX(dirs_mutex);

/*
 * The directory channels/ belongs to the primary, whose device it hangs on. Probe asks for
 * sub-channels: the first may be here before the primary is.
 */
static struct kobject *channels_dir(struct enl_channel *ch)
{
	struct enl_channel *primary = ch->primary;
	struct kobject *dir;

	mutex_lock(&dirs_mutex);
	if (!primary->channels_kobj)
		primary->channels_kobj = kobject_create_and_add("channels",
								&ch->device->dev->kobj);
	dir = primary->channels_kobj;
	mutex_unlock(&dirs_mutex);
	return dir;
}

/* Show @ch below its device; failing to is not fatal, the channel works without. May sleep. */
void enl_channel_sysfs_add(struct enl_channel *ch)
{
	struct kobject *dir = channels_dir(ch);
	struct channel_kobj *k;
	int err;

	if (!dir)
		return;
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k)
		return;
	k->ch = ch;
	kref_get(&ch->ref);
	err = kobject_init_and_add(&k->kobj, &channel_ktype, dir, "%u", ch->relid);
	if (!err)
		err = sysfs_create_group(&k->kobj, &channel_group);
	if (err) {
		kobject_put(&k->kobj);
		return;
	}
	WRITE_ONCE(ch->kobj, &k->kobj);
	kobject_uevent(&k->kobj, KOBJ_ADD);
}

/* After a resume the channel may have another number, and a new one its old. May sleep. */
void enl_channel_sysfs_renumber(struct enl_channel *ch)
{
	u32 relid = READ_ONCE(ch->relid);
	char name[16];

	if (relid == ENL_RELID_NONE)
		return;
	snprintf(name, sizeof(name), "%u", relid);
	mutex_lock(&dirs_mutex);
	if (ch->kobj && strcmp(kobject_name(ch->kobj), name) && kobject_rename(ch->kobj, name))
		dev_warn(ch->bus->parent, "channel %u keeps its old name in sysfs\n", relid);
	mutex_unlock(&dirs_mutex);
}

/* Waits for readers; no lock of theirs may be held. Harmless when there is nothing. May sleep. */
void enl_channel_sysfs_remove(struct enl_channel *ch)
{
	struct kobject *kobj, *dir = NULL;

	mutex_lock(&dirs_mutex);
	kobj = xchg(&ch->kobj, NULL);
	mutex_unlock(&dirs_mutex);
	if (kobj) {
		kobject_del(kobj);
		kobject_put(kobj);
	}
	if (ch == ch->primary)
		dir = xchg(&ch->channels_kobj, NULL);
	if (dir) {
		kobject_del(dir);
		kobject_put(dir);
	}
}
