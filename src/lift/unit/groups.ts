/** Groups of system calls by their names, as systemd's tables have them: `systemd-analyze syscall-filter`. */
import { packedGroups } from "./groups.generated.ts";

let packed: ReadonlyMap<string, readonly string[]> | undefined;
const expanded = new Map<string, ReadonlySet<string>>();

/** The calls of a group, those of groups in it too; undefined when there is no such group. */
export function callsOfGroup(name: string): ReadonlySet<string> | undefined {
  const done = expanded.get(name);
  if (done) return done;
  packed ??= new Map(
    packedGroups
      .trim()
      .split("\n")
      .map((line) => {
        const [group = "", ...members] = line.split(" ");
        return [group, members] as const;
      }),
  );
  const members = packed.get(name);
  if (!members) return undefined;
  const calls = new Set(
    members.flatMap((member) => (member.startsWith("@") ? [...(callsOfGroup(member) ?? [])] : [member])),
  );
  expanded.set(name, calls);
  return calls;
}

/** Whether systemd's library knows a call. */
export function isKnownCall(name: string): boolean {
  return callsOfGroup("@known")?.has(name) ?? false;
}
