// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of devices, by the names and formats of the kernel's stable ABI (P-070).
 * Reads channels under their mutex. Called by the driver core; channel directories are in
 * sysfs_channel.c. A closed channel has no ring to show: -EINVAL (P-038).
 */
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include "internal.h"
#include "wire/classes.h"

#define VENDOR	0x1414

/* The numbers by which user space knows the classes: their place in this list. */
static const struct enl_guid numbered_classes[] = {
	ENL_CLASS_IDE, ENL_CLASS_SCSI, ENL_CLASS_FIBRE_CHANNEL, ENL_CLASS_NETWORK, ENL_CLASS_RDMA,
	ENL_CLASS_PCI, ENL_CLASS_VIDEO, ENL_CLASS_KEYBOARD, ENL_CLASS_MOUSE, ENL_CLASS_KVP,
	ENL_CLASS_TIMESYNC, ENL_CLASS_HEARTBEAT, ENL_CLASS_SHUTDOWN, ENL_CLASS_FILE_COPY,
	ENL_CLASS_VSS, ENL_CLASS_MEMORY,
};

static unsigned int class_number(const struct enl_guid *class)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbered_classes); i++) {
		if (enl_guid_equal(class, &numbered_classes[i]))
			break;
	}
	return i;
}

static struct enl_channel *primary_of(struct device *dev)
{
	return enl_device_of(dev)->primary;
}

static ssize_t id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", (int)READ_ONCE(primary_of(dev)->relid));
}
static DEVICE_ATTR_RO(id);

static ssize_t state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	static const u8 shown[] = {
		[ENL_CHANNEL_CLOSED] = 0, [ENL_CHANNEL_OPENING] = 1,
		[ENL_CHANNEL_OPEN] = 3, [ENL_CHANNEL_CLOSING] = 3,
	};

	return sysfs_emit(buf, "%u\n", shown[READ_ONCE(primary_of(dev)->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t class_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "{%pUl}\n", enl_device_of(dev)->class_id.b);
}
static DEVICE_ATTR_RO(class_id);

static ssize_t device_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "{%pUl}\n", enl_device_of(dev)->instance_id.b);
}
static DEVICE_ATTR_RO(device_id);

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "vmbus:%*phN\n", 16, enl_device_of(dev)->class_id.b);
}
static DEVICE_ATTR_RO(modalias);

static ssize_t vendor_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%x\n", VENDOR);
}
static DEVICE_ATTR_RO(vendor);

static ssize_t device_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%x\n", class_number(&enl_device_of(dev)->class_id));
}
static DEVICE_ATTR_RO(device);

static ssize_t numa_node_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", cpu_to_node(READ_ONCE(primary_of(dev)->cpu)));
}
static DEVICE_ATTR_RO(numa_node);

static ssize_t channel_vp_mapping_show(struct device *dev, struct device_attribute *attr,
				       char *buf)
{
	struct enl_channel *ch = primary_of(dev), *sub;
	int n;

	mutex_lock(&ch->bus->lock);
	n = sysfs_emit(buf, "%u:%u\n", ch->relid, READ_ONCE(ch->cpu));
	list_for_each_entry(sub, &ch->subs, sub_link) {
		if (n > (int)PAGE_SIZE - 32)
			break;
		n += scnprintf(buf + n, PAGE_SIZE - n, "%u:%u\n", sub->relid,
			       READ_ONCE(sub->cpu));
	}
	mutex_unlock(&ch->bus->lock);
	return n;
}
static DEVICE_ATTR_RO(channel_vp_mapping);

static ssize_t driver_override_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	ssize_t n;

	device_lock(dev);
	n = sysfs_emit(buf, "%s\n", enl_device_of(dev)->driver_override ?: "(null)");
	device_unlock(dev);
	return n;
}

static ssize_t driver_override_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct enl_device *device = enl_device_of(dev);
	char *name;

	if (count >= PAGE_SIZE - 1)
		return -EINVAL;
	name = kstrndup(buf, count, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	strim(name);
	if (!*name) {
		kfree(name);
		name = NULL;
	}
	device_lock(dev);
	name = enl_device_override(device, name);
	device_unlock(dev);
	kfree(name);
	return count;
}
static DEVICE_ATTR_RW(driver_override);

/* Ring and monitor words of the primary, all shown the same way. */
enum word {
	OUT_MASK, OUT_READ, OUT_WRITE, OUT_READ_AVAIL, OUT_WRITE_AVAIL,
	IN_MASK, IN_READ, IN_WRITE, IN_READ_AVAIL, IN_WRITE_AVAIL,
};

static u32 ring_word(const struct enl_channel *ch, enum word word)
{
	bool out = word <= OUT_WRITE_AVAIL;
	const struct enl_ring_control *control = out ? ch->out.control : ch->in.control;
	u32 bytes = out ? ch->out.bytes : ch->in.bytes;
	u32 read = le32_to_cpu(READ_ONCE(control->read_index));
	u32 write = le32_to_cpu(READ_ONCE(control->write_index));
	u32 used = enl_ring_used(min(write, bytes), min(read, bytes), bytes);

	switch (word) {
	case OUT_MASK:
	case IN_MASK:
		return le32_to_cpu(READ_ONCE(control->interrupt_mask));
	case OUT_READ:
	case IN_READ:
		return read;
	case OUT_WRITE:
	case IN_WRITE:
		return write;
	case OUT_READ_AVAIL:
	case IN_READ_AVAIL:
		return used;
	default:
		return bytes - min(used, bytes);
	}
}

