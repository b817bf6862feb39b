// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SCSI host: its template, its limits, the map of its queues; bringing it up and down (12.1).
 * Calls queue.c, complete.c, lun.c, init.c, fc.c. Called by main.c and the mid-layer.
 * User space sees the name that it knows from the in-box driver.
 */
#include <linux/blk-mq.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <scsi/scsi_tcq.h>
#include "storvsc.h"

#define PER_LUN		1024
#define RESET_DRAIN_MS	60000u
#define BOUNCE_SECTORS	504u	/* of one bounce buffer, less what the offset may cost (9) */

static enl_scsi_qc queuecommand(struct Scsi_Host *host, struct scsi_cmnd *cmd)
{
	struct storvsc *s = storvsc_of(host);
	u32 unique = blk_mq_unique_tag(scsi_cmd_to_rq(cmd));
	unsigned int queue = blk_mq_unique_tag_to_hwq(unique);
	/* What error handling sends comes alone, and not all kernels say so. */
	bool last = cmd->flags & SCMD_LAST || current == host->ehandler;

	return storvsc_submit(&s->queue[queue], blk_mq_unique_tag_to_tag(unique), cmd, last);
}

static void commit_rqs(struct Scsi_Host *host, u16 queue)
{
	storvsc_commit(&storvsc_of(host)->queue[queue]);
}

/* The block layer's timer: the watch does what there is to do, by the policy of the disk. */
static enum scsi_timeout_action timed_out(struct scsi_cmnd *cmd)
{
	storvsc_look_again(storvsc_of(cmd->device->host));
	return SCSI_EH_RESET_TIMER;
}

/*
 * Somebody asked for it (sg_reset). Hosts answer, and let what is outstanding end by itself, which
 * is waited for: memory cannot be reused before.
 */
static int host_reset(struct scsi_cmnd *cmd)
{
	struct storvsc *s = storvsc_of(cmd->device->host);
	int err = storvsc_reset_bus(s);

	if (err)
		return FAILED;
	return storvsc_drain(s, RESET_DRAIN_MS) ? SUCCESS : FAILED;
}

static int change_depth(struct scsi_device *sdev, int depth)
{
	return scsi_change_queue_depth(sdev, min_t(int, depth, sdev->host->can_queue));
}

/* Queues [first, first + count), each with the CPU that its channel interrupts. */
static void map_one(struct storvsc *s, struct blk_mq_queue_map *qmap, unsigned int first,
		    unsigned int count)
{
	unsigned int *memory = kcalloc(2 * nr_cpu_ids + count, sizeof(*memory), GFP_KERNEL);
	struct storvsc_map map = { .cpus = nr_cpu_ids, .queues = count };
	unsigned int i, *cpus;
	int *node;

	qmap->nr_queues = count;
	qmap->queue_offset = first;
	if (!memory) {
		for_each_possible_cpu(i)
			qmap->mq_map[i] = first + i % count;
		return;
	}
	map.out = memory;
	node = (int *)memory + nr_cpu_ids;
	cpus = memory + 2 * nr_cpu_ids;
	for (i = 0; i < nr_cpu_ids; i++)
		node[i] = cpu_possible(i) ? cpu_to_node(i) : NUMA_NO_NODE;
	for (i = 0; i < count; i++)
		cpus[i] = enl_channel_cpu(s->queue[first + i].ch ?: s->primary);
	map.node = node;
	map.queue_cpu = cpus;
	storvsc_map_build(&map);
	for_each_possible_cpu(i)
		qmap->mq_map[i] = first + map.out[i];
	kfree(memory);
}

static void map_queues(struct Scsi_Host *host)
{
	struct blk_mq_queue_map *map = host->tag_set.map;
	struct storvsc *s = storvsc_of(host);

	map_one(s, &map[HCTX_TYPE_DEFAULT], 0, s->queues - s->polled);
	if (!s->polled)
		return;
	/* Reads have no queues of their own. */
	map[HCTX_TYPE_READ].nr_queues = 0;
	map_one(s, &map[HCTX_TYPE_POLL], s->queues - s->polled, s->polled);
}

ENL_DEFINE_MAP_QUEUES(map_queues)
ENL_DEFINE_SDEV_CONFIGURE(storvsc_lun_configure)

static struct scsi_host_template template = {
	.module = THIS_MODULE,
	.name = "storvsc_host_t",
	.proc_name = "storvsc_host",
	.queuecommand = queuecommand,
	.commit_rqs = commit_rqs,
	.mq_poll = storvsc_poll,
	.map_queues = ENL_MAP_QUEUES(map_queues),
	.eh_timed_out = timed_out,
	.eh_host_reset_handler = host_reset,
	.change_queue_depth = change_depth,
	ENL_SDEV_OPS(storvsc_lun_init, storvsc_lun_configure, storvsc_lun_destroy),
	.sdev_groups = storvsc_lun_groups,
	.this_id = -1,
	.cmd_per_lun = PER_LUN,
	.track_queue_depth = 1,
};

