/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The transport's API for drivers: devices, channels, packets, shared memory.
 * Everything else in vmbus/ is private. kernel-doc stands at the definitions.
 *
 * Errors are one small vocabulary: -EAGAIN ring full; -ENODEV rescinded, now and for ever;
 * -EPROTO the host broke the protocol and the channel is stopped; -ETIMEDOUT no answer;
 * -EIO the host answered no; -ENOMEM, -EINVAL as usual. Nothing else leaves the transport.
 */
#ifndef ENL_VMBUS_VMBUS_H
#define ENL_VMBUS_VMBUS_H

#include <linux/device.h>
#include <linux/mod_devicetable.h>
#include "wire/ring.h"

struct enl_bus;
struct enl_channel;
struct enl_foreign_devices;

/**
 * struct enl_device - one device that the host offers
 * @class_id: interface type GUID
 * @instance_id: names the device; stable over re-offers, hibernation and migration
 * @dev: the registered struct device; its platform data is this object. It belongs to the object
 *	itself or, for classes that another layer serves, to a foreign object
 *	(enl_foreign_devices).
 * @own: storage behind @dev in the ordinary case; never use it directly
 * @bus: the bus that it hangs on
 * @primary: its first channel
 *
 * Lives until the last reference to @dev is dropped.
 */
struct enl_device {
	struct enl_guid class_id;
	struct enl_guid instance_id;
	struct device *dev;
	struct device own;
	struct enl_bus *bus;
	struct enl_channel *primary;
	/* private: */
	const struct enl_foreign_devices *foreign;
	char *driver_override;
	u64 dma_mask;
	struct device_dma_parameters dma_parms;
	bool bound, leaving;
};

/**
 * struct enl_driver - a driver for devices on the bus
 * @name: shows in sysfs; keep the name that user space knows
 * @ids: classes that it serves, ended by an all-zero entry; may be NULL (dynamic ids, override)
 * @probe: may sleep, opens channels. @id is gone when it returns; for an override without an id it
 *	is all zero.
 * @remove: may sleep; also after a rescind. Closes what @probe opened.
 * @shutdown: optional, at reboot
 * @suspend: closes the channel before hibernation and forgets its sub-channels; 0 or errno
 * @resume: opens it again; the handshake starts anew
 * @subchannel: a sub-channel was offered. May sleep, may open it; comes in a context of its own.
 * @driver: embedded; the bus fills it in
 */
struct enl_driver {
	const char *name;
	const struct hv_vmbus_device_id *ids;
	int (*probe)(struct enl_device *dev, const struct hv_vmbus_device_id *id);
	void (*remove)(struct enl_device *dev);
	void (*shutdown)(struct enl_device *dev);
	int (*suspend)(struct enl_device *dev);
	int (*resume)(struct enl_device *dev);
	void (*subchannel)(struct enl_device *dev, struct enl_channel *ch);
	struct device_driver driver;
	/* private: */
	spinlock_t dynamic_lock;	/* guards dynamic_ids */
	struct list_head dynamic_ids;
};

int __enl_driver_register(struct enl_driver *drv, struct module *owner, const char *mod_name);
void enl_driver_unregister(struct enl_driver *drv);
#define enl_driver_register(drv) __enl_driver_register(drv, THIS_MODULE, KBUILD_MODNAME)

/* For an id table: { ENL_DEVICE_ID(ENL_CLASS_MEMORY) }, { } */
#define ENL_DEVICE_ID(...) .guid = __VA_ARGS__

static inline void enl_device_set_drvdata(struct enl_device *dev, void *data)
{
	dev_set_drvdata(dev->dev, data);
}

static inline void *enl_device_drvdata(const struct enl_device *dev)
{
	return dev_get_drvdata(dev->dev);
}

/**
 * struct enl_foreign_devices - lets another layer's object be the registered device
 * @make: returns an initialised-to-zero struct device inside an object of the layer, or NULL to
 *	leave the class to the bus. The bus initialises and registers it.
 * @release: frees that object; called when the last reference is gone
 */
