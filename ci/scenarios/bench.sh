# SPDX-License-Identifier: GPL-2.0-only
# How long the bus takes: least of some rounds, from starting modprobe to devices, and to a bound balloon driver.
# May call: lib.sh, the guest's stopwatch. Called by: job.sh. In the count profile 1 us is 1000 instructions.

devices='/sys/bus/vmbus/devices/*-*-*'
bound='/sys/bus/vmbus/drivers/hv_balloon/*-*-*'
figure() {
	_t=$(guest_t 300 "stopwatch $5 '$2' '$3' '$4'") || { fail "$1: $_t"; return; }
	note "figure $1 $_t us"
	pass "$1 was measured"
}
figure bus_to_offers "modprobe $BUS" "$devices" "rmmod $BUS" 10
# Once, for both sets: the in-box balloon driver has no exit function.
figure bus_to_probed "modprobe $BUS && modprobe $BALLOON" "$bound" true 1
