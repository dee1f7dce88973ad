/** Units, asked by the evaluator of files, variables and calls, and plainly for what it does not speak of. */
import {
  type UnitWorld,
  unitPermitsCall,
  unitPermitsFile,
  unitPermitsVariable,
} from "../../../../src/evaluate/unit.ts";
import { callsOfGroup } from "../../../../src/lift/unit/groups.ts";
import type { UnitText } from "../../../../src/lift/unit.ts";
import type { Operation } from "../operation.ts";
import { isNative } from "../policy.ts";
import type { Evaluator } from "./evaluator.ts";
import { entersOtherwise, makesSockets, permitsPlainly, runsOutside } from "./unit-settings.ts";

/** Machines on which what may not be there is there, and is not. */
const worldsWith = (emptyRoot: string): readonly UnitWorld[] =>
  [true, false].map((exists) => ({
    exists: () => exists,
    empty: new Set([emptyRoot]),
    group: (name) => {
      const calls = callsOfGroup(name);
      return calls && [...calls];
    },
  }));

/** What decides a question of files: without the lists of calls a text is a tenth as long. */
const withoutCalls = (texts: readonly UnitText[]): readonly UnitText[] =>
  texts.map(({ path, text }) => ({ path, text: text.replace(/^(?:SystemCall\w+=|#).*\n/gm, "") }));

/** A unit that asks for much, which a drop-in has to take away again. */
const demanding: UnitText = {
  path: "s.service",
  text: `[Unit]
AssertControlGroupController=
[Service]
User=root
Environment=LD_PRELOAD=/tmp/x.so
PassEnvironment=AWS_SECRET_ACCESS_KEY
EnvironmentFile=/etc/default/x
BindPaths=/etc /srv/other
BindReadOnlyPaths=/root
ReadWritePaths=/
ExecPaths=/
AmbientCapabilities=CAP_NET_RAW
CapabilityBoundingSet=CAP_NET_RAW CAP_SYS_ADMIN
SystemCallFilter=@mount @debug
SystemCallArchitectures=native x86 x32
RestrictAddressFamilies=AF_INET AF_UNIX
TemporaryFileSystem=/var/x
`,
};

function ofTexts(texts: readonly UnitText[], worlds: readonly UnitWorld[]): Evaluator {
  const short = withoutCalls(texts);
  // Of a call a unit compares no arguments: each name is asked once.
  const calls = new Map<string, boolean>();
  const permitsName = (name: string): boolean => {
    const known = calls.get(name) ?? worlds.some((world) => unitPermitsCall(texts, world, name));
    calls.set(name, known);
    return known;
  };
  // Families are compared of `socket` alone, natively: other ABIs, and requests that the kernel carries out, pass by.
  const connects = (families: readonly string[]): boolean =>
    (makesSockets(short, families) && permitsName("socket")) ||
    entersOtherwise(texts) ||
    permitsName("io_uring_setup");
  const file = (access: "read" | "write" | "exec", path: string): boolean =>
    worlds.some((world) => unitPermitsFile(short, world, access, path));
  return (operation: Operation) => {
    switch (operation.kind) {
      case "file":
        return file(operation.access, operation.path);
      case "unix":
        return runsOutside(short) || (file("read", operation.path) && connects(["AF_UNIX"]));
      case "env":
        return unitPermitsVariable(short, operation.name);
      case "call": {
        if (runsOutside(short)) return true;
        if (isNative(operation.call)) return permitsName(operation.call.name ?? "");
        return entersOtherwise(texts);
      }
      case "peer":
        return permitsPlainly(short, operation) === true && connects(["AF_INET", "AF_INET6", "AF_PACKET"]);
      default:
        return permitsPlainly(short, operation);
    }
  };
}

/** Asks a unit with its drop-ins. Of a drop-in alone, with a unit that says nothing and with one that asks for much. */
export function unitEvaluator(texts: readonly UnitText[], emptyRoot: string, thorough: boolean): Evaluator {
  const worlds = worldsWith(emptyRoot);
  if (texts.some(({ path }) => path.endsWith(".service"))) return ofTexts(texts, worlds);
  // BindPaths= and BindReadOnlyPaths= are one list, which either empties (`config_parse_bind_paths`).
  const isEmptied = texts.some(({ text }) => /^Bind(?:ReadOnly)?Paths=$/m.test(text));
  const unit = isEmptied ? { ...demanding, text: demanding.text.replace(/^Bind.*\n/gm, "") } : demanding;
  const each = [texts, [unit, ...texts]].map((all) => ofTexts(all, worlds));
  return (operation) => {
    const answers = each.map((one) => one(operation));
    if (answers.includes(true)) return true;
    // Nobody knows what else stands in the unit: a no is none to a proof that takes it to hold anything.
    return thorough || answers.includes(undefined) ? undefined : false;
  };
}
