/** What a policy accepts of a target. */

import type { Accept, ServerIr } from "./ir.ts";
import type { AcceptItem } from "./ir-names.ts";

/** What a server accepts for a target, `all` included. */
export function acceptsFor(server: ServerIr, target: string): readonly Accept[] {
  return server.accepts.filter(({ targets }) => targets.includes("all") || targets.includes(target));
}

/** Whether a server accepts an item for a target. */
export function accepts(server: ServerIr, target: string, item: AcceptItem): boolean {
  return acceptsFor(server, target).some((one) => one.item === item);
}
