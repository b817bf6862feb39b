// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which LUNs are there: after notices, and when a request hints that one went or changed (11).
 * Calls luns.c, fc.c and the mid-layer. Called through the ordered queue of the controller.
 * Nothing is removed on one word: a list that lacks it, or an INQUIRY that finds nothing, has to
 * agree.
 */
#include <linux/slab.h>
#include "storvsc.h"

#define LIST_BYTES	(8u + 8u * 256u)
#define INQUIRY_BYTES	36u
#define VPD_BYTES	252u
#define TRY_S		30
#define TRIES		3

enum found { FOUND_SAME, FOUND_OTHER, FOUND_GONE, FOUND_UNKNOWN };

/* Bytes that came, or negative: the device, or its host, did not do it. */
static int read_data(struct scsi_device *sdev, const u8 *cdb, u8 *buffer, u32 bytes)
{
	struct scsi_sense_hdr sense = { };
	int resid = 0, result;
	const struct scsi_exec_args args = { .sshdr = &sense, .resid = &resid };

	memset(buffer, 0, bytes);
	result = scsi_execute_cmd(sdev, cdb, REQ_OP_DRV_IN, buffer, bytes, TRY_S * HZ, TRIES,
				  &args);
	if (result)
		return -EIO;
	return clamp_t(int, bytes - resid, 0, bytes);
}

static int report_luns(struct storvsc *s, struct scsi_device *sdev, u8 *buffer,
		       struct storvsc_luns *luns)
{
	const u8 cdb[12] = { 0xa0, [6] = 0, 0, LIST_BYTES >> 8, LIST_BYTES & 0xff };
	int bytes = read_data(sdev, cdb, buffer, LIST_BYTES);
	enum storvsc_fault fault;

	if (bytes < 0)
		return bytes;
	fault = storvsc_luns_parse(buffer, bytes, luns);
	if (fault)
		storvsc_blame(s, s->primary, fault);
	/* A list with strange entries is good for what is in it, not for what is missing. */
	return fault && !luns->strange ? -EIO : 0;
}

static bool same_identity(struct scsi_device *sdev, const u8 *page, u32 bytes)
{
	const struct scsi_vpd *known;
	bool same = true;

	rcu_read_lock();
	known = rcu_dereference(sdev->vpd_pg83);
	if (known && known->len >= 4 && bytes >= 4)
		same = !memcmp(known->data, page, min_t(u32, known->len, bytes));
	rcu_read_unlock();
	return same;
}

/* What is behind the LUN now? */
static enum found look_behind(struct scsi_device *sdev, u8 *buffer)
{
	const u8 inquiry[6] = { 0x12, 0, 0, 0, INQUIRY_BYTES };
	const u8 vpd[6] = { 0x12, 1, 0x83, 0, VPD_BYTES };
	int bytes = read_data(sdev, inquiry, buffer, INQUIRY_BYTES);

	if (bytes < 0)
		return FOUND_UNKNOWN;
	if (storvsc_inquiry_absent(buffer, bytes))
		return FOUND_GONE;
	bytes = read_data(sdev, vpd, buffer, VPD_BYTES);
	if (bytes < 0)
		return FOUND_SAME;
	return same_identity(sdev, buffer, bytes) ? FOUND_SAME : FOUND_OTHER;
}

static void remove_lun(struct storvsc *s, struct scsi_device *sdev)
{
	storvsc_count(s, STORVSC_COUNT_luns_removed);
	sdev_printk(KERN_INFO, sdev, "the host has removed this LUN\n");
	scsi_remove_device(sdev);
}

static void swap_lun(struct storvsc *s, struct scsi_device *sdev)
{
	unsigned int path = sdev->channel, target = sdev->id;
	u64 lun = sdev->lun;

	storvsc_count(s, STORVSC_COUNT_luns_swapped);
	sdev_printk(KERN_INFO, sdev, "another disk is behind this LUN now\n");
	scsi_remove_device(sdev);
	scsi_add_device(s->host, path, target, lun);
}

/* A LUN that is in the list, or of which there is no list. */
static void check_lun(struct storvsc *s, struct scsi_device *sdev, u8 *buffer)
{
	switch (look_behind(sdev, buffer)) {
	case FOUND_GONE:
		remove_lun(s, sdev);
		break;
	case FOUND_OTHER:
		swap_lun(s, sdev);
		break;
	default:
		break;
	}
}

/* A device of that target, with a reference, other than those whose bits are set; or NULL. */
static struct scsi_device *next_device(struct storvsc *s, unsigned int path, unsigned int target,
				       unsigned long *seen)
{
	struct scsi_device *sdev;

	shost_for_each_device(sdev, s->host) {
		if (sdev->channel != path || sdev->id != target || sdev->lun >= STORVSC_LUNS ||
		    test_bit(sdev->lun, seen))
			continue;
		set_bit(sdev->lun, seen);
		/* The loop's reference goes to the caller. */
		return sdev;
	}
	return NULL;
}

