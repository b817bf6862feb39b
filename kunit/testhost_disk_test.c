// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks in files under a toy guest: both ways to run requests, in any order, and what reaches the
 * file. Calls testhost/disk*.c, the model and kunit/toystorage.c; the event loop is a stub here.
 * A program only: it needs a kernel below, and no machine.
 */
#include <kunit/test.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kunit/toystorage.h"
#include "testhost/disk.h"
#include "testhost/types.h"

#define DISK_BYTES	(8u << 20)

static struct machine machine;
static struct device device;
static struct call watched;
static struct call posts[64];
static unsigned int posted;
static pthread_mutex_t post_lock = PTHREAD_MUTEX_INITIALIZER;
static char path[64];

/* --- the event loop, as little as needed */

void machine_watch(struct machine *m, int fd, void (*call)(void *context), void *context)
{
	(void)m;
	watched = (struct call){ .call = call, .context = context, .fd = fd };
}

void machine_unwatch(struct machine *m, int fd)
{
	(void)m;
	(void)fd;
	watched.call = NULL;
}

void machine_post(struct machine *m, void (*call)(void *context), void *context)
{
	(void)m;
	pthread_mutex_lock(&post_lock);
	posts[posted++ % 64] = (struct call){ .call = call, .context = context };
	pthread_mutex_unlock(&post_lock);
}

void machine_after(struct machine *m, __u64 us, void (*call)(void *context), void *context)
{
	(void)us;
	machine_post(m, call, context);
}

void json_string(FILE *json, const char *text)
{
	fprintf(json, "\"%s\"", text);
}

/* Looks round once. */
static void look(void)
{
	struct pollfd p = { .fd = watched.fd, .events = POLLIN };
	struct call c = { 0 };

	if (watched.call && poll(&p, 1, 10) > 0)
		watched.call(watched.context);
	pthread_mutex_lock(&post_lock);
	if (posted)
		c = posts[--posted];
	pthread_mutex_unlock(&post_lock);
	if (c.call)
		c.call(c.context);
	else
		usleep(200);
}

/* The next answer, for as long as five seconds. */
static bool hear(struct toystorage *t)
{
	unsigned int i;

	for (i = 0; i < 5000; i++) {
		if (toystor_hear(t, &t->ring))
			return true;
		look();
	}
	return false;
}

static int init(struct kunit *test)
{
	snprintf(path, sizeof(path), "%s/enlight-disk-XXXXXX", P_tmpdir);
	close(mkstemp(path));
	memset(&device, 0, sizeof(device));
	device.m = &machine;
	device.type = &device_type_storage;
	strscpy(device.name, "storage0", sizeof(device.name));
	device.state = calloc(1, device.type->bytes);
	return toystor_init(test);
}

static void quit(struct kunit *test)
{
	struct toystorage *t = test->priv;
	struct disks *d = device.state;

	if (t->s == &d->storage)
		t->s = NULL;
	if (d->engine)
		device.type->stop(&device);
	posted = 0;
	free(device.state);
	unlink(path);
	toystor_exit(test);
}

/* The device with these options, in place of the toy's own controller, and ready. */
static struct toystorage *ready(struct kunit *test, const char *options)
{
	struct toystorage *t = test->priv;
	struct disks *d = device.state;
	char words[256];
	char *word, *rest = NULL;

	snprintf(words, sizeof(words), "strict,file=%s,size=%u,%s", path, DISK_BYTES, options);
	for (word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = 0;
		KUNIT_ASSERT_NULL(test, device.type->option(&device, word, value ? value : ""));
	}
	KUNIT_ASSERT_NULL(test, device.type->start(&device));
	vfree(t->s->request);
	vfree(t->s->segment);
	vfree(t->s);
	t->s = &d->storage;
	toystor_open(test, t);
	toystor_shake(test, t, ENL_STOR_VERSION_6_2);
	return t;
}

static void command(struct toystorage *t, u8 op, u32 direction, u32 lba, u32 blocks, u32 page)
{
	u8 cdb[10] = { op, 0, lba >> 24, lba >> 16, lba >> 8, lba, 0, blocks >> 8, blocks };

	toystor_srb(t, cdb, sizeof(cdb), direction, direction == STOR_NONE ? 0 : blocks * 512);
	toystor_send_page(t, &t->ring, page);
}

/* A command with its CDB as a list of bytes, to be sent. */
#define ASK(t, direction, length, ...) \
	toystor_srb(t, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }), \
		    direction, length)

static void check_file(struct kunit *test, u64 offset, const u8 *bytes, u32 count)
{
	static u8 got[65536];
	int fd = open(path, O_RDONLY);

	KUNIT_ASSERT_EQ(test, (long)pread(fd, got, count, offset), (long)count);
	KUNIT_EXPECT_MEMEQ(test, got, bytes, count);
	close(fd);
}

