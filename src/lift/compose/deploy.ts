/**
 * `deploy` of a service: what of it holds without a swarm.
 *
 * Source: Compose deploy specification, `resources`; `getDeployResources` in pkg/compose/create.go of docker/compose: limits
 * count as those of the service itself, and of both, only one may be said, or they must be the same.
 */
import { ContainerError, type Draft, find } from "../container/settings.ts";
import { bytesOrNone, decimalOf, entriesOf, numberOf, tableOf, wholeOf } from "./read.ts";
import type { Entry, Table, Tree } from "./tree.ts";

/** Keys for whoever spreads containers over machines. */
const spreading: ReadonlySet<string> = new Set(
  "endpoint_mode labels mode placement replicas restart_policy rollback_config update_config".split(" "),
);

const isNothing = (tree: Tree): boolean => tree.kind === "scalar" && tree.value === null;

function inner(table: Table, key: string): Table | undefined {
  const tree = table.entries.get(key)?.tree;
  return tree && !isNothing(tree) ? tableOf(tree) : undefined;
}

type Bound = "memory" | "processes" | "cpu";

/** Sets a bound; 0 is as if it were never said. */
function bound(draft: Draft, key: Bound, value: number | undefined, { line }: Entry): void {
  if (value === undefined || value === 0) return;
  const own = draft[key] ?? 0;
  if (own !== 0 && own !== value)
    throw new ContainerError("compose refuses a limit below `deploy` that is not the service's own", line);
  draft[key] = value;
}

function limits(draft: Draft, table: Table): void {
  for (const [key, entry] of entriesOf(table, (k) => ["memory", "cpus", "pids"].includes(k))) {
    const { tree } = entry;
    if (isNothing(tree)) continue;
    if (key === "memory") bound(draft, "memory", numberOf(draft, tree, bytesOrNone, "limits"), entry);
    if (key === "pids") bound(draft, "processes", numberOf(draft, tree, wholeOf, "limits"), entry);
    if (key !== "cpus") continue;
    const cores = numberOf(draft, tree, decimalOf, "limits");
    bound(draft, "cpu", cores === undefined ? undefined : cores * 100, entry);
  }
}

const reserved: ReadonlySet<string> = new Set("cpus memory generic_resources devices".split(" "));

/** Reads `deploy`, after all that the service says itself. @throws ContainerError */
export function addDeploy(draft: Draft, tree: Tree): void {
  const table = tableOf(tree);
  entriesOf(table, (key) => key === "resources" || spreading.has(key));
  const resources = inner(table, "resources");
  if (!resources) return;
  entriesOf(resources, (key) => key === "limits" || key === "reservations");
  const most = inner(resources, "limits");
  if (most) limits(draft, most);
  const least = inner(resources, "reservations");
  for (const [key, { line }] of least ? entriesOf(least, (k) => reserved.has(k)) : [])
    if (key === "devices")
      find(draft, line, "what a reserved device gives is not read here", "files", "sockets");
}
