import { expect, test } from "vitest";
import { never } from "../../src/authority/bdd.ts";
import { createCallDiagram, named } from "../../src/authority/calls.ts";
import { createNetworkDiagram, leastPeer, type Peers, peersIn } from "../../src/authority/network.ts";

test.each<[Peers, string]>([
  [{ direction: "connect" }, "connect 0.0.0.0:0"],
  [
    {
      direction: "connect",
      network: { family: "ipv4", address: "10.1.2.0", prefix: 24 },
      ports: { from: 80, to: 90 },
    },
    "connect 10.1.2.0:80",
  ],
  [
    {
      direction: "listen",
      protocol: "udp",
      network: { family: "ipv6", address: "2001:db8:1:2:3:4:5:6", prefix: 128 },
      ports: { from: 53, to: 53 },
    },
    "listen [2001:db8:1:2:3:4:5:6]:53/udp",
  ],
])("the least of some peers is said with its address, its port and its protocol", (peers, text) => {
  const bdd = createNetworkDiagram();
  expect(leastPeer(bdd, peersIn(bdd, peers))).toBe(text);
});

test("nobody is reached where nobody is", () => {
  expect(leastPeer(createNetworkDiagram(), never)).toBe(undefined);
});

test("a system call that there is not is no call", () => {
  expect(named(createCallDiagram(), "no_such_call")).toBe(never);
});
