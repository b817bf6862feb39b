// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is set for each disk, DVD or other LUN: quirks, limits, and what to do about lost requests.
 * Calls state. Called by the mid-layer through host.c.
 * sysfs: .../block/<disk>/device/timeout_policy and io_errors.
 */
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <scsi/scsi_devinfo.h>
#include "storvsc.h"

static const char * const policy_names[] = {
	[STORVSC_WAIT] = "wait", [STORVSC_RECOVER] = "recover-after", [STORVSC_FAIL] = "fail-after",
};

static ssize_t timeout_policy_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct storvsc_lun *lun = to_scsi_device(dev)->hostdata;

	if (!lun)
		return -ENODEV;
	if (lun->policy == STORVSC_WAIT)
		return sprintf(buf, "%s\n", policy_names[STORVSC_WAIT]);
	return sprintf(buf, "%s:%u\n", policy_names[lun->policy], lun->policy_s);
}

/* wait | recover-after:<seconds> | fail-after:<seconds> */
static ssize_t timeout_policy_store(struct device *dev, struct device_attribute *attr,
				    const char *buf, size_t count)
{
	struct storvsc_lun *lun = to_scsi_device(dev)->hostdata;
	unsigned int i, seconds = 0;
	size_t length;

	if (!lun)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(policy_names); i++) {
		length = strlen(policy_names[i]);
		if (i == STORVSC_WAIT ? sysfs_streq(buf, policy_names[i]) :
					!strncmp(buf, policy_names[i], length) &&
					buf[length] == ':')
			break;
	}
	if (i == ARRAY_SIZE(policy_names))
		return -EINVAL;
	if (i != STORVSC_WAIT &&
	    (kstrtouint(buf + length + 1, 10, &seconds) || !seconds || seconds > 86400))
		return -EINVAL;
	WRITE_ONCE(lun->policy_s, seconds);
	WRITE_ONCE(lun->policy, i);
	return count;
}
static DEVICE_ATTR_RW(timeout_policy);

static ssize_t io_errors_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct storvsc_lun *lun = to_scsi_device(dev)->hostdata;

	return lun ? sprintf(buf, "%llu\n", (u64)atomic64_read(&lun->errors)) : -ENODEV;
}
static DEVICE_ATTR_RO(io_errors);

static struct attribute *attributes[] = {
	&dev_attr_timeout_policy.attr,
	&dev_attr_io_errors.attr,
	NULL
};

static const struct attribute_group group = { .attrs = attributes };
const struct attribute_group *storvsc_lun_groups[] = { &group, NULL };

/* Before the first command to it. */
int storvsc_lun_init(struct scsi_device *sdev)
{
	struct storvsc_lun *lun = kzalloc(sizeof(*lun), GFP_KERNEL);

	if (!lun)
		return -ENOMEM;
	lun->number = sdev->lun;
	lun->policy = storvsc_options.recover_s ? STORVSC_RECOVER : STORVSC_WAIT;
	lun->policy_s = storvsc_options.recover_s;
	ratelimit_state_init(&lun->limit, 30 * HZ, 3);
	ratelimit_set_flags(&lun->limit, RATELIMIT_MSG_ON_RELEASE);
	sdev->hostdata = lun;
	/*
	 * A virtual DVD says that it knows no standard and has REPORT LUNS all the same; hosts
	 * claimed a level without VPD pages and have them (16.1).
	 */
	sdev->sdev_bflags = BLIST_REPORTLUN2 | BLIST_TRY_VPD_PAGES;
	return 0;
}

static bool is_microsoft(const struct scsi_device *sdev)
{
	return !strncmp(sdev->vendor, "Msft", 4);
}

int storvsc_lun_configure(struct scsi_device *sdev)
{
	struct storvsc *s = storvsc_of(sdev->host);

	enl_scsi_device_boundary(sdev, ENL_HVPAGE_SIZE - 1);
	blk_queue_rq_timeout(sdev->request_queue, STORVSC_BLOCK_TIMEOUT_S * HZ);
	/* Virtual disks answer with an error that would be logged for each of them. */
	sdev->no_report_opcodes = 1;
	sdev->no_write_same = !storvsc_options.write_same ||
			      s->version < ENL_STOR_VERSION_6_0;
	if (sdev->type != TYPE_DISK || !is_microsoft(sdev))
		return 0;
	/* A caching page that cannot be read must mean "flush", not "skip" (10.6). */
	sdev->wce_default_on = 1;
	/* 2012 hosts say SPC-2, and do what SPC-3 says of provisioning. */
	if ((s->version == ENL_STOR_VERSION_5_1 || s->version == ENL_STOR_VERSION_6_0) &&
	    sdev->scsi_level == SCSI_SPC_2)
		sdev->scsi_level = SCSI_SPC_3;
	return 0;
}

void storvsc_lun_destroy(struct scsi_device *sdev)
{
	struct storvsc_lun *lun = sdev->hostdata;

	sdev->hostdata = NULL;
	if (lun)
		kfree_rcu(lun, rcu);
}
