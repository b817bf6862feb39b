/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam to the hypervisor: a handful of calls down, a handful of events up.
 * Implemented by vmbus/platform_hyperv.c and by the fake host of kunit/; called by the bus only.
 * Nothing else in the suite knows a hypercall, a model-specific register or an interrupt vector.
 */
#ifndef ENL_VMBUS_PLATFORM_H
#define ENL_VMBUS_PLATFORM_H

#include <linux/types.h>
#include "window.h"

struct device;
struct enl_bus;
struct enl_guid;
struct pt_regs;

/**
 * struct enl_platform_events - what the platform tells the bus
 * @message: one VMBus control message, in memory that is private to the caller (@len bytes, at most
 *	240). Any context but hard interrupt; never sleeps. Returns false if the bus has no room for
 *	it now: the platform keeps the message and offers it again.
 * @channels: event flags of one virtual processor; the bus clears each flag before it looks at the
 *	channel. @bits is a multiple of BITS_PER_LONG. Hard interrupt context.
 * @cpu_going: @cpu is about to go offline. May sleep. 0, or -EBUSY: channels cannot be moved away.
 * @cpu_came: @cpu is online and takes interrupts. May sleep.
 * @dying: kexec (@crash false: may sleep) or crash (@crash true: no sleep, no lock, no allocation;
 *	other processors may be stopped anywhere). The bus ends the connection.
 */
struct enl_platform_events {
	bool (*message)(void *context, const void *msg, size_t len);
	void (*channels)(void *context, unsigned long *flags, unsigned int bits);
	int (*cpu_going)(void *context, unsigned int cpu);
	void (*cpu_came)(void *context, unsigned int cpu);
	void (*dying)(void *context, bool crash);
};

/**
 * struct enl_platform_ops - what the bus asks of the platform
 * @name: for log lines
 * @start: interrupts and messages may come from here on. 0 or a negative errno. May sleep.
 * @stop: none come after it returns. May sleep.
 * @suspend: like @stop for the boot processor, to be undone by @resume; interrupts are off.
 * @resume: undoes @suspend; interrupts are off.
 * @post_message: one attempt to post @len bytes (at most 240) to @connection. Returns the
 *	hypervisor's status (0 .. 0xffff, wire/synic.h), or -ENXIO if there is no hypercall page.
 *	Any context, no sleep. Retrying is the bus's affair.
 * @signal_event: ring the doorbell of @connection. Any context. Failures are only counted.
 * @poll: hand each waiting message of every processor to @deliver and consume it. For crash: no
 *	lock, no sleep, no allocation, interrupts may be off.
 * @vp_index: the hypervisor's number of @cpu
 * @reference_time: units of 100 ns since the VM was created
 * @share: make @pages pages at @addr (page-aligned, linear map) visible to the host. The contents
 *	are undefined afterwards. On failure the state is unknown: never free those pages.
 *	May sleep.
 *	No-op on an ordinary VM.
 * @unshare: the reverse, with the same rule for failure
 * @shared_pgprot: protection for a second mapping of shared pages (a pgprot_t in a u64)
 * @isolated: host must not read guest memory that was not shared
 * @hibernation: firmware offers S4, so a memory image may be restored later
 * @heat_hint: tell the hypervisor of discardable memory; see balloon/. @words ranges in @ranges.
 *	Returns the status of the hypercall and the number of completed ranges in @done, or
 *	-EOPNOTSUPP where the host does not offer it. No sleep.
 * @firmware: optional: address windows and frame buffer, as the firmware device @parent and those
 *	above it list them. @fw comes empty; empty is an answer. May sleep.
 * @above: optional: the device that those of the bus are children of, if not @parent itself
 * @hears_of_panic: optional: the host takes reports of a panic
 * @report_registers: of an oops (@oops) or a panic. Reports once, and an oops only if it is the
 *	end. For crash, like @poll.
 * @report_text: @bytes of text at @text (linear map, within one page). For crash, like @poll.
 */
struct enl_platform_ops {
	const char *name;
	int (*start)(void *p, const struct enl_platform_events *events, void *context);
	void (*stop)(void *p);
	void (*suspend)(void *p);
	void (*resume)(void *p);
	int (*post_message)(void *p, u32 connection, const void *msg, size_t len);
	void (*signal_event)(void *p, u32 connection);
	void (*poll)(void *p, void (*deliver)(void *context, const void *msg, size_t len),
		     void *context);
	u32 (*vp_index)(void *p, unsigned int cpu);
	u64 (*reference_time)(void *p);
	int (*share)(void *p, void *addr, unsigned int pages);
	int (*unshare)(void *p, void *addr, unsigned int pages);
	u64 (*shared_pgprot)(void *p);
	bool (*isolated)(void *p);
	bool (*hibernation)(void *p);
	int (*heat_hint)(void *p, const u64 *ranges, unsigned int words, unsigned int *done);
	void (*firmware)(void *p, struct device *parent, struct enl_firmware *fw);
	struct device *(*above)(struct device *parent);
	bool (*hears_of_panic)(void *p);
	void (*report_registers)(void *p, struct pt_regs *regs, long err, bool oops);
	void (*report_text)(void *p, const void *text, size_t bytes);
};

/**
 * struct enl_bus_options - limits of one bus, for tests; zero means the default
 * @max_version: newest protocol version to ask for (ENL_PROTOCOL(major, minor))
 * @contact_ms: longest wait for a VERSION_RESPONSE (default 120,000)
 * @request_ms: longest wait for the answer to any other request (default 60,000)
 * @unload_ms: longest wait for UNLOAD_COMPLETE (default 100,000)
 * @post_ms: longest time to go on posting one message (default 168,000)
 * @offers_ms: longest wait at start for the devices of boot (default 10,000)
 * @grace_ms: how long memory of a rescinded channel is kept from reuse (default 10,000)
 * @resume_ms: longest wait after hibernation for the old devices (default 10,000)
 * @stall_ms: how often rings are looked at for signals that were lost (default 5,000)
 */
struct enl_bus_options {
	u32 max_version;
	unsigned int contact_ms;
	unsigned int request_ms;
	unsigned int unload_ms;
	unsigned int post_ms;
	unsigned int offers_ms;
	unsigned int grace_ms;
	unsigned int resume_ms;
	unsigned int stall_ms;
};

struct enl_bus *enl_bus_start(const struct enl_platform_ops *ops, void *p, struct device *parent,
			      const struct enl_bus_options *options);
void enl_bus_stop(struct enl_bus *bus);
int enl_bus_suspend(struct enl_bus *bus);
int enl_bus_resume(struct enl_bus *bus);
void enl_bus_settle(struct enl_bus *bus);

int enl_bus_connect_socket(struct enl_bus *bus, const struct enl_guid *endpoint,
			   const struct enl_guid *service);
u32 enl_bus_version(const struct enl_bus *bus);

#endif
