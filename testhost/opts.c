// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line: one table of options, from which --help is printed too.
 * Calls words.c, host.c, device.c and kvm.c (for --probe); called by main.c.
 */
#include <stdlib.h>
#include <string.h>
#include "testhost/machine.h"

struct option {
	const char *name, *value, *help;
	const char *(*set)(struct machine *m, const char *value);
};

static const char *number(const char *word, __u64 least, __u64 most, __u64 *value)
{
	if (word_number(word, least, most, value))
		return NULL;
	return wrong("\"%s\" is no number from %llu to %llu", word, (unsigned long long)least,
		     (unsigned long long)most);
}

#define PATH_OPTION(name, field) \
	static const char *set_##name(struct machine *m, const char *value) \
	{ \
		m->opt.field = value; \
		return NULL; \
	}
PATH_OPTION(kernel, kernel)
PATH_OPTION(console, console)
PATH_OPTION(serial2, serial2)
PATH_OPTION(events, events)
PATH_OPTION(output, output)
PATH_OPTION(control, control)
PATH_OPTION(script, script)

#define FLAG_OPTION(name, field, value_) \
	static const char *set_##name(struct machine *m, const char *value) \
	{ \
		(void)value; \
		m->opt.field = value_; \
		return NULL; \
	}
FLAG_OPTION(async, async, true)
FLAG_OPTION(trace, trace, true)
FLAG_OPTION(auto_eoi, auto_eoi, true)
FLAG_OPTION(enforce, enforce, true)
FLAG_OPTION(invariant, invariant, true)
FLAG_OPTION(plain, plain, true)
FLAG_OPTION(no_vmbus, no_vmbus, true)
FLAG_OPTION(restart, restart, true)
FLAG_OPTION(after_crash, after_crash, true)

static const char *set_initrd(struct machine *m, const char *value)
{
	if (m->opt.initrds == MAX_INITRDS)
		return "too many archives";
	m->opt.initrd[m->opt.initrds++] = value;
	return NULL;
}

static const char *set_append(struct machine *m, const char *value)
{
	if (strlen(m->opt.append) + strlen(value) + 2 > sizeof(m->opt.append))
		return "the command line is too long";
	if (*m->opt.append)
		strcat(m->opt.append, " ");
	strcat(m->opt.append, value);
	return NULL;
}

static const char *set_memory(struct machine *m, const char *value)
{
	const char *why = number(value, 64 << 20, 1ull << 36, &m->opt.memory);

	return why || !(m->opt.memory & 0x1fffff) ? why : "memory comes in units of 2M";
}

static const char *set_hot(struct machine *m, const char *value)
{
	const char *why = number(value, 0, 1ull << 35, &m->opt.hot);

	return why || !(m->opt.hot & 0x1fffff) ? why : "memory comes in units of 2M";
}

static const char *set_vcpus(struct machine *m, const char *value)
{
	__u64 n;
	const char *why = number(value, 1, MAX_VCPUS, &n);

	if (!why)
		m->opt.vcpus = (unsigned int)n;
	return why;
}

static const char *set_limit(struct machine *m, const char *value)
{
	__u64 n;
	const char *why = number(value, 0, 1000000, &n);

	if (!why)
		m->opt.limit = (unsigned int)n;
	return why;
}

static const char *set_date(struct machine *m, const char *value)
{
	return number(value, 1, 1ull << 33, &m->opt.date);
}

static const char *set_heat(struct machine *m, const char *value)
{
	__u64 n;
	const char *why = number(value, 0, 9, &n);

	if (!why)
		m->opt.heat = (unsigned int)n + 1;
	return why;
}

static const char *set_stimer(struct machine *m, const char *value)
{
	if (!word_is(value, "message") && !word_is(value, "direct"))
		return wrong("timers tell by \"message\" or \"direct\", not \"%s\"", value);
	m->opt.stimer = true;
	m->opt.direct = word_is(value, "direct");
	return NULL;
}

static const char *set_probe(struct machine *m, const char *value)
{
	const char *why;
	int status = kvm_probe(&why);

	(void)m;
	(void)value;
	printf("testhost: %s: %s\n", status ? "this machine cannot" : "this machine can", why);
	exit(status);
}

static const char *help(struct machine *m, const char *value);