/* The list from whichever device of the target answers. */
static int list_of_target(struct storvsc *s, unsigned int path, unsigned int target, u8 *buffer,
			  struct storvsc_luns *luns)
{
	DECLARE_BITMAP(seen, 256) = { };
	struct scsi_device *sdev;
	int err = -ENODEV;

	while (err && (sdev = next_device(s, path, target, seen))) {
		err = report_luns(s, sdev, buffer, luns);
		scsi_device_put(sdev);
	}
	return err;
}

static void compare_target(struct storvsc *s, unsigned int path, unsigned int target, u8 *buffer)
{
	DECLARE_BITMAP(seen, 256) = { };
	struct storvsc_luns luns;
	struct scsi_device *sdev;
	unsigned int lun;

	if (list_of_target(s, path, target, buffer, &luns)) {
		/* Nothing to compare with: the mid-layer looks, and adds what it finds. */
		scsi_scan_target(&s->host->shost_gendev, path, target, SCAN_WILD_CARD,
				 SCSI_SCAN_RESCAN);
		return;
	}
	while ((sdev = next_device(s, path, target, seen))) {
		if (storvsc_luns_has(&luns, sdev->lun) || luns.strange)
			check_lun(s, sdev, buffer);
		else
			remove_lun(s, sdev);
		scsi_device_put(sdev);
	}
	for (lun = 0; lun < STORVSC_LUNS; lun++) {
		if (!storvsc_luns_has(&luns, lun) || test_bit(lun, seen))
			continue;
		storvsc_count(s, STORVSC_COUNT_luns_added);
		scsi_add_device(s->host, path, target, lun);
	}
}

static void scan_bus(struct storvsc *s, u8 *buffer)
{
	unsigned int path, target;

	storvsc_count(s, STORVSC_COUNT_scans);
	for (path = 0; path <= s->host->max_channel; path++) {
		for (target = 0; target < s->host->max_id; target++) {
			if (READ_ONCE(s->gate) == STORVSC_GATE_GONE || READ_ONCE(s->removing))
				return;
			compare_target(s, path, target, buffer);
		}
	}
}

/* A request was told that the LUN is not there. It goes if a list, or an INQUIRY, agrees. */
static void verify(struct storvsc *s, struct scsi_device *sdev, u8 *buffer)
{
	struct storvsc_luns luns;
	enum found found = look_behind(sdev, buffer);

	storvsc_count(s, STORVSC_COUNT_verifications);
	if (found == FOUND_UNKNOWN && !list_of_target(s, sdev->channel, sdev->id, buffer, &luns) &&
	    !luns.strange && !storvsc_luns_has(&luns, sdev->lun))
		found = FOUND_GONE;
	if (found == FOUND_GONE)
		remove_lun(s, sdev);
	else if (found == FOUND_OTHER)
		swap_lun(s, sdev);
}

static void each_lun(struct storvsc *s, u8 *buffer)
{
	DECLARE_BITMAP(media, 256) = { };
	struct scsi_device *sdev;
	bool known = false;
	unsigned int bit;

	if (test_and_clear_bit(STORVSC_WANT_MEDIA, &s->wanted)) {
		for (bit = 0; bit < STORVSC_LUNS; bit++) {
			if (test_and_clear_bit(bit, s->media))
				set_bit(bit, media);
		}
	}

	shost_for_each_device(sdev, s->host) {
		struct storvsc_lun *lun = sdev->hostdata;

		if (!lun || READ_ONCE(s->removing))
			continue;
		if (test_and_clear_bit(STORVSC_LUN_VERIFY, &lun->wanted))
			verify(s, sdev, buffer);
		if (test_and_clear_bit(STORVSC_LUN_RESCAN, &lun->wanted)) {
			storvsc_count(s, STORVSC_COUNT_rescans);
			enl_scsi_rescan(sdev);
		}
		if (sdev->lun < STORVSC_LUNS && test_bit(sdev->lun, media)) {
			known = true;
			storvsc_count(s, STORVSC_COUNT_rescans);
			enl_scsi_rescan(sdev);
		}
	}
	if (!known && !bitmap_empty(media, 256))
		storvsc_blame(s, s->primary, STORVSC_FAULT_NOTICE_LUN);
}

/*
 * One at a time for a controller, and never twice for the same reason. Not for memory reclaim: it
 * allocates, and waits for disks that may need recovery, which is.
 */
void storvsc_scan_work(struct work_struct *work)
{
	struct storvsc *s = container_of(work, struct storvsc, scan_work);
	u8 *buffer;

	/* Before that, attach_work scans everything. */
	if (!READ_ONCE(s->host) || READ_ONCE(s->removing))
		return;
	buffer = kmalloc(LIST_BYTES, GFP_KERNEL);
	if (!buffer)
		return;
	if (test_and_clear_bit(STORVSC_WANT_WWN, &s->wanted))
		storvsc_fc_update(s);
	if (test_and_clear_bit(STORVSC_WANT_BUS, &s->wanted) && s->class != STORVSC_IDE)
		scan_bus(s, buffer);
	each_lun(s, buffer);
	kfree(buffer);
}
