/** The deputies that an artifact lets the server reach, and those that its policy does. */
import type { Authority } from "../authority/authority.ts";
import { always, type Bdd, BudgetExceeded, intersection, never, type Root } from "../authority/bdd.ts";
import { type CallTable, callsIn } from "../authority/call-table.ts";
import { argumentField, describeCall, leastCall } from "../authority/calls.ts";
import {
  type CallDeputy,
  callDeputies,
  type DeputyCall,
  serviceDeputies,
  socketDeputies,
} from "../authority/deputies.ts";
import { ruleMachine } from "../authority/path-rules.ts";
import { everyRight, fileOutside, type PathMachine } from "../authority/paths.ts";
import { lowBits, masked } from "../authority/words.ts";
import { addDoors, doorsOf } from "../lift/doors.ts";
import { type Allowed, allowedSockets } from "./allowed.ts";
import { mayCall, permittedCalls, remembered, type Workspace } from "./decide.ts";
import type { Slice } from "./witness.ts";

/** A deputy that can be reached. */
export interface ReachedDeputy {
  readonly name: string;
  readonly slice: Slice;
  /** An operation that reaches it. */
  readonly operation: string;
  /** What comes with it. */
  readonly authority: string;
}

/** What of an authority, or of a policy, leads to deputies. */
interface Ways {
  readonly sockets: PathMachine | undefined;
  readonly calls: Root | undefined;
  readonly reachesProcesses: boolean;
  readonly services: readonly string[];
}

/** Every path but those of some patterns, and what lies below them. */
function allBut(patterns: readonly string[]): PathMachine {
  return ruleMachine([
    { pattern: "/", effect: { kind: "grant", rights: everyRight } },
    ...patterns.map((pattern) => ({ pattern, effect: { kind: "deny", rights: everyRight } }) as const),
  ]);
}

function throughSockets({ sockets }: Ways): readonly ReachedDeputy[] {
  // Most artifacts reach none: one question answers for all.
  if (!sockets || !fileOutside(sockets, allBut(socketDeputies.flatMap(({ patterns }) => patterns))))
    return [];
  return socketDeputies.flatMap(({ name, patterns, authority }) => {
    const found = fileOutside(sockets, allBut(patterns));
    return found ? [{ name, slice: "sockets", operation: `unix ${found.path}`, authority }] : [];
  });
}

function argsOf(bdd: Bdd, { argument }: DeputyCall): Root {
  if (!argument) return always;
  return masked(bdd, lowBits(argumentField(argument.index), 32), argument.mask, argument.value);
}

/** All calls of a deputy, by every way into the kernel. */
function callsOf(bdd: Bdd, { calls }: CallDeputy): Root {
  const table: CallTable = new Map();
  for (const call of calls) addDoors(bdd, table, doorsOf(call.name), argsOf(bdd, call));
  return callsIn(bdd, table);
}

function throughCalls({ calls: root, reachesProcesses }: Ways, space: Workspace): readonly ReachedDeputy[] {
  if (root === undefined) return [];
  const { calls: bdd, roots } = space;
  return callDeputies.flatMap((deputy) => {
    const { name, authority, throughProcesses } = deputy;
    if (throughProcesses === true && !reachesProcesses) return [];
    const all = remembered(roots, `deputy ${name}`, () => callsOf(bdd, deputy));
    const found = intersection(bdd, root, all);
    const call = found === never ? undefined : leastCall(bdd, found);
    return call ? [{ name, slice: "syscalls", operation: describeCall(call), authority }] : [];
  });
}

function throughServices({ services }: Ways): readonly ReachedDeputy[] {
  return serviceDeputies.flatMap(({ operation, name, because }) => {
    const own = name && `${operation} ${name.space} ${JSON.stringify(name.text)}`;
    const found = services.find((one) => one === operation || one === own);
    return found === undefined
      ? []
      : [{ name: name?.text ?? operation, slice: "services", operation: found, authority: because }];
  });
}

function reached(ways: Ways, space: Workspace): readonly ReachedDeputy[] {
  return [...throughSockets(ways), ...throughCalls(ways, space), ...throughServices(ways)];
}

const isClosed = ({ processes }: Authority): boolean => processes !== undefined && processes.size === 0;

/** The deputies that an artifact leads to, in the slices that it holds. @throws BudgetExceeded */
export function deputiesOf(
  authority: Authority,
  scope: readonly Slice[],
  space: Workspace,
): readonly ReachedDeputy[] {
  const holds = (slice: Slice): boolean => scope.includes(slice);
  return reached(
    {
      sockets: holds("sockets") ? authority.sockets : undefined,
      calls: holds("syscalls") ? permittedCalls(authority, space) : undefined,
      reachesProcesses: !holds("processes") || !isClosed(authority),
      services: authority.services ?? [],
    },
    space,
  );
}

/** The deputies that a policy, with what it accepts and the runtime's floor, leads to. @throws BudgetExceeded */
function allowedDeputies(
  allowed: Allowed,
  scope: readonly Slice[],
  space: Workspace,
): readonly ReachedDeputy[] {
  return reached(
    {
      sockets: allowedSockets(allowed),
      calls: mayCall(allowed, space, "firm"),
      // What is not held here is a companion's to hold.
      reachesProcesses: allowed.accepts("processes.other") || !scope.includes("processes"),
      services: allowed.floor.services,
    },
    space,
  );
}

/** A deputy that an artifact leads to, and whether the policy does. */
export type JudgedDeputy = ReachedDeputy & {
  readonly granted: boolean;
  /** Whether there is no answer, and this stands for whatever there may be. */
  readonly undecided?: true;
};

/** The deputies that an artifact leads to; what is too large to decide counts as one that nobody granted. */
export function judgedDeputies(
  authority: Authority,
  scope: readonly Slice[],
  allowed: Allowed,
  space: Workspace,
): readonly JudgedDeputy[] {
  try {
    const found = deputiesOf(authority, scope, space);
    if (found.length === 0) return [];
    const known = new Set(allowedDeputies(allowed, scope, space).map(({ name }) => name));
    return found.map((one) => ({ ...one, granted: known.has(one.name) }));
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const what = `what is too large to decide (${error.message})`;
    return [
      {
        name: "unknown",
        slice: "sockets",
        operation: "something",
        authority: what,
        granted: false,
        undecided: true,
      },
    ];
  }
}