struct enl_foreign_devices {
	struct device *(*make)(struct enl_device *dev);
	void (*release)(struct device *dev);
};

int enl_foreign_register(const struct enl_foreign_devices *foreign);
void enl_foreign_unregister(const struct enl_foreign_devices *foreign);

/* Offer of the channel, as the host sent it and the bus checked it. */
const u8 *enl_channel_user_data(const struct enl_channel *ch, size_t *bytes);
u16 enl_channel_offer_flags(const struct enl_channel *ch);
u32 enl_channel_mmio_megabytes(const struct enl_channel *ch);

/**
 * enum enl_notify - where a channel's notify callback runs
 * @ENL_NOTIFY_SOFTIRQ: tasklet; the transport masks, calls, unmasks, and bounds the work
 * @ENL_NOTIFY_WORK: the same from a work item: may sleep
 * @ENL_NOTIFY_IRQ: hard interrupt; the driver masks and unmasks (NAPI)
 */
enum enl_notify {
	ENL_NOTIFY_SOFTIRQ,
	ENL_NOTIFY_WORK,
	ENL_NOTIFY_IRQ,
};

/**
 * struct enl_channel_setup - how to open a channel
 * @send_bytes: data bytes of the guest-to-host ring, a multiple of 4096, at least 4096
 * @recv_bytes: data bytes of the host-to-guest ring, likewise
 * @max_packet: longest inbound packet that is accepted, bytes, 16-byte descriptor included
 * @mode: context of @notify
 * @notify: something arrived, or room appeared that enl_send_room() asked for
 * @context: for @notify
 */
struct enl_channel_setup {
	u32 send_bytes;
	u32 recv_bytes;
	u32 max_packet;
	enum enl_notify mode;
	void (*notify)(struct enl_channel *ch, void *context);
	void *context;
};

struct enl_channel *enl_channel_primary(const struct enl_device *dev);
struct enl_device *enl_channel_device(const struct enl_channel *ch);
int enl_channel_open(struct enl_channel *ch, const struct enl_channel_setup *setup);
void enl_channel_close(struct enl_channel *ch);
void enl_channel_close_within(struct enl_channel *ch, unsigned int ms);
bool enl_channel_returned(const struct enl_channel *ch);
bool enl_channel_rescinded(const struct enl_channel *ch);
unsigned int enl_channel_cpu(const struct enl_channel *ch);
int enl_channel_set_cpu(struct enl_channel *ch, unsigned int cpu);
u16 enl_channel_index(const struct enl_channel *ch);
u32 enl_channel_relid(const struct enl_channel *ch);
void enl_device_expect_subchannels(struct enl_device *dev, u16 count);
void enl_channel_set_urgent(struct enl_channel *ch, bool urgent);

/**
 * struct enl_gpadl - memory that the host knows by a number
 * @id: the number, never reused while it lives; 0 when there is none
 * @addr: start, as enl_shared_alloc() gave it
 * @bytes: a multiple of 4096
 */
struct enl_gpadl {
	u32 id;
	void *addr;
	u32 bytes;
};

int enl_gpadl_create(struct enl_channel *ch, void *addr, u32 bytes, struct enl_gpadl *gpadl);
int enl_gpadl_destroy(struct enl_channel *ch, struct enl_gpadl *gpadl);
void *enl_shared_alloc(struct enl_device *dev, u32 bytes);
void enl_shared_free(struct enl_device *dev, void *addr, u32 bytes);

/**
 * struct enl_gpa_list - ranges of guest memory for a GPA-direct packet, in wire layout
 * @ranges: struct enl_gpa_range after one another, no gaps, @bytes in all
 * @bytes: a multiple of 8
 * @count: number of ranges, at least 1
 */
struct enl_gpa_list {
	const void *ranges;
	u32 bytes;
	u32 count;
};

