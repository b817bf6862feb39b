// SPDX-License-Identifier: GPL-2.0-only
/* 5.5: struct hv_vmbus_device_id holds a guid_t; it was a uuid_le before. */
#include <linux/uuid.h>
#include <linux/mod_devicetable.h>

const guid_t *probe(const struct hv_vmbus_device_id *id);
const guid_t *probe(const struct hv_vmbus_device_id *id)
{
	static const struct hv_vmbus_device_id example = {
		.guid = GUID_INIT(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
	};

	return guid_equal(&example.guid, &id->guid) ? &id->guid : NULL;
}
