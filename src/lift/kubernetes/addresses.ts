/** Networks as manifests write them, as sets of peers. */
import { type Bdd, intersection, never, type Root } from "../../authority/bdd.ts";
import { type Peers, peersIn, possiblePeers } from "../../authority/network.ts";
import { fail, type Place } from "./nodes.ts";

/** A network of a `cidr`. @throws ManifestError */
function networkIn(text: string, at: Place): NonNullable<Peers["network"]> {
  const [, address = "", length = ""] = /^([0-9a-fA-F.:]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const family = address.includes(":") ? "ipv6" : "ipv4";
  const prefix = Number(length);
  if (address === "" || prefix > (family === "ipv6" ? 128 : 32)) fail(at, `\`${text}\` is no network`);
  return { family, address, prefix };
}

/** The peers of a `cidr`; one of IPv6 that means addresses of IPv4 is refused: plugins differ in it. @throws ManifestError */
export function blockOf(bdd: Bdd, peers: Peers, text: string, at: Place): Root {
  const network = networkIn(text, at);
  try {
    const root = peersIn(bdd, { ...peers, network });
    if (intersection(bdd, root, possiblePeers(bdd)) === never) fail(at, "write a network of IPv4 as one");
    return root;
  } catch (error) {
    if (error instanceof RangeError) fail(at, `\`${text}\` is no network`);
    throw error;
  }
}