/**
 * struct enl_gpa_fill - ranges of guest memory that a callback writes into the ring
 * @bytes: exactly what @fill writes, a multiple of 8
 * @count: number of ranges in it, at least 1
 * @fill: writes struct enl_gpa_range after one another to @to, no gaps
 * @context: for @fill
 */
struct enl_gpa_fill {
	u32 bytes;
	u32 count;
	void (*fill)(void *to, u32 bytes, void *context);
	void *context;
};

#define ENL_SEND_WANT_COMPLETION	0x1u	/* host must answer with a completion */
#define ENL_SEND_MORE			0x2u	/* do not publish before enl_send_flush() */

int enl_send(struct enl_channel *ch, const void *data, u32 len, u64 id, unsigned int flags);
int enl_send_gpa(struct enl_channel *ch, const struct enl_gpa_list *gpas,
		 const void *data, u32 len, u64 id, unsigned int flags);
int enl_send_gpa_fill(struct enl_channel *ch, const struct enl_gpa_fill *gpas,
		      const void *data, u32 len, u64 id, unsigned int flags);
int enl_send_completion(struct enl_channel *ch, const void *data, u32 len, u64 id);
void enl_send_flush(struct enl_channel *ch);
bool enl_send_room(struct enl_channel *ch, u32 bytes);
u32 enl_send_packet_bytes(u32 gpa_bytes, u32 len);

/**
 * struct enl_exchange - a request, and where its answer goes
 * @request: payload to send
 * @request_bytes: its length
 * @answer: where to copy the payload of the completion
 * @answer_bytes: room there; on return the bytes that came (a multiple of 8, possibly fewer)
 */
struct enl_exchange {
	const void *request;
	u32 request_bytes;
	void *answer;
	u32 answer_bytes;
};

int enl_transact(struct enl_channel *ch, struct enl_exchange *x, unsigned int timeout_ms);

/**
 * struct enl_packet - one packet, copied out of the ring
 * @type: in-band, transfer pages, or completion
 * @wants_completion: the host waits for enl_send_completion() with @id
 * @id: transaction id, the host's number unless @type is a completion
 * @data: payload; lives until the next enl_recv() on this channel
 * @bytes: its length, a multiple of 8
 * @set_id: transfer pages: the set
 * @range_count: transfer pages: how many of
 * @ranges: ranges within the set; offset and count are not yet checked against the buffer
 */
struct enl_packet {
	enum enl_packet_type type;
	bool wants_completion;
	u64 id;
	const void *data;
	u32 bytes;
	u16 set_id;
	u32 range_count;
	const struct enl_transfer_range *ranges;
};

int enl_recv(struct enl_channel *ch, struct enl_packet *packet);
void enl_recv_commit(struct enl_channel *ch);
void enl_recv_again(struct enl_channel *ch);
void enl_recv_mask(struct enl_channel *ch);
bool enl_recv_unmask(struct enl_channel *ch);

/**
 * struct enl_mmio_want - addresses that a device needs
 * @bytes: how many, at least 1
 * @align: of the first one, a power of 2
 * @min: lowest that will do
 * @max: highest that will do; the whole range lies within
 * @frame: the boot frame buffer will do, and is preferred: for the driver of the screen only
 */
struct enl_mmio_want {
	u64 bytes;
	u64 align;
	u64 min;
	u64 max;
	bool frame;
};

struct resource *enl_mmio_alloc(struct enl_device *dev, const struct enl_mmio_want *want);
void enl_mmio_free(struct enl_device *dev, struct resource *res);

u64 enl_reference_time(const struct enl_device *dev);
bool enl_device_isolated(const struct enl_device *dev);
bool enl_device_hibernation(const struct enl_device *dev);
int enl_device_heat_hint(const struct enl_device *dev, const u64 *ranges, unsigned int words,
			 unsigned int *done);
void enl_channel_fault(struct enl_channel *ch, const char *name);

#endif
