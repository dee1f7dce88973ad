/**
 * What of the network a unit reaches.
 *
 * Source: systemd.exec(5), PrivateNetwork=, NetworkNamespacePath=; systemd.resource-control(5), IPAddressAllow=;
 * systemd.unit(5), JoinsNamespaceOf=.
 */
import { type Bdd, intersection, never, type Root, union, without } from "../../authority/bdd.ts";
import { createCallDiagram } from "../../authority/calls.ts";
import { createNetworkDiagram, type Peers, peersIn, possiblePeers } from "../../authority/network.ts";
import { leading, local } from "../sockets.ts";
import { unitListens, unitMakes } from "./filters.ts";
import { flag, type Settings } from "./settings.ts";
import { wordsOf } from "./words.ts";

const byName: Readonly<Record<string, readonly string[]>> = {
  any: ["0.0.0.0/0", "::/0"],
  localhost: ["127.0.0.0/8", "::1/128"],
  "link-local": ["169.254.0.0/16", "fe80::/64"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
};

function networkIn(text: string): Peers["network"] | undefined {
  const [, address = "", prefix] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = address.includes(":") ? "ipv6" : "ipv4";
  const width = family === "ipv6" ? 128 : 32;
  const length = prefix === undefined ? width : Number(prefix);
  return address === "" || length > width ? undefined : { family, address, prefix: length };
}

/** The addresses of a list, as peers to connect to. */
function addresses(bdd: Bdd, settings: Settings, key: string): Root {
  let root: Root = never;
  for (const at of settings.list(key))
    for (const word of wordsOf(at.value).words)
      for (const text of byName[word] ?? [word]) {
        const network = networkIn(text);
        try {
          if (network) root = union(bdd, root, peersIn(bdd, { direction: "connect", network }));
          else settings.find(at, `systemd ignores \`${word}\`, which is no address`);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          settings.find(at, `systemd ignores \`${word}\`, which is no address`);
        }
      }
  return root;
}

/** What the packet filter lets through: what is allowed, and what is not denied. */
function byAddress(bdd: Bdd, settings: Settings): Root {
  const connect = intersection(bdd, possiblePeers(bdd), peersIn(bdd, { direction: "connect" }));
  const open = without(bdd, connect, addresses(bdd, settings, "IPAddressDeny"));
  const reached = union(bdd, open, intersection(bdd, connect, addresses(bdd, settings, "IPAddressAllow")));
  // The filter looks at peers: who listens is reached by those that it lets through.
  return reached === never ? never : union(bdd, reached, peersIn(bdd, { direction: "listen" }));
}

const hasOwnNetwork = (settings: Settings): boolean =>
  flag(settings, "PrivateNetwork") === true &&
  settings.last("NetworkNamespacePath") === undefined &&
  !settings.isOpen("NetworkNamespacePath") &&
  settings.list("JoinsNamespaceOf", "Unit").length === 0;

/** Whether abstract sockets of others are in reach: they belong to the network, and not to the file system (unix(7)). */
export function reachesAbstractSockets(settings: Settings): boolean {
  return !hasOwnNetwork(settings) && unitMakes(createCallDiagram(), settings, local);
}

/** The network of a unit; undefined where nothing stands between it and the host's. */
export function networkOf(settings: Settings, filtersPackets: boolean): ((bdd: Bdd) => Root) | undefined {
  // What these lists pass over is found, whether they are obeyed or not.
  byAddress(createNetworkDiagram(), settings);
  const calls = createCallDiagram();
  if (hasOwnNetwork(settings) || !unitMakes(calls, settings, leading)) return () => never;
  const isListed = settings.list("IPAddressDeny").length > 0 && !settings.isOpenList("IPAddressAllow");
  if (filtersPackets && isListed) return (bdd) => byAddress(bdd, settings);
  // In the host's network, and never on one of its addresses.
  return unitListens(calls, settings)
    ? undefined
    : (bdd) => intersection(bdd, possiblePeers(bdd), peersIn(bdd, { direction: "connect" }));
}
