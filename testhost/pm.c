// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power and reset: the fixed registers of ACPI, the reset register, the keyboard controller's.
 * Calls loop.c; called by vcpu.c.
 * SCI_EN always reads 1: there is no legacy mode to come from.
 */
#include "testhost/machine.h"

#define SLP_EN		0x2000u
#define SLP_TYPE(v)	((v) >> 10 & 7)
#define SLP_S5		5u

static void reset(struct machine *m, const char *how)
{
	report(m, "reset", "by=%s", how);
	machine_end(m, EXIT_RESET, "reset");
}

__u8 pm_read(struct machine *m, unsigned int port)
{
	unsigned int shift = (port & 1) * 8;

	switch (port & ~1u) {
	case 0x600:
		return (__u8)(m->pm.status >> shift);
	case 0x602:
		return (__u8)(m->pm.enable >> shift);
	case 0x604:
		return (__u8)((m->pm.control | 1) >> shift);
	default:
		return 0;
	}
}

static void control(struct machine *m, unsigned int shift, __u8 value)
{
	m->pm.control = (__u16)((m->pm.control & ~(0xff << shift)) | value << shift);
	if (!shift || !(m->pm.control & SLP_EN))
		return;
	m->pm.control &= (__u16)~SLP_EN;
	if (SLP_TYPE(m->pm.control) == SLP_S5)
		machine_end(m, EXIT_POWER_OFF, "power-off");
}

void pm_write(struct machine *m, unsigned int port, __u8 value)
{
	unsigned int shift = (port & 1) * 8;

	switch (port) {
	case 0x600:
	case 0x601:
		m->pm.status &= (__u16)~(value << shift);
		break;
	case 0x602:
	case 0x603:
		m->pm.enable = (__u16)((m->pm.enable & ~(0xff << shift)) | value << shift);
		break;
	case 0x604:
	case 0x605:
		control(m, shift, value);
		break;
	case 0xcf9:
		if (value & 4)
			reset(m, "0xcf9");
		break;
	case 0x64:
		if (value == 0xfe)
			reset(m, "keyboard");
		break;
	}
}
