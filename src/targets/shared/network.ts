/** A network without a list of hosts, for targets that have nothing between none and all of it. */
import type { AcceptItem, ServerIr } from "../../policy/ir.ts";
import type { TargetContext } from "../target.ts";

/**
 * Whether the program could listen in a network that others reach: by a `net listen`, or by a system call alone.
 * `listen` without `bind` takes a free port (ip(7)), and a bound UDP socket receives.
 */
export function couldListen(server: ServerIr): boolean {
  const listens = new Set(["bind", "listen"]);
  return server.network.listen.length > 0 || server.systemCalls.allow.some(({ name }) => listens.has(name));
}

/** What must be accepted before a server may be given a network that leads anywhere. */
export function openNetworkItems(server: ServerIr): readonly AcceptItem[] {
  return couldListen(server) ? ["net.connect", "net.listen"] : ["net.connect"];
}

/** Whether the policy accepts a network that leads anywhere, with all that comes with it. */
export function acceptsOpenNetwork(server: ServerIr, context: TargetContext): boolean {
  return openNetworkItems(server).every(context.accepts);
}
