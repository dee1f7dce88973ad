/** RestrictAddressFamilies=: `seccomp_restrict_address_families` in src/shared/seccomp-util.c of systemd 252. */
import { type Bdd, complement, never, union } from "../../authority/bdd.ts";
import type { CallTable } from "../../authority/call-table.ts";
import { argumentField } from "../../authority/calls.ts";
import { equal } from "../../authority/words.ts";
import { addDoors, doorsWithoutI386 } from "../doors.ts";
import type { Settings } from "./settings.ts";
import { wordsOf } from "./words.ts";

/** Families by name, with their numbers (linux/socket.h). */
export const families: Readonly<Record<string, number>> = Object.fromEntries(
  "UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP"
    .split(" ")
    .map((name, at) => [`AF_${name}`, at + 1] as const),
);

/** What RestrictAddressFamilies= says; undefined when there is none. */
export function familyList(
  settings: Settings,
): { readonly allows: boolean; readonly families: ReadonlySet<number> } | undefined {
  let allows: boolean | undefined;
  const found = new Set<number>();
  for (const at of settings.list("RestrictAddressFamilies")) {
    if (at.value === "none") {
      allows = true;
      found.clear();
      continue;
    }
    const inverted = at.value.startsWith("~");
    allows ??= !inverted;
    for (const word of wordsOf(inverted ? at.value.slice(1) : at.value).words) {
      const family = word === "AF_LOCAL" ? 1 : word === "AF_ROUTE" ? 16 : families[word];
      if (family === undefined)
        settings.find(at, `systemd ignores the family \`${word}\`, which it does not know`);
      else if (inverted !== allows) found.add(family);
      else found.delete(family);
    }
  }
  // `none` takes back what was there before, as an empty value does.
  const isOpen =
    settings.isOpenList("RestrictAddressFamilies") &&
    !settings.list("RestrictAddressFamilies").some(({ value }) => value === "none");
  return allows === undefined || isOpen ? undefined : { allows, families: found };
}

/**
 * Adds what the filter of families denies of `socket`. It compares all 64 bits, and the kernel takes 32: a list of what is
 * denied misses families with other high bits. There is none for int 0x80, whose `socketcall` hides them.
 */
export function denyFamilies(bdd: Bdd, denied: CallTable, settings: Settings): void {
  const list = familyList(settings);
  if (!list) return;
  const named64 = [...list.families].reduce(
    (root, family) => union(bdd, root, equal(bdd, argumentField(0), BigInt(family))),
    never,
  );
  addDoors(bdd, denied, doorsWithoutI386("socket"), list.allows ? complement(bdd, named64) : named64);
}