static ssize_t show_word(struct device *dev, enum word word, char *buf)
{
	struct enl_channel *ch = primary_of(dev);
	ssize_t n = -EINVAL;

	/* Open takes its time under the mutex; a channel that is not open has nothing to show. */
	if (READ_ONCE(ch->state) != ENL_CHANNEL_OPEN)
		return n;
	mutex_lock(&ch->mutex);
	if (ch->state == ENL_CHANNEL_OPEN)
		n = sysfs_emit(buf, "%u\n", ring_word(ch, word));
	mutex_unlock(&ch->mutex);
	return n;
}

#define WORD_ATTR(name, word) \
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{ \
	return show_word(dev, word, buf); \
} \
static DEVICE_ATTR_RO(name)

WORD_ATTR(out_intr_mask, OUT_MASK);
WORD_ATTR(out_read_index, OUT_READ);
WORD_ATTR(out_write_index, OUT_WRITE);
WORD_ATTR(out_read_bytes_avail, OUT_READ_AVAIL);
WORD_ATTR(out_write_bytes_avail, OUT_WRITE_AVAIL);
WORD_ATTR(in_intr_mask, IN_MASK);
WORD_ATTR(in_read_index, IN_READ);
WORD_ATTR(in_write_index, IN_WRITE);
WORD_ATTR(in_read_bytes_avail, IN_READ_AVAIL);
WORD_ATTR(in_write_bytes_avail, IN_WRITE_AVAIL);

static ssize_t monitor_id_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(primary_of(dev)->monitor_id));
}
static DEVICE_ATTR_RO(monitor_id);

/* "server" is the page by which the host signals us, "client" the one by which we signal it. */
static ssize_t show_monitor(struct device *dev, bool client, enum enl_monitor_word word, char *buf)
{
	struct enl_channel *ch = primary_of(dev);
	struct enl_bus *bus = ch->bus;
	const void *page = (void *)(client ? bus->monitor_page : bus->monitor_in_page);
	u8 id = READ_ONCE(ch->monitor_id);

	if (id >= ENL_MONITOR_IDS || !page)
		return -EINVAL;
	return sysfs_emit(buf, "%u\n", enl_monitor_read(page, id, word));
}

#define MONITOR_ATTR(name, client, word) \
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{ \
	return show_monitor(dev, client, word, buf); \
} \
static DEVICE_ATTR_RO(name)

MONITOR_ATTR(server_monitor_pending, false, ENL_MONITOR_PENDING);
MONITOR_ATTR(client_monitor_pending, true, ENL_MONITOR_PENDING);
MONITOR_ATTR(server_monitor_latency, false, ENL_MONITOR_LATENCY);
MONITOR_ATTR(client_monitor_latency, true, ENL_MONITOR_LATENCY);
MONITOR_ATTR(server_monitor_conn_id, false, ENL_MONITOR_CONNECTION);
MONITOR_ATTR(client_monitor_conn_id, true, ENL_MONITOR_CONNECTION);

static struct attribute *device_attrs[] = {
	&dev_attr_id.attr, &dev_attr_state.attr, &dev_attr_class_id.attr,
	&dev_attr_device_id.attr, &dev_attr_modalias.attr, &dev_attr_numa_node.attr,
	&dev_attr_channel_vp_mapping.attr, &dev_attr_vendor.attr, &dev_attr_device.attr,
	&dev_attr_driver_override.attr,
	&dev_attr_out_intr_mask.attr, &dev_attr_out_read_index.attr,
	&dev_attr_out_write_index.attr, &dev_attr_out_read_bytes_avail.attr,
	&dev_attr_out_write_bytes_avail.attr,
	&dev_attr_in_intr_mask.attr, &dev_attr_in_read_index.attr,
	&dev_attr_in_write_index.attr, &dev_attr_in_read_bytes_avail.attr,
	&dev_attr_in_write_bytes_avail.attr,
	NULL
};

static struct attribute *monitor_attrs[] = {
	&dev_attr_monitor_id.attr,
	&dev_attr_server_monitor_pending.attr, &dev_attr_client_monitor_pending.attr,
	&dev_attr_server_monitor_latency.attr, &dev_attr_client_monitor_latency.attr,
	&dev_attr_server_monitor_conn_id.attr, &dev_attr_client_monitor_conn_id.attr,
	NULL
};

/* No monitor, no files about it. */
static umode_t monitor_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	struct device *dev = kobj_to_dev(kobj);

	return READ_ONCE(primary_of(dev)->monitor_id) < ENL_MONITOR_IDS ? attr->mode : 0;
}

static const struct attribute_group device_group = { .attrs = device_attrs };
static const struct attribute_group monitor_group = {
	.attrs = monitor_attrs,
	.is_visible = monitor_visible,
};

const struct attribute_group *enl_device_groups[] = { &device_group, &monitor_group, NULL };
