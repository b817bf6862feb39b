// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking the host for a socket channel (specification, 5.8).
 * Calls request.c. Called by a socket layer; the channel itself comes as an offer, or not at all.
 * The host's refusal is not awaited: the socket layer waits by time, as on hosts without one.
 */
#include <linux/export.h>
#include "internal.h"

/**
 * enl_bus_connect_socket() - ask for a connection to a service of the host
 * @bus: connected bus
 * @endpoint: GUID of the guest's end: the instance of the offer that follows
 * @service: GUID of the service: the class of that offer
 *
 * May sleep.
 *
 * Return: 0 asked; -EINVAL the protocol is older than 4.0; -ENODEV no connection; -EIO,
 * -ETIMEDOUT the host did not take the message.
 */
int enl_bus_connect_socket(struct enl_bus *bus, const struct enl_guid *endpoint,
			   const struct enl_guid *service)
{
	struct enl_msg_tl_connect_silo msg = {
		.connect.header.type = cpu_to_le32(ENL_MSG_TL_CONNECT),
		.connect.endpoint = *endpoint,
		.connect.service = *service,
	};

	if (bus->version < ENL_VERSION_4_0)
		return -EINVAL;
	/* No silo: the host's root namespace. Hosts before 5.2 know the short form only. */
	return enl_post(bus, NULL, &msg, bus->version >= ENL_VERSION_5_2 ? sizeof(msg) :
									   sizeof(msg.connect));
}
EXPORT_SYMBOL_GPL(enl_bus_connect_socket);
