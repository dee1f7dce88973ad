/** `net` and `unix`, from clauses to the IR. */
import { meaningErrors as e } from "../diagnostics/catalogue/meaning.ts";
import type { NetClause } from "../syntax/ast.ts";
import { type LowerContext, originOf, type Sourced } from "./context.ts";
import type { Endpoint, ListenEndpoint, Network } from "./ir.ts";
import { sortUnique } from "./sort.ts";

/** Unites the `net` clauses of a server. */
export function expandNetwork(context: LowerContext, clauses: readonly Sourced<NetClause>[]): Network {
  const none = clauses.find(({ clause }) => clause.verb === "none");
  const other = clauses.find(({ clause }) => clause.verb !== "none");
  if (none && other) {
    const related = [{ span: other.clause.span, text: "the other one" }];
    context.report(e.netNoneNotAlone.report({}, { at: none.clause.span, related }));
  }
  const connect: Endpoint[] = [];
  const listen: ListenEndpoint[] = [];
  for (const sourced of clauses) {
    const origin = originOf(context, sourced);
    for (const { host, ports, protocol } of sourced.clause.endpoints) {
      if (sourced.clause.verb === "connect") connect.push({ host, ports, protocol, origin });
      else if (host.kind === "network") {
        listen.push({ family: host.family, address: host.address, ports, protocol, origin });
      }
    }
  }
  const has = (verb: NetClause["verb"]): boolean => clauses.some(({ clause }) => clause.verb === verb);
  return {
    loopback: has("loopback"),
    any: has("any"),
    connect: sortUnique(connect, ({ origin: _, ...rest }) => JSON.stringify(rest)),
    listen: sortUnique(listen, ({ origin: _, ...rest }) => JSON.stringify(rest)),
    origins: sortUnique(
      clauses.map((sourced) => originOf(context, sourced)),
      String,
    ),
  };
}

/** Whether anything of IP is granted. */
export function grantsInet(network: Network): boolean {
  return network.any || network.loopback || network.connect.length > 0 || network.listen.length > 0;
}

/** Whether names of hosts must be looked up. */
export function needsNames(network: Network): boolean {
  return network.any || network.connect.some(({ host }) => host.kind !== "network");
}
