// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people can read: sysfs attributes of the device, and all counters in debugfs.
 * Calls report.c and hotadd.c for numbers. Called by main.c at bind and unbind.
 * sysfs: .../<device>/balloon/<attribute>; debugfs: enlight_balloon/status, "name value" lines.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>
#include "balloon.h"

#define COUNTER_ROW(name, text) [BALLOON_COUNT_##name] = { #name, text },
static const struct {
	const char *name;
	const char *text;
} counters[BALLOON_COUNTERS] = {
	BALLOON_COUNTER_TABLE(COUNTER_ROW)
};

/* The numbers of the moment: name, sentence, value. Pages of 4096 bytes. */
/* clang-format off */
#define VALUE_TABLE(X) \
	X(ready,		"1: handshake done", b->state == BALLOON_READY) \
	X(version,		"protocol version, major * 65536 + minor", b->version) \
	X(declines,		"1: the VM may hibernate, requests are declined", b->refuses) \
	X(ballooned_pages,	"pages that the host has", atomic64_read(&b->m->ballooned_pages)) \
	X(ballooned_runs,	"stretches that they form", b->m->ballooned.runs) \
	X(added_pages,		"hot-added pages, backed", b->m->regions.backed.pages) \
	X(onlined_pages,	"of them, in use", b->m->regions.released) \
	X(blocks,		"memory blocks that they lie in", b->m->regions.count) \
	X(block_pages,		"pages of a memory block", b->m->regions.block_pages) \
	X(max_pages,		"maximum that the host announced, 0: none", b->max_pages) \
	X(floor_pages,		"available memory that balloon requests leave", d.floor) \
	X(total_pages,		"memory that the guest manages", d.total) \
	X(available_pages,	"of it, available", d.available) \
	X(committed_pages,	"demand as it would be reported now", balloon_committed(&d)) \
	X(reported_committed,	"demand in the last report", b->last.committed) \
	X(reported_available,	"available memory in the last report", b->last.available) \
	X(suppressed,		"1: the host wants no reports", \
				!!(b->caps & ENL_DM_CAPS_SUPPRESS_REPORTS)) \
	X(page_reporting,	"1: free memory is reported to the hypervisor", \
				b->reporting && READ_ONCE(b->reporting->registered))
/* clang-format on */

static struct balloon *balloon_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

#define VALUE_SHOW(name, text, value)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr,	\
			   char *buf)						\
{										\
	struct balloon *b = balloon_of(dev);					\
	struct balloon_demand d;						\
										\
	balloon_demand_now(b, &d);						\
	return sprintf(buf, "%llu\n", (u64)(value));				\
}										\
static DEVICE_ATTR_RO(name);
VALUE_TABLE(VALUE_SHOW)

static ssize_t faults_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct balloon *b = balloon_of(dev);
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < BALLOON_FAULT_LIMIT; i++)
		sum += atomic64_read(&b->m->faults[i]);
	return sprintf(buf, "%llu\n", sum);
}
static DEVICE_ATTR_RO(faults);

#define VALUE_ATTRIBUTE(name, text, value) &dev_attr_##name.attr,
static struct attribute *attributes[] = {
	&dev_attr_faults.attr,
	VALUE_TABLE(VALUE_ATTRIBUTE)
	NULL
};

const struct attribute_group balloon_attributes = { .name = "balloon", .attrs = attributes };

static int status_show(struct seq_file *s, void *unused)
{
	struct balloon *b = s->private;
	struct balloon_demand d;
	unsigned int i;

	balloon_demand_now(b, &d);
#define VALUE_LINE(name, text, value) \
	seq_printf(s, "%-20s %12llu  %s\n", #name, (u64)(value), text);
	VALUE_TABLE(VALUE_LINE)
	for (i = 0; i < BALLOON_COUNTERS; i++)
		seq_printf(s, "%-20s %12llu  %s\n", counters[i].name,
			   (u64)atomic64_read(&b->m->counters[i]), counters[i].text);
	for (i = BALLOON_FAULT_NONE + 1; i < BALLOON_FAULT_LIMIT; i++)
		seq_printf(s, "fault_%-14s %12llu  %s\n", balloon_fault_name(i),
			   (u64)atomic64_read(&b->m->faults[i]), balloon_fault_text(i));
	return 0;
}

static int status_open(struct inode *inode, struct file *file)
{
	return single_open(file, status_show, inode->i_private);
}

static const struct file_operations status_file = {
	.owner = THIS_MODULE,
	.open = status_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* Nothing depends on these: a failure costs the view, not the service. */
void balloon_stats_add(struct balloon *b)
{
	b->debug = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("status", 0400, b->debug, b, &status_file);
	b->sysfs = !sysfs_create_group(&b->dev->dev->kobj, &balloon_attributes);
}

void balloon_stats_remove(struct balloon *b)
{
	if (b->sysfs)
		sysfs_remove_group(&b->dev->dev->kobj, &balloon_attributes);
	b->sysfs = false;
	debugfs_remove_recursive(b->debug);
	b->debug = NULL;
}
