/** Whether the network policies of a set of manifests let one connection of a pod through, by going from rule to rule. */
import { anything, at, type Found, get, hasMore, isOn, items } from "./pod-texts.ts";

/** A connection that a pod makes, or that is made to it at a port. */
export interface PodPeer {
  readonly direction: "connect" | "listen";
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
}

/** The bits of an address as text, behind its family. */
function bitsOf(address: string): string {
  const bits = (n: number, width: number): string => n.toString(2).padStart(width, "0");
  if (!address.includes(":"))
    return `4${address
      .split(".")
      .map((part) => bits(Number(part), 8))
      .join("")}`;
  const [head = "", tail] = address.split("::");
  const groups = (half: string): readonly string[] => (half === "" ? [] : half.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const between = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  return `6${[...before, ...between, ...after].map((g) => bits(Number.parseInt(g, 16), 16)).join("")}`;
}

function isInBlock(address: string, cidr: unknown): boolean {
  const [network = "", prefix = ""] = String(cidr).split("/");
  return bitsOf(address).startsWith(bitsOf(network).slice(0, Number(prefix) + 1));
}

/** Whether a controller adds a label, with a value that nobody wrote. */
const isAdded = (key: string): boolean =>
  /^(?:pod-template-(?:hash|generation)|controller-(?:revision-hash|uid)|job-name)$/.test(key) ||
  /^batch\.kubernetes\.io\/(?:controller-uid|job-name|job-completion-index)$/.test(key) ||
  ["apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name"].includes(key);

/** Whether a pod's labels may be taken by a selector. */
function mayTake(selector: unknown, labels: unknown): boolean {
  const words = Object.entries((get(selector, "matchLabels") as Record<string, unknown> | undefined) ?? {});
  const of = (key: string): unknown => (isAdded(key) ? anything : get(labels, key));
  const matches = (value: unknown, values: readonly unknown[]): boolean =>
    value === anything || values.includes(value);
  return (
    words.every(([key, value]) => matches(of(key), [value])) &&
    items(get(selector, "matchExpressions")).every((one) => {
      const value = of(String(get(one, "key")));
      const values = items(get(one, "values"));
      const operator = get(one, "operator");
      if (operator === "In") return matches(value, values);
      if (operator === "NotIn") return value === anything || !values.includes(value);
      return value === anything || (value !== undefined) === (operator === "Exists");
    })
  );
}

/** Whether a selector surely takes it. */
function surelyTakes(selector: unknown, labels: unknown): boolean {
  const keys = [
    ...Object.keys((get(selector, "matchLabels") as object | undefined) ?? {}),
    ...items(get(selector, "matchExpressions")).map((one) => String(get(one, "key"))),
  ];
  return mayTake(selector, labels) && keys.every((key) => get(labels, key) !== anything && !isAdded(key));
}

function namesPeer(entry: unknown, peer: PodPeer): boolean {
  const block = get(entry, "ipBlock");
  // The addresses of pods are not known; where the pod is reached from is not asked.
  if (block === undefined || peer.direction === "listen") return true;
  const isExcepted = items(get(block, "except")).some((cidr) => isInBlock(peer.address, cidr));
  return isInBlock(peer.address, get(block, "cidr")) && !isExcepted;
}

function namesPort(entry: unknown, { protocol, port }: PodPeer): boolean {
  if (String(get(entry, "protocol") ?? "TCP").toLowerCase() !== protocol) return false;
  const first = get(entry, "port");
  if (typeof first !== "number") return true;
  const last = Number(get(entry, "endPort") ?? first);
  return port >= first && port <= last;
}

function ruleLets(rule: unknown, peer: PodPeer): boolean {
  const peers = items(get(rule, peer.direction === "connect" ? "to" : "from"));
  const ports = items(get(rule, "ports"));
  return (
    (peers.length === 0 || peers.some((one) => namesPeer(one, peer))) &&
    (ports.length === 0 || ports.some((one) => namesPort(one, peer)))
  );
}

function speaksOf(policy: unknown, direction: PodPeer["direction"]): boolean {
  const types = items(at(policy, "spec.policyTypes"));
  if (types.length > 0) return types.includes(direction === "connect" ? "Egress" : "Ingress");
  return direction === "listen" || items(at(policy, "spec.egress")).length > 0;
}

/** Whether the policies let a connection through. */
export function policiesLet(found: Found, peer: PodPeer): boolean {
  const { objects, object, metadata, spec, container } = found;
  const annotations = get(metadata, "annotations");
  if (isOn(get(spec, "hostNetwork"))) return true;
  const notes = Object.keys((annotations === anything ? {} : (annotations as object | undefined)) ?? {});
  if (notes.includes("k8s.v1.cni.cncf.io/networks") || notes.includes("v1.multus-cni.io/default-network"))
    return true;
  const ports = get(container, "ports");
  const isOpened = hasMore(ports) || items(ports).some((one) => get(one, "hostPort") === peer.port);
  if (peer.direction === "listen" && isOpened) return true;
  const labels = get(metadata, "labels");
  const namespace = at(object, "metadata.namespace");
  const policies = objects.filter(
    (one) => get(one, "kind") === "NetworkPolicy" && speaksOf(one, peer.direction),
  );
  const named = (one: unknown): unknown => at(one, "metadata.namespace");
  const near = policies.filter(
    (one) => named(one) === namespace || named(one) === undefined || namespace === undefined,
  );
  const sure = near.filter(
    (one) => named(one) === namespace && surelyTakes(at(one, "spec.podSelector"), labels),
  );
  if (sure.length === 0) return true;
  const key = peer.direction === "connect" ? "spec.egress" : "spec.ingress";
  return near
    .filter((one) => mayTake(at(one, "spec.podSelector"), labels))
    .some((one) => items(at(one, key)).some((rule) => ruleLets(rule, peer)));
}