/* Writes pages in a jumble, several at once, and reads them back the same way. */
static void data_survive(struct kunit *test, const char *engine)
{
	struct toystorage *t = ready(test, engine);
	u32 i, round;

	for (i = 0; i < 64 * 4096; i++)
		*toystor_data(t, i) = (u8)(i * 31 + i / 4096 * 7);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 16; i++) {
			u32 n = (i * 5 + round * 16) % 64;

			command(t, 0x2a, STOR_OUT, n * 24, 8, n);
		}
		for (i = 0; i < 16; i++) {
			KUNIT_ASSERT_TRUE(test, hear(t));
			KUNIT_EXPECT_TRUE(test, toystor_good(t, 4096));
		}
	}
	command(t, 0x35, STOR_NONE, 0, 0, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	for (i = 0; i < 64; i++)
		check_file(test, i * 24 * 512, toystor_data(t, i * 4096), 4096);
	KUNIT_EXPECT_TRUE(test, vsp_storage_idle(t->s));
	toystor_expect(test, t, VSP_V_LIMIT, 0);
}

static void data_survive_io_uring(struct kunit *test)
{
	data_survive(test, "engine=uring");
}

static void data_survive_threads(struct kunit *test)
{
	data_survive(test, "engine=threads");
}

static void large_and_crooked_buffers(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto");
	u32 i;

	for (i = 0; i < 100 * 4096; i++)
		*toystor_data(t, i) = (u8)(i * 13 + i / 512);
	ASK(t, STOR_OUT, 120 * 512, 0x2a, 0, 0, 0, 0, 3, 0, 0, 120, 0);
	toystor_send(t, &t->ring, 0x204, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 120 * 512));
	check_file(test, 3 * 512, toystor_data(t, 0x204), 120 * 512);
	memset(toystor_data(t, 0), 0, 100 * 4096);
	ASK(t, STOR_IN, 120 * 512, 0x28, 0, 0, 0, 0, 3, 0, 0, 120, 0);
	toystor_send(t, &t->ring, 0x7fe, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	check_file(test, 3 * 512, toystor_data(t, 0x7fe), 120 * 512);
	KUNIT_EXPECT_EQ(test, *toystor_data(t, 0x7fd), (u8)0);
}

static void unmap_frees_space(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto");
	struct stat before, after;
	u8 *p = toystor_data(t, 0);
	u32 i;

	memset(p, 0x55, 64 * 4096);
	for (i = 0; i < 8; i++) {
		ASK(t, STOR_OUT, 512 * 512, 0x2a, 0, 0, 0, i * 2, 0, 0, 2, 0, 0);
		toystor_send(t, &t->ring, 0, 0);
		KUNIT_ASSERT_TRUE(test, hear(t));
	}
	stat(path, &before);
	memset(p, 0, 24);
	p[1] = 22;
	p[3] = 16;
	p[14] = 4;		/* block 1024 */
	p[18] = 8;		/* 2048 blocks */
	ASK(t, STOR_OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 0));
	stat(path, &after);
	KUNIT_EXPECT_EQ(test, (long)(before.st_blocks - after.st_blocks), 2048L);
	KUNIT_EXPECT_EQ(test, (long)after.st_size, (long)DISK_BYTES);
	memset(p, 0, 512);
	check_file(test, 1024 * 512, p, 512);
	memset(p, 0x55, 512);
	check_file(test, 1023 * 512, p, 512);
	check_file(test, 3072 * 512, p, 512);
}

static void write_same_fills(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto");
	u32 i;

	for (i = 0; i < 512; i++)
		*toystor_data(t, i) = (u8)(i * 3);
	ASK(t, STOR_OUT, 512, 0x41, 0, 0, 0, 0, 9, 0, 1, 0, 0);
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 256 * 512));
	for (i = 9; i < 265; i += 51)
		check_file(test, i * 512, toystor_data(t, 0), 512);
	/* no data: zeroes */
	ASK(t, STOR_NONE, 0, 0x93, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0);
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	check_file(test, 10 * 512, toystor_data(t, 0), 512);
	memset(toystor_data(t, 0), 0, 512);
	check_file(test, 9 * 512, toystor_data(t, 0), 512);
}

static const char *act(const char *name, int argc, ...)
{
	static char text[256];
	FILE *answer = fmemopen(text, sizeof(text), "w");
	struct verb_call c = { .m = &machine, .d = &device, .argc = argc, .answer = answer };
	const struct verb *v = device.type->verbs;
	char *argv[8] = { NULL };
	const char *why;
	va_list args;
	int i;

	va_start(args, argc);
	for (i = 0; i < argc; i++)
		argv[i] = va_arg(args, char *);
	va_end(args);
	c.argv = argv;
	while (v->name && strcmp(v->name, name))
		v++;
	why = v->name ? v->run(&c) : "no such action";
	fclose(answer);
	return why;
}

