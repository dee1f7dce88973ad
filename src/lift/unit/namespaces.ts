/** RestrictNamespaces=: `seccomp_restrict_namespaces` in src/shared/seccomp-util.c of systemd 252. */
import { always, type Bdd, type Root } from "../../authority/bdd.ts";
import type { CallTable } from "../../authority/call-table.ts";
import { argumentField } from "../../authority/calls.ts";
import { equal, masked } from "../../authority/words.ts";
import { addDoors, doorsWithoutI386 } from "../doors.ts";
import type { Settings } from "./settings.ts";
import type { Assignment } from "./syntax.ts";
import { booleanOf } from "./values.ts";
import { wordsOf } from "./words.ts";

/** Namespaces by name, with the flag of clone(2). */
const namespaces: Readonly<Record<string, bigint>> = {
  cgroup: 0x02000000n,
  ipc: 0x08000000n,
  net: 0x40000000n,
  mnt: 0x00020000n,
  pid: 0x20000000n,
  user: 0x10000000n,
  uts: 0x04000000n,
};

/** The flags of some namespaces; undefined, with a finding, where systemd passes over the line for one that it does not know. */
function flagsOf(settings: Settings, at: Assignment, words: readonly string[]): bigint | undefined {
  const unknown = words.find((word) => !Object.hasOwn(namespaces, word));
  if (unknown !== undefined) {
    settings.find(at, `systemd ignores \`RestrictNamespaces=${at.value}\`: it does not know \`${unknown}\``);
    return undefined;
  }
  return words.reduce((mask, word) => mask | (namespaces[word] ?? 0n), 0n);
}

/** The flags of namespaces that stay allowed; undefined when all do. */
export function namespaceFlags(settings: Settings): bigint | undefined {
  const all = Object.values(namespaces).reduce((a, b) => a | b, 0n);
  let kept: bigint | undefined;
  for (const at of settings.list("RestrictNamespaces")) {
    const isOn = booleanOf(at.value);
    if (isOn !== undefined) {
      kept = isOn ? 0n : undefined;
      continue;
    }
    const inverted = at.value.startsWith("~");
    const flags = flagsOf(settings, at, wordsOf(inverted ? at.value.slice(1) : at.value).words);
    if (flags !== undefined) kept = inverted ? (kept ?? all) & ~flags : (kept ?? 0n) | flags;
  }
  // Only a boolean takes the place of what a unit that is not seen says.
  const isOpen =
    settings.isOpenList("RestrictNamespaces") &&
    !settings.list("RestrictNamespaces").some(({ value }) => booleanOf(value) !== undefined);
  return kept === undefined || kept === all || isOpen ? undefined : kept;
}

/** Adds what the filter of namespaces denies; there is none for int 0x80. */
export function denyNamespaces(bdd: Bdd, denied: CallTable, settings: Settings): void {
  const kept = namespaceFlags(settings);
  if (kept === undefined) return;
  const deny = (name: string, args: Root): void => addDoors(bdd, denied, doorsWithoutI386(name), args);
  deny("clone3", always);
  const having = (index: number, bits: bigint): Root => masked(bdd, argumentField(index), bits, bits);
  for (const bit of Object.values(namespaces)) {
    if ((kept & bit) !== 0n) continue;
    deny("unshare", having(0, bit));
    deny("clone", having(0, bit));
    deny("setns", having(1, bit));
  }
  deny("setns", kept === 0n ? always : equal(bdd, argumentField(1), 0n));
}
