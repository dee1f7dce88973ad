/**
 * The network of a pod: what the network policies that take it let through, all of them together. A direction in which none
 * takes it is open.
 *
 * Source: Kubernetes' documentation, "Network Policies"; API reference, NetworkPolicySpec; pkg/apis/networking/v1/defaults.go
 * for `policyTypes`, and pkg/apis/networking/validation for what is refused.
 */
import { type Bdd, never, type Root, union, without } from "../../authority/bdd.ts";
import { createNetworkDiagram, type Peers, peersIn } from "../../authority/network.ts";
import { blockOf } from "./addresses.ts";
import { hasMoreNetworks } from "./annotations.ts";
import {
  fail,
  fieldOf,
  isGiven,
  knownField,
  knownText,
  listAt,
  mapAt,
  mapsAt,
  mapWithout,
  open,
  placeOf,
  textOf,
  textsAt,
  wholeAt,
  type YamlMap,
} from "./nodes.ts";
import { mayBe, type PodReading } from "./reading.ts";
import { type Answer, both, selects } from "./selectors.ts";

type Direction = Peers["direction"];
type Ports = Pick<Peers, "protocol" | "ports">;

/** Whether a policy takes a pod. One without a namespace is in that of whoever applies it. */
function takes(reading: PodReading, policy: YamlMap): Answer {
  const own = knownText(mapAt(policy, "metadata"), "namespace");
  const { namespace } = reading;
  const isSame: Answer =
    own === namespace ? "yes" : own === undefined || typeof namespace !== "string" ? "maybe" : "no";
  return both([
    isSame,
    selects(mapAt(mapAt(policy, "spec"), "podSelector"), mapAt(reading.metadata, "labels")),
  ]);
}

/** The directions that a policy speaks of. Without `policyTypes` an empty `egress` does not count. */
function directions(reading: PodReading, policy: YamlMap): readonly Direction[] {
  const spec = mapAt(policy, "spec");
  const types = textsAt(spec, "policyTypes");
  const hasEgress = listAt(spec, "egress").items.length > 0;
  for (const type of types)
    if (type !== "Ingress" && type !== "Egress") fail(placeOf(spec, "policyTypes"), `\`${type}\` is no type`);
  if (types.length === 0) {
    if (isGiven(spec, "egress") && !hasEgress)
      reading.find(placeOf(spec, "egress"), "without `policyTypes` an empty `egress` denies nothing");
    return hasEgress ? ["listen", "connect"] : ["listen"];
  }
  if (!types.includes("Egress") && hasEgress)
    reading.find(placeOf(spec, "egress"), "`egress` has no effect: `policyTypes` does not name it");
  return [
    ...(types.includes("Ingress") ? (["listen"] as const) : []),
    ...(types.includes("Egress") ? (["connect"] as const) : []),
  ];
}

function protocolOf(port: YamlMap): "tcp" | "udp" | "sctp" {
  const name = knownText(port, "protocol") ?? "TCP";
  return name === "TCP"
    ? "tcp"
    : name === "UDP"
      ? "udp"
      : name === "SCTP"
        ? "sctp"
        : fail(port, `\`${name}\` is no protocol`);
}

/** A named port is known by the pods that are reached only. */
function rangeOf(port: YamlMap): Ports["ports"] {
  const node = knownField(port, "port");
  const isNumber = node?.kind === "scalar" && typeof node.value === "number";
  const end = wholeAt(port, "endPort", 1, 65_535);
  if (!isNumber) {
    if (end !== undefined) return fail(port, "`endPort` needs a `port` that is a number");
    if (node && !/^(?=.*[a-z])[a-z0-9-]{1,15}$/.test(textOf(node, "port")))
      return fail(node, "this is no port");
    return undefined;
  }
  const from = wholeAt(port, "port", 1, 65_535);
  if (typeof from !== "number") return undefined;
  if (typeof end !== "number") return { from, to: from };
  return end < from ? fail(port, "`endPort` is below `port`") : { from, to: end };
}

/** The ports of a rule; those of SCTP are no part of the diagram. */
function portsOf(reading: PodReading, rule: YamlMap): readonly Ports[] {
  const list = mapsAt(rule, "ports");
  if (list.length === 0) return [{}];
  return list.flatMap((port): readonly Ports[] => {
    const protocol = protocolOf(port);
    const ports = rangeOf(port);
    if (protocol !== "sctp") return [{ protocol, ...(ports && { ports }) }];
    reading.find(port, "SCTP is let through");
    return [];
  });
}

