// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is taken from firmware: which device's _CRS, which descriptors, which screen.
 * Calls the second copy of vmbus/firmware.c on made-up machines, no host and no bus.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include "kunit/firmware_copy.h"

#define MIB	0x100000ull

#define SPACE32(kind, first, last)                                                                 \
	{                                                                                          \
		.type = ACPI_RESOURCE_TYPE_ADDRESS32,                                              \
		.data.address32 = {                                                                \
			.resource_type = kind,                                                     \
			.address = { .minimum = first, .maximum = last },                          \
		},                                                                                 \
	}
#define SPACE64(kind, first, last)                                                                 \
	{                                                                                          \
		.type = ACPI_RESOURCE_TYPE_ADDRESS64,                                              \
		.data.address64 = {                                                                \
			.resource_type = kind,                                                     \
			.address = { .minimum = first, .maximum = last },                          \
		},                                                                                 \
	}

/* An interrupt, and memory in every form that is no address space. */
static const struct acpi_resource device_itself[] = {
	{ .type = ACPI_RESOURCE_TYPE_IRQ },
	{
		.type = ACPI_RESOURCE_TYPE_MEMORY32,
		.data.memory32 = { .minimum = 0xf0000000, .maximum = 0xf0ffffff },
	},
	{
		.type = ACPI_RESOURCE_TYPE_FIXED_MEMORY32,
		.data.fixed_memory32 = { .address = 0xf2000000, .address_length = 0x1000000 },
	},
};

static const struct acpi_resource bridge[] = {
	SPACE32(ACPI_IO_RANGE, 0xf4000000, 0xf4ffffff),
	SPACE64(ACPI_IO_RANGE, 0x10000000000ull, 0x100ffffffffull),
	SPACE32(ACPI_MEMORY_RANGE, 0xa0000, 0xbffff),
	SPACE64(ACPI_MEMORY_RANGE, 0xfe0000000ull, 0xfffffffffull),
	SPACE32(ACPI_BUS_NUMBER_RANGE, 0xf6000000, 0xf6ffffff),
	SPACE32(ACPI_MEMORY_RANGE, 0xf8000000, 0xfffbffff),
};

static const struct acpi_resource above[] = {
	SPACE32(ACPI_MEMORY_RANGE, 0xe0000000, 0xefffffff),
};

/* Only what is below 1 MiB: that is none. */
static const struct acpi_resource low_only[] = {
	SPACE32(ACPI_MEMORY_RANGE, 0xa0000, 0xbffff),
};

static int init(struct kunit *test)
{
	unsigned int i;

	firmware_copy = (struct firmware_copy){ };
	for (i = 0; i < FIRMWARE_COPY_DEVICES; i++) {
		firmware_copy.node[i] = kunit_kzalloc(test, sizeof(struct acpi_device), GFP_KERNEL);
		if (!firmware_copy.node[i])
			return -ENOMEM;
		firmware_copy.node[i]->handle = firmware_copy.node[i];
	}
	return 0;
}

static void node(unsigned int i, const struct acpi_resource *crs, unsigned int count)
{
	firmware_copy.crs[i] = crs;
	firmware_copy.count[i] = count;
	firmware_copy.nodes = i + 1;
}

#define NODE(i, crs) node(i, crs, ARRAY_SIZE(crs))

static struct enl_firmware read_all(struct kunit *test)
{
	struct enl_firmware fw = { };
	struct device parent = { .init_name = "parent" };

	enl_copy_firmware_read(NULL, &parent, &fw);
	KUNIT_EXPECT_EQ(test, firmware_copy.root_asked, 0u);
	KUNIT_EXPECT_EQ(test, firmware_copy.pci_held, 0);
	return fw;
}

/* P-069 and vmbus.md 1.8: of the nearest device that has any, address spaces of memory only. */
static void windows_are_those_of_the_nearest_device(struct kunit *test)
{
	struct enl_firmware fw;

	NODE(0, device_itself);
	NODE(1, low_only);
	NODE(2, bridge);
	NODE(3, above);
	fw = read_all(test);
	KUNIT_ASSERT_EQ(test, fw.windows.count, 2u);
	KUNIT_EXPECT_EQ(test, fw.windows.at[0].start, 0xf8000000ull);
	KUNIT_EXPECT_EQ(test, fw.windows.at[0].end, 0xfed3ffffull);
	KUNIT_EXPECT_EQ(test, fw.windows.at[1].start, 0xfe0000000ull);
	KUNIT_EXPECT_EQ(test, fw.windows.at[1].end, 0xfffffffffull);

	NODE(0, above);
	firmware_copy.nodes = 4;
	fw = read_all(test);
	KUNIT_ASSERT_EQ(test, fw.windows.count, 1u);
	KUNIT_EXPECT_EQ(test, fw.windows.at[0].start, 0xe0000000ull);
}