/* Adapters and paths as each class has them (12). */
static void set_addresses(struct storvsc *s, struct Scsi_Host *host)
{
	host->max_lun = STORVSC_LUNS;
	switch (s->class) {
	case STORVSC_SCSI:
		host->max_channel = storvsc_options.paths - 1;
		host->max_id = storvsc_options.targets;
		break;
	case STORVSC_IDE:
		host->max_channel = 0;
		host->max_id = s->ide_target + 1;
		host->max_lun = 64;
		break;
	case STORVSC_FC:
		host->max_channel = storvsc_options.fc_paths - 1;
		host->max_id = storvsc_options.fc_targets;
		break;
	}
}

static void set_limits(struct storvsc *s, struct Scsi_Host *host)
{
	u32 bytes = s->properties.max_transfer;

	set_addresses(s, host);
	host->can_queue = s->depth;
	host->cmd_per_lun = min_t(unsigned int, PER_LUN, s->depth);
	host->nr_hw_queues = s->queues;
	host->nr_maps = s->polled ? HCTX_MAX_TYPES : 1;
	host->max_cmd_len = ENL_STOR_CDB_BYTES;
	host->max_sectors = bytes >> 9;
	host->sg_tablesize = min_t(u32, bytes / ENL_HVPAGE_SIZE + 1, SG_MAX_SEGMENTS);
	enl_scsi_host_boundary(host, ENL_HVPAGE_SIZE - 1);
	/* A bounce buffer keeps the offset in the page, which is what the host is told. */
	if (s->isolated) {
		dma_set_min_align_mask(s->dev->dev, ENL_HVPAGE_SIZE - 1);
		host->max_sectors = min(host->max_sectors, BOUNCE_SECTORS);
	}
}

/* How many of the channels that came are for polling: the last ones asked for. */
static unsigned int count_polled(const struct storvsc *s)
{
	unsigned int i, count = 0;

	for (i = 0; i < s->queues; i++)
		count += s->queue[i].polled;
	return count;
}

/* The number of queues is fixed from here on; sub-channels that come later fill none but these. */
static void fix_queues(struct storvsc *s)
{
	wait_event_timeout(s->wake, READ_ONCE(s->subs_open) >= s->subs_asked ||
			   READ_ONCE(s->gate) == STORVSC_GATE_GONE || READ_ONCE(s->removing),
			   msecs_to_jiffies(storvsc_options.sub_channel_ms) + 1);
	mutex_lock(&s->mutex);
	s->queues = 1 + s->subs_open;
	s->polled = count_polled(s);
	s->depth = storvsc_queue_depth(s->queues, s->ring_bytes);
	mutex_unlock(&s->mutex);
}

static void find_disks(struct storvsc *s)
{
	if (s->class == STORVSC_IDE)
		scsi_add_device(s->host, 0, s->ide_target, 0);
	else
		scsi_scan_host(s->host);
}

static void say_hello(struct storvsc *s)
{
	dev_info_ratelimited(s->dev->dev,
			     "storage protocol %u.%u, scsi host %u, %u queues of %u (%u polled), at most %u KiB at once\n",
			     s->version >> 8, s->version & 0xff, s->host->host_no, s->queues,
			     s->depth, s->polled, s->properties.max_transfer >> 10);
}

/* Waits for the sub-channels, then for the disks as long as the mid-layer likes. May sleep. */
int storvsc_attach(struct storvsc *s)
{
	struct Scsi_Host *host;
	int err = -ENOMEM;

	fix_queues(s);
	if (READ_ONCE(s->removing) || READ_ONCE(s->gate) == STORVSC_GATE_GONE)
		return -ENODEV;
	host = scsi_host_alloc(&template, sizeof(s));
	if (!host)
		return -ENOMEM;
	*(struct storvsc **)shost_priv(host) = s;
	set_limits(s, host);
	if (s->class == STORVSC_FC)
		storvsc_fc_prepare(host);
	WRITE_ONCE(s->host, host);
	if (storvsc_slots_alloc(s))
		goto put;
	err = scsi_add_host(host, s->dev->dev);
	if (err)
		goto put;
	queue_delayed_work(s->wq, &s->watch_work, msecs_to_jiffies(storvsc_options.watch_ms));
	storvsc_fc_attached(s);
	say_hello(s);
	find_disks(s);
	/* A notice may have come before there was anything to look at. */
	if (s->wanted)
		storvsc_want_scan(s);
	return 0;

put:
	WRITE_ONCE(s->host, NULL);
	scsi_host_put(host);
	return err;
}

/* Flushes caches, ends all requests, removes all disks. Bounded by the watch and the reaper. */
void storvsc_detach(struct storvsc *s)
{
	if (!s->host)
		return;
	storvsc_fc_remove(s);
	scsi_remove_host(s->host);
}
