// SPDX-License-Identifier: GPL-2.0-only
/*
 * One line of the plan of a storage device, in words: "do=status srb=0x84 scsi=2 op=0x28 skip=3".
 * Calls words.c; called by disk_verbs.c. Pure, but that data= keeps its bytes for good.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/disk.h"

static const struct {
	const char *name;
	__u32 bit;
} deeds[] = {
	{ "status", VSP_SF_STATUS }, { "execute", VSP_SF_EXECUTE }, { "reject", VSP_SF_REJECT },
	{ "drop", VSP_SF_DROP }, { "hold", VSP_SF_HOLD }, { "hold-data", VSP_SF_HOLD_DATA },
	{ "duplicate", VSP_SF_DUPLICATE }, { "extra", VSP_SF_EXTRA },
	{ "corrupt", VSP_SF_CORRUPT }, { "pull", VSP_SF_PULL },
	{ "transfer-add", VSP_SF_TRANSFER_ADD }, { "other-channel", VSP_SF_OTHER_CHANNEL },
};

static const struct {
	const char *name;
	__u32 operation;
} operations[] = {
	{ "srb", ENL_STOR_EXECUTE_SRB }, { "reset-lun", ENL_STOR_RESET_LUN },
	{ "reset-adapter", ENL_STOR_RESET_ADAPTER }, { "reset-bus", ENL_STOR_RESET_BUS },
	{ "begin", ENL_STOR_BEGIN_INIT }, { "end", ENL_STOR_END_INIT },
	{ "version", ENL_STOR_QUERY_VERSION }, { "properties", ENL_STOR_QUERY_PROPERTIES },
	{ "fc", ENL_STOR_FC_HBA_DATA }, { "subs", ENL_STOR_CREATE_SUB_CHANNELS },
};

static const char *const ids[] = {
	[VSP_ID_UNKNOWN] = "unknown", [VSP_ID_ZERO] = "zero", [VSP_ID_OTHER] = "other",
	[VSP_ID_CONTROL] = "control", [VSP_ID_ONES] = "ones",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char *deed(struct vsp_storage_fault *f, char *words)
{
	char *word, *rest = NULL;
	unsigned int i;

	for (word = strtok_r(words, "+", &rest); word; word = strtok_r(NULL, "+", &rest)) {
		for (i = 0; i < COUNT(deeds) && !word_is(word, deeds[i].name); i++)
			;
		if (i == COUNT(deeds))
			return wrong("\"%s\" is nothing that a storage fault can do", word);
		f->what |= deeds[i].bit;
	}
	return NULL;
}

/* check=KEY/ASC/ASCQ in hexadecimal: a check condition with that sense */
static const char *check(struct vsp_storage_fault *f, const char *value)
{
	unsigned int key, asc, ascq;
	char more;

	if (sscanf(value, "%x/%x/%x%c", &key, &asc, &ascq, &more) != 3 || key > 15 || asc > 255 ||
	    ascq > 255)
		return wrong("check=%s is no KEY/ASC/ASCQ such as 3/11/0", value);
	f->what |= VSP_SF_STATUS | VSP_SF_SENSE;
	f->srb = ENL_SRB_AUTOSENSE | ENL_SRB_ERROR;
	f->scsi = 2;
	f->sense[0] = 0x70;
	f->sense[2] = (__u8)key;
	f->sense[7] = 10;
	f->sense[12] = (__u8)asc;
	f->sense[13] = (__u8)ascq;
	f->sense_bytes = 18;
	return NULL;
}

static bool hex(const char *value, __u8 *to, unsigned int room, unsigned int *bytes)
{
	unsigned int n, byte;

	for (n = 0; *value; n++, value += 2) {
		if (n == room || strspn(value, "0123456789abcdefABCDEF") < 2 ||
		    sscanf(value, "%2x", &byte) != 1)
			return false;
		to[n] = (__u8)byte;
	}
	*bytes = n;
	return true;
}

static const char *data(struct vsp_storage_fault *f, const char *value)
{
	unsigned int room = (unsigned int)strlen(value) / 2 + 1;
	__u8 *bytes = malloc(room);

	if (!bytes || !hex(value, bytes, room, &f->bytes)) {
		free(bytes);
		return "data= takes bytes in hexadecimal";
	}
	/* kept for as long as the machine runs */
	f->data = bytes;
	f->what |= VSP_SF_DATA;
	return NULL;
}

static const char *sense(struct vsp_storage_fault *f, const char *value)
{
	unsigned int n;

	if (!hex(value, f->sense, sizeof(f->sense), &n))
		return "sense= takes up to 20 bytes in hexadecimal";
	f->what |= VSP_SF_SENSE;
	f->sense_bytes = (__u8)n;
	return NULL;
}