/* P-014: no ACPI, no parent, the root instead of a parent, no handle, no window anywhere. */
static void everything_in_the_tree_is_optional(struct kunit *test)
{
	firmware_copy.nodes = 0;
	KUNIT_EXPECT_EQ(test, read_all(test).windows.count, 0u);
	NODE(0, device_itself);
	KUNIT_EXPECT_EQ(test, read_all(test).windows.count, 0u);
	NODE(1, above);
	firmware_copy.node[1]->handle = ACPI_ROOT_OBJECT;
	KUNIT_EXPECT_EQ(test, read_all(test).windows.count, 0u);
	firmware_copy.node[0]->handle = ACPI_ROOT_OBJECT;
	KUNIT_EXPECT_EQ(test, read_all(test).windows.count, 0u);
	firmware_copy.node[0]->handle = NULL;
	KUNIT_EXPECT_EQ(test, read_all(test).windows.count, 0u);
	/* without a window nobody needs to know where the screen is */
	KUNIT_EXPECT_EQ(test, firmware_copy.pci_asked, 0u);
}

/* P-069: generation 1 has the adapter, whatever the boot loader said. */
static void adapter_tells_where_the_screen_is(struct kunit *test)
{
	const struct screen_info info = {
		.orig_video_isVGA = VIDEO_TYPE_EFI, .lfb_base = 0xfc000000, .lfb_size = 0x300000,
	};
	struct enl_firmware fw;

	NODE(0, bridge);
	firmware_copy.screen = &info;
	firmware_copy.bar_start = 0xf8000000;
	firmware_copy.bar_bytes = 64 * MIB;
	fw = read_all(test);
	KUNIT_EXPECT_EQ(test, fw.screen.base, 0xf8000000ull);
	KUNIT_EXPECT_EQ(test, fw.screen.bytes, 64 * MIB);
	KUNIT_EXPECT_TRUE(test, fw.screen.exact);
	/* a BAR without an address is no answer */
	firmware_copy.bar_start = 0;
	fw = read_all(test);
	KUNIT_EXPECT_EQ(test, fw.screen.base, 0xfc000000ull);
	KUNIT_EXPECT_FALSE(test, fw.screen.exact);
}

/* P-069: generation 2, and machines where nobody knows. */
static void boot_loader_tells_where_the_screen_is(struct kunit *test)
{
	struct screen_info info = {
		.orig_video_isVGA = VIDEO_TYPE_EFI, .lfb_base = 0xfc000000, .lfb_size = 0x300000,
		.ext_lfb_base = 0x12,
	};
	struct enl_firmware fw;

	NODE(0, bridge);
	firmware_copy.screen = &info;
	fw = read_all(test);
	KUNIT_EXPECT_EQ(test, fw.screen.base, 0xfc000000ull);
	KUNIT_EXPECT_EQ(test, fw.screen.bytes, 3 * MIB);
	KUNIT_EXPECT_FALSE(test, fw.screen.exact);
	info.capabilities = VIDEO_CAPABILITY_64BIT_BASE;
	KUNIT_EXPECT_EQ(test, read_all(test).screen.base, 0x12fc000000ull);
	info.orig_video_isVGA = VIDEO_TYPE_VLFB;
	KUNIT_EXPECT_EQ(test, read_all(test).screen.base, 0ull);
	firmware_copy.screen = NULL;
	fw = read_all(test);
	KUNIT_EXPECT_EQ(test, fw.screen.base, 0ull);
	KUNIT_EXPECT_EQ(test, fw.screen.bytes, 0ull);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(windows_are_those_of_the_nearest_device),
	KUNIT_CASE(everything_in_the_tree_is_optional),
	KUNIT_CASE(adapter_tells_where_the_screen_is),
	KUNIT_CASE(boot_loader_tells_where_the_screen_is),
	{ }
};

static struct kunit_suite suite = { .name = "vmbus_firmware", .init = init, .test_cases = cases };
kunit_test_suite(suite);