/** A block, less what it excepts, which must be a part of it. */
function blockPeers(bdd: Bdd, peers: Peers, block: YamlMap): Root {
  const cidr = knownText(block, "cidr");
  if (cidr === undefined) return fail(block, "`cidr` is missing");
  const whole = blockOf(bdd, peers, cidr, placeOf(block, "cidr"));
  return textsAt(block, "except").reduce((root, text) => {
    const at = placeOf(block, "except");
    const part = blockOf(bdd, peers, text, at);
    if (part === whole || without(bdd, part, whole) !== never)
      fail(at, `\`${text}\` is no part of \`${cidr}\``);
    return without(bdd, root, part);
  }, whole);
}

/** Who is let through by one peer of a rule: pods have addresses that are not known. */
function peerRoot(bdd: Bdd, peers: Peers, peer: YamlMap): Root {
  const isBlock = isGiven(peer, "ipBlock");
  const selectors = ["podSelector", "namespaceSelector"].filter((key) => isGiven(peer, key));
  if (isBlock === selectors.length > 0) return fail(peer, "a peer is either an `ipBlock` or a selector");
  for (const key of selectors) selects(mapAt(peer, key), mapWithout(peer, true));
  const block = isBlock ? blockPeers(bdd, peers, mapAt(peer, "ipBlock")) : undefined;
  // From where it is reached does not matter: it is reached.
  return block === undefined || peers.direction === "listen" ? peersIn(bdd, peers) : block;
}

function ruleRoot(reading: PodReading, bdd: Bdd, direction: Direction, rule: YamlMap): Root {
  const list = mapsAt(rule, direction === "connect" ? "to" : "from");
  let root: Root = never;
  for (const ports of portsOf(reading, rule)) {
    const peers: Peers = { direction, ...ports };
    if (list.length === 0) root = union(bdd, root, peersIn(bdd, peers));
    for (const peer of list) root = union(bdd, root, peerRoot(bdd, peers, peer));
  }
  return root;
}

/** Ports of the node that lead into the container. */
function hostPorts(reading: PodReading, bdd: Bdd): Root {
  const isOpen = listAt(reading.container, "ports").open;
  let root: Root = isOpen ? peersIn(bdd, { direction: "listen" }) : never;
  for (const port of mapsAt(reading.container, "ports")) {
    const at = fieldOf(port, "hostPort");
    if (at === undefined || at === open) continue;
    const number = wholeAt(port, "hostPort", 0, 65_535);
    if (typeof number !== "number" || number === 0) continue;
    reading.find(at, "`hostPort`: a port of the node leads into the container");
    root = union(bdd, root, peersIn(bdd, { direction: "listen", ports: { from: number, to: number } }));
  }
  return root;
}

/** What is let through in one direction: what is surely held, and by all that may take the pod. */
function inDirection(reading: PodReading, bdd: Bdd, direction: Direction): Root {
  const answered = reading.networkPolicies.map((policy) => ({ policy, answer: takes(reading, policy) }));
  const speaking = answered.filter(
    ({ policy, answer }) => answer !== "no" && directions(reading, policy).includes(direction),
  );
  if (!speaking.some(({ answer }) => answer === "yes")) return peersIn(bdd, { direction });
  const key = direction === "connect" ? "egress" : "ingress";
  return speaking
    .flatMap(({ policy }) => mapsAt(mapAt(policy, "spec"), key))
    .reduce((root, rule) => union(bdd, root, ruleRoot(reading, bdd, direction, rule)), never);
}

/** The network of a pod; undefined where nothing stands between it and the host's. @throws ManifestError */
export function podNetwork(reading: PodReading): ((bdd: Bdd) => Root) | undefined {
  const { spec, networkPolicies, environment } = reading;
  // What these lists hold is found and refused, whether they are obeyed or not.
  const root = (bdd: Bdd): Root =>
    union(
      bdd,
      hostPorts(reading, bdd),
      union(bdd, inDirection(reading, bdd, "connect"), inDirection(reading, bdd, "listen")),
    );
  root(createNetworkDiagram());
  if (mayBe(spec, "hostNetwork")) {
    reading.find(placeOf(spec, "hostNetwork"), "the network is the host's: network policies do not hold it");
    return undefined;
  }
  if (hasMoreNetworks(reading)) return undefined;
  if (environment.enforcesPolicies === false) {
    for (const policy of networkPolicies)
      reading.find(policy, "the network plugin of this cluster enforces no network policy");
    return undefined;
  }
  reading.assume("the network plugin enforces network policies, and no other one takes the pod");
  reading.assume("the node may be reached, and reaches the pod, whatever network policies say");
  return root;
}
