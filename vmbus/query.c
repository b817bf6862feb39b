// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver may ask about its device, its channels and the machine below.
 * Reads checked copies of the offer and calls the platform. Called by drivers only.
 * Nothing here waits or changes anything.
 */
#include <linux/export.h>
#include "internal.h"

/**
 * enl_channel_primary() - a device's first channel
 * @dev: device
 *
 * Return: the channel; lives as long as the device.
 */
struct enl_channel *enl_channel_primary(const struct enl_device *dev)
{
	return dev->primary;
}
EXPORT_SYMBOL_GPL(enl_channel_primary);

/**
 * enl_channel_device() - the device that a channel belongs to
 * @ch: channel that a bound driver holds
 *
 * Return: the device.
 */
struct enl_device *enl_channel_device(const struct enl_channel *ch)
{
	return ch->device;
}
EXPORT_SYMBOL_GPL(enl_channel_device);

/**
 * enl_channel_rescinded() - has the host withdrawn the channel
 * @ch: channel
 *
 * Any context.
 *
 * Return: true for ever once it is true.
 */
bool enl_channel_rescinded(const struct enl_channel *ch)
{
	return READ_ONCE(ch->rescinded);
}
EXPORT_SYMBOL_GPL(enl_channel_rescinded);

/**
 * enl_channel_returned() - has the host confirmed that it is done with a closed channel
 * @ch: channel that was open and was closed
 *
 * A host answers the teardown of the rings when all work of the channel has ended. Until then it
 * may still write to memory that requests without a completion name.
 *
 * Return: true if that answer came; false if it did not, or for a channel that was withdrawn.
 */
bool enl_channel_returned(const struct enl_channel *ch)
{
	return READ_ONCE(ch->returned);
}
EXPORT_SYMBOL_GPL(enl_channel_returned);

/**
 * enl_channel_index() - which channel of its device
 * @ch: channel
 *
 * Return: 0 for the primary, the host's sub-channel number otherwise.
 */
u16 enl_channel_index(const struct enl_channel *ch)
{
	return ch->index;
}
EXPORT_SYMBOL_GPL(enl_channel_index);

/**
 * enl_channel_relid() - the host's number of a channel, for logs
 * @ch: channel
 *
 * Return: the number; it changes with hibernation.
 */
u32 enl_channel_relid(const struct enl_channel *ch)
{
	return READ_ONCE(ch->relid);
}
EXPORT_SYMBOL_GPL(enl_channel_relid);

/**
 * enl_channel_user_data() - the class-private area of the offer
 * @ch: channel
 * @bytes: where to put its size
 *
 * Unchecked by the bus: the host's bytes, in a private copy that lives as long as the channel.
 *
 * Return: the area.
 */
const u8 *enl_channel_user_data(const struct enl_channel *ch, size_t *bytes)
{
	*bytes = sizeof(ch->user_data);
	return ch->user_data;
}
EXPORT_SYMBOL_GPL(enl_channel_user_data);

/**
 * enl_channel_offer_flags() - flags of the offer that mean anything to a driver
 * @ch: channel
 *
 * Return: ENL_OFFER_* of wire/control.h, those of features not negotiated masked off.
 */
u16 enl_channel_offer_flags(const struct enl_channel *ch)
{
	return ch->offer_flags;
}
EXPORT_SYMBOL_GPL(enl_channel_offer_flags);

/**
 * enl_channel_mmio_megabytes() - how much address space the device wants
 * @ch: channel
 *
 * Return: MiB, the host's word: only ever the size of a request to our own pool.
 */
u32 enl_channel_mmio_megabytes(const struct enl_channel *ch)
{
	return ch->mmio_megabytes;
}
EXPORT_SYMBOL_GPL(enl_channel_mmio_megabytes);

/**
 * enl_reference_time() - the hypervisor's clock
 * @dev: device
 *
 * Any context.
 *
 * Return: units of 100 ns since the VM was created.
 */
u64 enl_reference_time(const struct enl_device *dev)
{
	return dev->bus->ops->reference_time(dev->bus->p);
}
EXPORT_SYMBOL_GPL(enl_reference_time);

/**
 * enl_device_hibernation() - may a memory image of this VM be restored later
 * @dev: device
 *
 * Return: true if the firmware offers S4 and the hypervisor supports it.
 */
bool enl_device_hibernation(const struct enl_device *dev)
{
	return dev->bus->ops->hibernation(dev->bus->p);
}
EXPORT_SYMBOL_GPL(enl_device_hibernation);

/**
 * enl_device_isolated() - is guest memory out of the host's reach unless it is shared
 * @dev: device
 *
 * Return: true if buffers for the host have to go through the DMA layer, which bounces them.
 */
bool enl_device_isolated(const struct enl_device *dev)
{
	return dev->bus->ops->isolated(dev->bus->p);
}
EXPORT_SYMBOL_GPL(enl_device_isolated);

/**
 * enl_device_heat_hint() - tell the hypervisor of memory whose contents may be discarded
 * @dev: device
 * @ranges: range words (wire/dm.h, ENL_HINT_*)
 * @words: how many, at most ENL_HINT_RANGES
 * @done: how many the hypervisor took
 *
 * Any context. Balloon specification, chapter 14.
 *
 * Return: the hypervisor's status, 0 for success; -EOPNOTSUPP not offered; -EINVAL too many.
 */
int enl_device_heat_hint(const struct enl_device *dev, const u64 *ranges, unsigned int words,
			 unsigned int *done)
{
	return dev->bus->ops->heat_hint(dev->bus->p, ranges, words, done);
}
EXPORT_SYMBOL_GPL(enl_device_heat_hint);