static const char *number(struct vsp_storage_fault *f, const char *key, __u64 n)
{
	const struct {
		const char *key;
		void *to;
		unsigned int width;
		__u32 what;
	} fields[] = {
		{ "op", &f->opcode, 4, 0 }, { "lun", &f->lun, 4, 0 },
		{ "target", &f->target, 4, 0 }, { "skip", &f->skip, 4, 0 },
		{ "times", &f->times, 4, 0 }, { "srb", &f->srb, 1, VSP_SF_STATUS },
		{ "scsi", &f->scsi, 1, VSP_SF_STATUS }, { "nt", &f->nt, 4, 0 },
		{ "sense-bytes", &f->sense_bytes, 1, 0 },
		{ "transfer", &f->transfer, 4, VSP_SF_TRANSFER },
		{ "steps", &f->steps, 4, VSP_SF_DELAY }, { "type", &f->type, 2, VSP_SF_TYPE },
		{ "length", &f->bytes, 4, VSP_SF_LENGTH },
		{ "partial", &f->bytes, 4, VSP_SF_PARTIAL },
		{ "operation", &f->value, 8, VSP_SF_OPERATION },
		{ "offset", &f->offset, 4, VSP_SF_OVERWRITE }, { "width", &f->width, 1, 0 },
		{ "value", &f->value, 8, 0 }, { "first", &f->first, 8, 0 },
		{ "last", &f->last, 8, 0 },
	};
	unsigned int i;

	for (i = 0; i < COUNT(fields); i++) {
		if (!word_is(key, fields[i].key))
			continue;
		if (fields[i].width < 8 && n >> (8 * fields[i].width))
			return wrong("%s=%llu is too large", key, (unsigned long long)n);
		/* the machine is little-endian, as the model is */
		memcpy(fields[i].to, &n, fields[i].width);
		f->what |= fields[i].what;
		return NULL;
	}
	return wrong("a storage fault has no \"%s\"", key);
}

static const char *named(struct vsp_storage_fault *f, const char *key, const char *value)
{
	unsigned int i;

	if (word_is(key, "id")) {
		for (i = 0; i < COUNT(ids) && !word_is(value, ids[i]); i++)
			;
		f->id_kind = i;
		f->what |= VSP_SF_ID;
		return i < COUNT(ids) ? NULL : wrong("id=%s is no kind of id", value);
	}
	for (i = 0; i < COUNT(operations) && !word_is(value, operations[i].name); i++)
		;
	if (i == COUNT(operations))
		return wrong("for=%s is no operation", value);
	f->operation = operations[i].operation;
	return NULL;
}

static const char *word(struct vsp_storage_fault *f, char *text)
{
	char *value = strchr(text, '=');
	__u64 n;

	if (word_is(text, "reads") || word_is(text, "writes")) {
		*(*text == 'r' ? &f->reads : &f->writes) = true;
		return NULL;
	}
	if (!value)
		return wrong("\"%s\" is neither KEY=VALUE nor \"reads\" or \"writes\"", text);
	*value++ = 0;
	if (word_is(text, "do"))
		return deed(f, value);
	if (word_is(text, "check"))
		return check(f, value);
	if (word_is(text, "data"))
		return data(f, value);
	if (word_is(text, "sense"))
		return sense(f, value);
	if (word_is(text, "id") || word_is(text, "for"))
		return named(f, text, value);
	if (word_is(text, "delay")) {
		f->what |= VSP_SF_DELAY_TIME;
		if (!word_duration(value, &n))
			return wrong("delay=%s is no time such as 50ms", value);
		f->time = n * 10;
		return NULL;
	}
	if (word_is(text, "times") && word_is(value, "always")) {
		f->times = ~0u;
		return NULL;
	}
	if (!word_number(value, 0, ~0ull, &n))
		return wrong("%s=%s is no number", text, value);
	return number(f, text, n);
}

/* Words as a line of the plan. NULL, or what is wrong with them. */
const char *disk_fault(int argc, char **argv, struct vsp_storage_fault *f)
{
	const char *why = NULL;
	int i;

	*f = (struct vsp_storage_fault){ VSP_STORAGE_FAULT_ANY };
	for (i = 0; i < argc && !why; i++) {
		char *copy = strdup(argv[i]);

		why = copy ? word(f, copy) : "no memory";
		free(copy);
	}
	if (!why && !f->what)
		why = "what shall go wrong? (do=..., check=..., delay=... and more)";
	if (!why && f->what & VSP_SF_OVERWRITE && !f->width)
		why = "offset= needs width= and value=";
	return why;
}