static const struct option options[] = {
	{ "kernel", "FILE", "bzImage or vmlinux (required)", set_kernel },
	{ "initrd", "FILE", "initramfs archive; may be given several times", set_initrd },
	{ "append", "WORDS", "the guest's command line; may be given several times", set_append },
	{ "memory", "SIZE", "RAM at boot (256M)", set_memory },
	{ "hot", "SIZE", "memory that can be hot-added (0)", set_hot },
	{ "cpus", "N", "virtual processors, 1 to 8 (1)", set_vcpus },
	{ "console", "WHERE", "first serial port: stdout (default), stdio, none, unix:PATH, a file",
	  set_console },
	{ "serial2", "WHERE", "second serial port, likewise (none)", set_serial2 },
	{ "events", "FILE", "event and trace lines go there (stdout)", set_events },
	{ "output", "FILE", "what the guest sends through the shared area", set_output },
	{ "host", "NAME[,..]", "2012, 2012r2, 2016, 2019, 2022 (default), 2025, qemu; properties:\n"
	  "refuse multi signal-at-open garbage-trailers no-monitors tl-accept\n"
	  "connection=N features=N in-depth=N out-depth=N connection-base=N\n"
	  "commit-batch=N stale-events=N gpadl-pages=N linger-ms=N", host_choose },
	{ "version", "V", "newest VMBus version it accepts; =V: the only one", host_version },
	{ "device", "TYPE[,..]", "add a device; types and their options are below", device_add },
	{ "script", "FILE", "what shall happen when (-: standard input)", set_script },
	{ "control", "PATH", "UNIX socket that takes the same lines, answers each", set_control },
	{ "trace", NULL, "print every control message, event and signal", set_trace },
	{ "async", NULL, "the host works in a thread of its own", set_async },
	{ "limit", "SECONDS", "end with status 124 after that time", set_limit },
	{ "date", "SECONDS", "the clock starts there, since 1970", set_date },
	{ "heat-hint", "ORDER", "offer cold-discard hints from that order on (0 to 9)", set_heat },
	{ "stimer", "HOW", "offer synthetic timers: message or direct", set_stimer },
	{ "tsc-invariant", NULL, "offer TSC invariance", set_invariant },
	{ "auto-eoi", NULL, "do not deprecate AutoEOI", set_auto_eoi },
	{ "enforce", NULL, "KVM refuses what CPUID does not show", set_enforce },
	{ "no-vmbus", NULL, "Hyper-V, but no VMBus device in ACPI", set_no_vmbus },
	{ "plain", NULL, "no Hyper-V at all", set_plain },
	{ "restart", NULL, "a reset starts the machine again", set_restart },
	{ "after-crash", NULL, "go on when the guest tells of its crash", set_after_crash },
	{ "probe", NULL, "0 if this machine's KVM can do it, else 77 and why", set_probe },
	{ "help", NULL, "this", help },
};

static void help_lines(const char *indent, const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		printf("%s%.*s\n", indent, (int)(end - text), text);
	}
}

static const char *help(struct machine *m, const char *value)
{
	const struct device_type *const *types = device_types();
	unsigned int i;

	(void)m;
	(void)value;
	puts("testhost: boots Linux as a Hyper-V host would, on /dev/kvm.\n\n"
	     "testhost --kernel FILE [OPTION]...\n");
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *o = &options[i];
		const char *rest = strchrnul(o->help, '\n');

		printf("  --%-13s %-10s %.*s\n", o->name, o->value ? o->value : "",
		       (int)(rest - o->help), o->help);
		help_lines("                             ", *rest ? rest + 1 : rest);
	}
	for (i = 0; types[i]; i++) {
		printf("\n--device %s[,id=NAME][,instance=GUID]", types[i]->name);
		puts(*types[i]->help ? "[,...]:" : "");
		help_lines("    ", types[i]->help);
	}
	putchar('\n');
	verb_help(stdout);
	puts("\nStatus: what the guest wrote to port 0xf4; 0 power-off; 2 wrong use; 65 reset;\n"
	     "66 triple fault; 67 the guest told of its crash; 68 KVM; 77 this machine cannot;\n"
	     "124 the limit.");
	exit(0);
}

static const struct option *find(const char *word, size_t length)
{
	unsigned int i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strlen(options[i].name) == length && !strncmp(options[i].name, word, length))
			return &options[i];
	}
	return NULL;
}

/* "--name value" or "--name=value". */
static int parse_one(struct machine *m, int argc, char **argv, int i)
{
	const char *word = argv[i];
	const char *equal = strchr(word, '=');
	const struct option *o = NULL;
	const char *value = NULL, *why;

	if (!strncmp(word, "--", 2))
		o = find(word + 2, equal ? (size_t)(equal - word - 2) : strlen(word + 2));
	if (!o)
		fatal(EXIT_USAGE, "there is no option \"%s\" (see --help)", word);
	if (!o->value && equal)
		fatal(EXIT_USAGE, "--%s takes no value", o->name);
	if (o->value)
		value = equal ? equal + 1 : ++i < argc ? argv[i] : NULL;
	if (o->value && !value)
		fatal(EXIT_USAGE, "--%s wants a value: %s", o->name, o->value);
	why = o->set(m, value);
	if (why)
		fatal(EXIT_USAGE, "--%s: %s", o->name, why);
	return i + 1;
}

/* Two of the same would not do; one reader of standard input. */
static void judge(const struct machine *m)
{
	const struct options *o = &m->opt;

	if (!o->kernel)
		fatal(EXIT_USAGE, "--kernel is missing (see --help)");
	if (o->script && word_is(o->script, "-") && word_is(o->console, "stdio"))
		fatal(EXIT_USAGE, "console and script cannot both read standard input");
	if (o->plain && m->devices)
		fatal(EXIT_USAGE, "--plain leaves no bus for a --device");
}

void opts_parse(struct machine *m, int argc, char **argv)
{
	int i = 1;

	m->opt.memory = 256 << 20;
	m->opt.vcpus = 1;
	m->opt.console = "stdout";
	host_choose(m, "2022");
	while (i < argc)
		i = parse_one(m, argc, argv, i);
	judge(m);
}