static void units_come_go_and_change(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto,memory=1M,lun=7,sector=4096");

	KUNIT_EXPECT_NOT_NULL(test, vsp_storage_find(t->s, 0, 0, 7));
	KUNIT_EXPECT_EQ(test, vsp_storage_find(t->s, 0, 0, 7)->blocks, 256ULL);
	KUNIT_EXPECT_NULL(test, act("add-lun", 1, "memory=2M,lun=3,target=1"));
	KUNIT_EXPECT_NOT_NULL(test, act("add-lun", 1, "memory=2M,lun=3,target=1"));
	KUNIT_EXPECT_NOT_NULL(test, act("add-lun", 1, "file=/nowhere/at/all,lun=4"));
	KUNIT_EXPECT_NOT_NULL(test, vsp_storage_find(t->s, 0, 1, 3));
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_EQ(test, t->got.operation, __cpu_to_le32(ENL_STOR_ENUMERATE_BUS));
	KUNIT_EXPECT_NULL(test, act("swap-lun", 2, "1:3", "memory=4M"));
	KUNIT_EXPECT_EQ(test, vsp_storage_find(t->s, 0, 1, 3)->blocks, 8192ULL);
	KUNIT_EXPECT_NULL(test, act("remove-lun", 1, "1:3"));
	KUNIT_EXPECT_NULL(test, vsp_storage_find(t->s, 0, 1, 3));
	KUNIT_EXPECT_NOT_NULL(test, act("remove-lun", 1, "1:3"));
	while (toystor_hear(t, &t->ring))
		;
	KUNIT_EXPECT_NULL(test, act("resize", 2, "0", "16M"));
	command(t, 0x28, STOR_IN, 0, 1, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 6, 0x2a, 9));
	command(t, 0x28, STOR_IN, (16u << 20) / 512 - 1, 1, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
}

static void faults_are_said_in_words(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto");

	KUNIT_EXPECT_NOT_NULL(test, act("disk-fault", 1, "do=fly"));
	KUNIT_EXPECT_NOT_NULL(test, act("disk-fault", 1, "skip=1"));
	KUNIT_EXPECT_NOT_NULL(test, act("disk-fault", 1, "srb=256"));
	KUNIT_EXPECT_NOT_NULL(test, act("disk-fault", 1, "check=3/11"));
	KUNIT_EXPECT_NULL(test, act("disk-fault", 3, "check=3/11/0", "reads", "skip=1"));
	command(t, 0x28, STOR_IN, 0, 1, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_good(t, 512));
	command(t, 0x28, STOR_IN, 0, 1, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 3, 0x11, 0));
	KUNIT_EXPECT_NULL(test, act("disk-fault", 3, "do=hold+duplicate", "op=0x2a", "times=2"));
	command(t, 0x2a, STOR_OUT, 0, 1, 0);
	KUNIT_EXPECT_FALSE(test, toystor_hear(t, &t->ring));
	while (!vsp_storage_held(t->s))
		look();
	KUNIT_EXPECT_NULL(test, act("let-go", 1, "all"));
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_EQ(test, t->id, t->sent);
}

static void read_only_file_is_opened_so(struct kunit *test)
{
	struct toystorage *t = ready(test, "engine=auto");
	char words[128];

	chmod(path, 0444);
	snprintf(words, sizeof(words), "file=%s,lun=1,ro", path);
	KUNIT_ASSERT_NULL(test, act("add-lun", 1, words));
	KUNIT_ASSERT_TRUE(test, hear(t));
	ASK(t, STOR_OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	t->ask.srb.lun = 1;
	toystor_send(t, &t->ring, 0, 0);
	KUNIT_ASSERT_TRUE(test, hear(t));
	KUNIT_EXPECT_TRUE(test, toystor_sense(t, ENL_SRB_ERROR, 7, 0x27, 0));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(data_survive_io_uring),
	KUNIT_CASE(data_survive_threads),
	KUNIT_CASE(large_and_crooked_buffers),
	KUNIT_CASE(unmap_frees_space),
	KUNIT_CASE(write_same_fills),
	KUNIT_CASE(units_come_go_and_change),
	KUNIT_CASE(faults_are_said_in_words),
	KUNIT_CASE(read_only_file_is_opened_so),
	{ }
};

static struct kunit_suite suite = {
	.name = "testhost_disk",
	.init = init,
	.exit = quit,
	.test_cases = cases,
};

kunit_test_suite(suite);
