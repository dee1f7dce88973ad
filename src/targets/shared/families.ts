import type { ServerIr } from "../../policy/ir.ts";

/** The address families of IP that a policy grants; netlink with them, by which the C library learns its addresses. */
export function inetFamilies(server: ServerIr): readonly string[] {
  const { any, loopback, connect, listen } = server.network;
  if (!any && !loopback && connect.length === 0 && listen.length === 0) return [];
  const netlink = server.systemCalls.allow.some(
    (grant) =>
      grant.name === "socket" &&
      grant.when?.some((c) => c.some((x) => x.argument === 0 && x.values.includes("16"))),
  );
  return ["AF_INET", "AF_INET6", ...(netlink ? ["AF_NETLINK"] : [])];
}
