// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one table from what a host says of a request to what the mid-layer hears (10.2 to 10.6).
 * Pure. Calls sense.c. Called by complete.c and tests, which try all 65536 pairs of statuses.
 * Whatever is not listed is an error: nothing but an explicit success ever ends as one.
 */
#include <linux/compiler.h>
#include "model.h"

/* What becomes of a request whose SRB status is the only thing there is to go by. */
enum rule {
	RULE_ERROR,		/* error, retried a few times */
	RULE_PLAIN,		/* error that some commands are known to get for "not supported" */
	RULE_SOFT,		/* will pass: counted retry */
	RULE_BUSY,		/* requeue with a delay */
	RULE_GONE,		/* no such device */
	RULE_GONE_VERIFY,	/* likewise; and look whether it really went */
	RULE_SELECT,		/* likewise during a scan; else it will pass */
	RULE_RESET,
	RULE_PARITY,
	RULE_LINK,
	RULE_UNSUPPORTED,
};

/* Index is the SRB code; what is missing is RULE_ERROR. */
static const u8 rules[ENL_SRB_CODE_MASK + 1] = {
	[ENL_SRB_ABORTED]		= RULE_SOFT,
	[ENL_SRB_ERROR]			= RULE_PLAIN,
	[ENL_SRB_BUSY]			= RULE_BUSY,
	[ENL_SRB_INVALID_REQUEST]	= RULE_PLAIN,
	[ENL_SRB_INVALID_PATH]		= RULE_GONE,
	[ENL_SRB_NO_DEVICE]		= RULE_GONE_VERIFY,
	[ENL_SRB_TIMEOUT]		= RULE_SOFT,
	[ENL_SRB_SELECTION_TIMEOUT]	= RULE_SELECT,
	[ENL_SRB_COMMAND_TIMEOUT]	= RULE_SOFT,
	[ENL_SRB_BUS_RESET]		= RULE_RESET,
	[ENL_SRB_PARITY]		= RULE_PARITY,
	[ENL_SRB_NO_HBA]		= RULE_GONE,
	[ENL_SRB_OVERRUN]		= RULE_PLAIN,
	[ENL_SRB_FLUSHED]		= RULE_SOFT,
	[ENL_SRB_INVALID_LUN]		= RULE_GONE_VERIFY,
	[ENL_SRB_INVALID_TARGET]	= RULE_GONE_VERIFY,
	[ENL_SRB_BAD_FUNCTION]		= RULE_UNSUPPORTED,
	[ENL_SRB_RECOVERY]		= RULE_SOFT,
	[ENL_SRB_NOT_POWERED]		= RULE_SOFT,
	[ENL_SRB_LINK_DOWN]		= RULE_LINK,
};

static bool is_read(u8 opcode)
{
	return opcode == 0x08 || opcode == 0x28 || opcode == 0xa8 || opcode == 0x88;
}

static bool is_write(u8 opcode)
{
	return opcode == 0x0a || opcode == 0x2a || opcode == 0xaa || opcode == 0x8a;
}

static void error(struct storvsc_verdict *v, enum storvsc_host_byte host)
{
	v->host = host;
	v->status = STORVSC_SAM_GOOD;
	v->log = true;
}

/* Sense data that the host should have sent. */
static void made(struct storvsc_verdict *v, u8 key, u8 asc, u8 ascq)
{
	v->host = STORVSC_DID_OK;
	v->status = STORVSC_SAM_CHECK_CONDITION;
	v->source = STORVSC_SENSE_MADE;
	v->sense = (struct storvsc_sense){ key, asc, ascq };
}

/*
 * Commands that hosts fail with a bare error when they do not know them, or one of their pages: an
 * honest "no" keeps the disk and stops smartd; made-up success would pass garbage on (10.6).
 */
static void plain_error(const struct storvsc_outcome *o, struct storvsc_verdict *v)
{
	switch (o->cdb[0]) {
	case 0x00:			/* TEST UNIT READY */
		made(v, 0x02, 0x04, 0x00);
		return;
	case 0x12:			/* INQUIRY of a page */
		if (!(o->cdb[1] & 1))
			break;
		made(v, 0x05, 0x24, 0x00);
		return;
	case 0x1a:			/* MODE SENSE */
	case 0x5a:
		made(v, 0x05, 0x24, 0x00);
		return;
	case 0x85:			/* ATA pass-through */
	case 0xa1:
	case 0xa3:			/* MAINTENANCE IN */
		made(v, 0x05, 0x20, 0x00);
		return;
	default:
		break;
	}
	error(v, STORVSC_DID_ERROR);
}

