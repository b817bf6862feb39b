// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual Fibre Channel: names of the adapter, as FC tools want them (chapters 4.4, 11.4, 16.4).
 * Calls the FC transport class. Called by main.c, host.c and scan.c.
 * One remote port, the "dummy initiator", stands for the fabric that the host hides.
 */
#include <linux/module.h>
#include <scsi/scsi_transport_fc.h>
#include "storvsc.h"

static struct scsi_transport_template *transport;

static struct fc_function_template functions = {
	.show_host_node_name = 1,
	.show_host_port_name = 1,
};

int storvsc_fc_start(void)
{
	transport = fc_attach_transport(&functions);
	return transport ? 0 : -ENODEV;
}

void storvsc_fc_stop(void)
{
	fc_release_transport(transport);
}

void storvsc_fc_prepare(struct Scsi_Host *host)
{
	host->transportt = transport;
}

static void names(struct storvsc *s, u64 *node, u64 *port)
{
	struct enl_stor_wwn wwn;
	unsigned long irq;

	spin_lock_irqsave(&s->wwn_lock, irq);
	wwn = s->wwn;
	spin_unlock_irqrestore(&s->wwn_lock, irq);
	/* Live migration alternates between two pairs. */
	*node = wwn_to_u64(wwn.primary_active ? wwn.primary_node : wwn.secondary_node);
	*port = wwn_to_u64(wwn.primary_active ? wwn.primary_port : wwn.secondary_port);
}

/* After the host was added. A missing remote port costs the view, not the service. */
void storvsc_fc_attached(struct storvsc *s)
{
	struct fc_rport_identifiers ids = { .roles = FC_PORT_ROLE_FCP_DUMMY_INITIATOR };

	if (s->class != STORVSC_FC)
		return;
	storvsc_fc_update(s);
	if (!fc_remote_port_add(s->host, 0, &ids))
		dev_warn_ratelimited(s->dev->dev, "no remote port in sysfs\n");
}

/* The host told of other names. May sleep. */
void storvsc_fc_update(struct storvsc *s)
{
	u64 node, port;

	if (s->class != STORVSC_FC)
		return;
	names(s, &node, &port);
	fc_host_node_name(s->host) = node;
	fc_host_port_name(s->host) = port;
}

/* Before the SCSI host goes. */
void storvsc_fc_remove(struct storvsc *s)
{
	if (s->class == STORVSC_FC)
		fc_remove_host(s->host);
}
