// SPDX-License-Identifier: GPL-2.0-only
// The machine's namespace: power-off, a bus with windows, the VMBus device, serial ports, the clock.
// Compiled by hand into dsdt.h (iasl -tc dsdt.asl), so that a build needs no iasl.
// \VMBE is a byte that acpi.c sets: 0 hides the VMBus device.
DefinitionBlock ("", "DSDT", 2, "ENLGHT", "TESTHOST", 1)
{
	Name (\VMBE, 0x0F)
	Name (\_S5, Package () { 5, 5, 0, 0 })
	Scope (\_SB)
	{
		Device (MOD0)
		{
			Name (_HID, "ACPI0004")
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					Cacheable, ReadWrite, 0,
					0xE0000000, 0xEFFFFFFF, 0, 0x10000000)
				QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed,
					Cacheable, ReadWrite, 0,
					0x1000000000, 0x1FFFFFFFFF, 0, 0x1000000000)
			})
			Device (VMB0)
			{
				// a method, because the compiler wants names of another form
				Method (_HID) { Return ("VMBUS") }
				Name (_UID, 0)
				Name (_DDN, "VMBUS")
				Method (_STA) { Return (\VMBE) }
			}
		}
		Device (COM1)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 1)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x03F8, 0x03F8, 0, 8)
				IRQNoFlags () { 4 }
			})
		}
		Device (COM2)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 2)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x02F8, 0x02F8, 0, 8)
				IRQNoFlags () { 3 }
			})
		}
		Device (RTC0)
		{
			Name (_HID, EisaId ("PNP0B00"))
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x0070, 0x0070, 0, 2)
			})
		}
	}
}