/* No usable sense data, no status that speaks for itself: the SRB status decides (10.3). */
static void by_srb(const struct storvsc_outcome *o, u8 code, struct storvsc_verdict *v)
{
	switch ((enum rule)rules[code]) {
	case RULE_PLAIN:
		plain_error(o, v);
		return;
	case RULE_SOFT:
		error(v, STORVSC_DID_SOFT_ERROR);
		return;
	case RULE_BUSY:
		v->host = STORVSC_DID_OK;
		v->status = STORVSC_SAM_BUSY;
		return;
	case RULE_GONE_VERIFY:
		v->events = STORVSC_EVENT_VERIFY;
		fallthrough;
	case RULE_GONE:
		error(v, STORVSC_DID_NO_CONNECT);
		v->log = !o->scanning;
		return;
	case RULE_SELECT:
		error(v, o->scanning ? STORVSC_DID_NO_CONNECT : STORVSC_DID_SOFT_ERROR);
		v->events = o->scanning ? 0 : STORVSC_EVENT_VERIFY;
		v->log = !o->scanning;
		return;
	case RULE_RESET:
		error(v, STORVSC_DID_RESET);
		return;
	case RULE_PARITY:
		error(v, STORVSC_DID_PARITY);
		return;
	case RULE_LINK:
		error(v, o->class == STORVSC_FC ? STORVSC_DID_TRANSPORT_DISRUPTED :
						  STORVSC_DID_SOFT_ERROR);
		return;
	case RULE_UNSUPPORTED:
		made(v, 0x05, 0x20, 0x00);
		return;
	case RULE_ERROR:
		break;
	}
	error(v, STORVSC_DID_ERROR);
}

/*
 * The host says that it did the request. Its count is bounded, and taken for what has one; for
 * other data to the device hosts count what they like (10.5). A read or write that moved not even
 * one block of a disk is an error: it would be sent again at once, and for ever.
 */
static void success(const struct storvsc_outcome *o, struct storvsc_verdict *v)
{
	u32 done = o->transferred < o->asked ? o->transferred : o->asked;
	bool medium = is_read(o->cdb[0]) || is_write(o->cdb[0]);

	if (o->write && !is_write(o->cdb[0]))
		done = o->asked;
	if (medium && done < o->asked && done < o->block_bytes) {
		error(v, STORVSC_DID_ERROR);
		return;
	}
	v->residual = o->asked - done;
}

/*
 * Overrun is what hosts say of an underrun, too. With a count the request ends short; without data,
 * or where nobody looks at the count (UNMAP, a flush), it would end as done, and was not.
 */
static bool underrun(const struct storvsc_outcome *o)
{
	return o->scsi_status == STORVSC_SAM_GOOD && o->asked && o->transferred <= o->asked &&
	       (!o->write || is_write(o->cdb[0]) || o->transferred == o->asked);
}

static bool speaks_for_itself(u8 status)
{
	return status == STORVSC_SAM_BUSY || status == STORVSC_SAM_CONFLICT ||
	       status == STORVSC_SAM_TASK_SET_FULL || status == STORVSC_SAM_TASK_ABORTED;
}

/* Sense data count only with both their marks: what else lies there is not for anybody's eyes. */
static bool has_sense(const struct storvsc_outcome *o, struct storvsc_verdict *v)
{
	if (o->scsi_status != STORVSC_SAM_CHECK_CONDITION ||
	    !(o->srb_status & ENL_SRB_AUTOSENSE) ||
	    !storvsc_sense_parse(o->sense, o->sense_bytes, &v->sense))
		return false;
	v->host = STORVSC_DID_OK;
	v->status = STORVSC_SAM_CHECK_CONDITION;
	v->source = STORVSC_SENSE_HOST;
	v->events = storvsc_sense_events(v->sense);
	v->log = !storvsc_sense_is_quiet(v->sense);
	return true;
}

/* A recovered error is a success to the mid-layer, so its count has to hold. */
static void recovered(const struct storvsc_outcome *o, struct storvsc_verdict *v)
{
	struct storvsc_verdict counted = *v;

	success(o, &counted);
	if (counted.host == STORVSC_DID_OK)
		v->residual = counted.residual;
	else
		error(v, counted.host);
}

/* In the order of 10.2. */
void storvsc_judge(const struct storvsc_outcome *o, struct storvsc_verdict *v)
{
	u8 code = o->srb_status & ENL_SRB_CODE_MASK;

	*v = (struct storvsc_verdict){ .residual = o->asked };
	if (code == ENL_SRB_PENDING && o->nt_status != ENL_NT_SUCCESS) {
		/* Rejected before it was executed. */
		error(v, STORVSC_DID_ERROR);
		return;
	}
	if (speaks_for_itself(o->scsi_status)) {
		v->host = STORVSC_DID_OK;
		v->status = o->scsi_status;
		return;
	}
	if (code == ENL_SRB_SUCCESS && (o->scsi_status == STORVSC_SAM_GOOD ||
					o->scsi_status == STORVSC_SAM_CONDITION_MET)) {
		v->status = o->scsi_status;
		success(o, v);
		return;
	}
	if (has_sense(o, v)) {
		if (v->sense.key == 0x1)
			recovered(o, v);
		return;
	}
	v->sense = (struct storvsc_sense){ 0 };
	if (code == ENL_SRB_OVERRUN && underrun(o)) {
		v->status = STORVSC_SAM_GOOD;
		success(o, v);
		return;
	}
	by_srb(o, code, v);
}

/* Commands that old hosts mishandle: they are answered here, with 05/20/00 (16.3). */
bool storvsc_refuses(u16 version, u8 opcode)
{
	return version <= ENL_STOR_VERSION_5_1 && (opcode == 0x41 || opcode == 0x24);
}

#define SRB_NAME(code, name) [code] = #name,
static const char * const srb_names[ENL_SRB_CODE_MASK + 1] = { ENL_SRB_TABLE(SRB_NAME) };

/* For logs and traces. */
const char *storvsc_srb_name(u8 srb_status)
{
	const char *name = srb_names[srb_status & ENL_SRB_CODE_MASK];

	return name ? name : "?";
}
