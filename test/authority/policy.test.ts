/** What a policy grants as sets: peers and files, each against what its words mean. */
import { describe, expect, test } from "vitest";
import {
  always,
  type Bdd,
  decide,
  intersection,
  never,
  type Root,
  without,
} from "../../src/authority/bdd.ts";
import { createCallDiagram, possibleCalls } from "../../src/authority/calls.ts";
import { argumentFields } from "../../src/authority/fields.ts";
import {
  createNetworkDiagram,
  leastPeer,
  type Peers,
  peersIn,
  policyNetwork,
  possiblePeers,
} from "../../src/authority/network.ts";
import { ruleMachine } from "../../src/authority/path-rules.ts";
import { everyRight, fileOutside, rights } from "../../src/authority/paths.ts";
import { policyFileRules, policyFiles } from "../../src/authority/policy.ts";
import type { Network, ServerIr } from "../../src/policy/ir.ts";

const nobody: Network = { loopback: false, any: false, connect: [], listen: [], origins: [] };
const at = (bdd: Bdd, peers: Peers): Root => peersIn(bdd, peers);
const v4 = (address: string): NonNullable<Peers["network"]> => ({ family: "ipv4", address, prefix: 32 });
const v6 = (address: string): NonNullable<Peers["network"]> => ({ family: "ipv6", address, prefix: 128 });

describe("peers of a policy", () => {
  const ports = { from: 80, to: 81 };
  const rows: readonly (readonly [string, Network, readonly Peers[], readonly Peers[]])[] = [
    ["nobody", nobody, [], [{ direction: "connect" }, { direction: "listen" }]],
    ["anybody", { ...nobody, any: true }, [{ direction: "connect" }], [{ direction: "listen" }]],
    [
      "a network's ports, of one protocol",
      {
        ...nobody,
        connect: [
          {
            host: { kind: "network", family: "ipv4", address: "10.0.0.0", prefix: 8 },
            ports,
            protocol: "tcp",
            origin: 0,
          },
        ],
      },
      [{ direction: "connect", protocol: "tcp", network: v4("10.255.0.1"), ports }],
      [
        { direction: "connect", protocol: "udp", network: v4("10.0.0.1"), ports },
        { direction: "connect", protocol: "tcp", network: v4("11.0.0.0"), ports },
        { direction: "connect", protocol: "tcp", network: v4("10.0.0.1"), ports: { from: 82, to: 82 } },
        { direction: "listen" },
      ],
    ],
    [
      "a name is no address",
      {
        ...nobody,
        connect: [{ host: { kind: "name", name: "a.example" }, ports, protocol: "tcp", origin: 0 }],
      } as Network,
      [],
      [{ direction: "connect" }, { direction: "listen" }],
    ],
    [
      "listening on one address",
      { ...nobody, listen: [{ family: "ipv4", address: "127.0.0.1", ports, protocol: "tcp", origin: 0 }] },
      [{ direction: "listen", protocol: "tcp", network: v4("127.0.0.1"), ports }],
      [
        { direction: "listen", protocol: "tcp", network: v4("127.0.0.2"), ports },
        { direction: "listen", protocol: "udp" },
        { direction: "connect" },
      ],
    ],
    ...(["0.0.0.0", "::"] as const).map(
      (address) =>
        [
          `listening on ${address} is on each address`,
          {
            ...nobody,
            listen: [
              { family: address === "::" ? "ipv6" : "ipv4", address, ports, protocol: "udp", origin: 0 },
            ],
          } as Network,
          [
            { direction: "listen", protocol: "udp", network: v4("10.0.0.1"), ports },
            { direction: "listen", protocol: "udp", network: v6("2001:db8::1"), ports },
          ] as readonly Peers[],
          [{ direction: "listen", protocol: "tcp" }] as readonly Peers[],
        ] as const,
    ),
  ];

  test.each(rows)("%s", (_, network, inside, outside) => {
    const bdd = createNetworkDiagram();
    const granted = policyNetwork(bdd, network);
    for (const peers of inside) expect(without(bdd, at(bdd, peers), granted)).toBe(never);
    for (const peers of outside) expect(intersection(bdd, at(bdd, peers), granted)).toBe(never);
  });
});

test("an address of IPv6 that means one of IPv4 is that one, and no others are", () => {
  const bdd = createNetworkDiagram();
  const all = possiblePeers(bdd);
  const isPossible = (network: NonNullable<Peers["network"]>): boolean =>
    intersection(bdd, all, at(bdd, { direction: "connect", network })) !== never;
  expect(isPossible(v6("::ffff:10.0.0.1"))).toBe(false);
  expect(isPossible(v6("::fffe:a00:1"))).toBe(true);
  expect(isPossible(v6("::1:ffff:a00:1"))).toBe(true);
  expect(isPossible(v6("8000::ffff:a00:1"))).toBe(true);
  expect(isPossible(v6("::1"))).toBe(true);
  expect(isPossible(v4("255.255.255.255"))).toBe(true);
  // Of the same network as four bytes nothing is left over.
  const mapped = at(bdd, {
    direction: "connect",
    network: { family: "ipv6", address: "::ffff:0:0", prefix: 96 },
  });
  expect(intersection(bdd, all, mapped)).toBe(never);
  expect(leastPeer(bdd, all)).toBe("connect 0.0.0.0:0");
});

test("a caller of i386 has words of 32 bits, the others all 64", () => {
  const bdd = createCallDiagram();
  for (const [entry, high] of [
    ["i386", false],
    ["x86_64", true],
    ["aarch64", true],
  ] as const) {
    const all = possibleCalls(bdd, [entry]);
    expect(all).not.toBe(never);
    // Whether a call may have the highest bit of a word.
    for (const field of argumentFields) {
      const set = intersection(bdd, all, decide(bdd, field.level, never, always));
      expect(set !== never, `${entry} ${field.level}`).toBe(high);
    }
  }
  expect(possibleCalls(bdd, [])).toBe(never);
});

describe("files of a policy", () => {
  const files: ServerIr["files"] = {
    grants: [
      { path: "/d", access: ["read", "write"], type: "directory", by: "clause", origin: 0 },
      { path: "/f", access: ["read"], type: "file", by: "clause", origin: 0 },
      { path: "/n", access: ["exec"], type: "absent", by: "clause", origin: 0 },
      { path: "/v", access: ["read"], type: "device", by: "clause", origin: 0 },
    ],
    denies: [
      { pattern: "/d/**/.env", access: "all", reason: "clause", matches: [], origin: 0 },
      { pattern: "/d/w", access: "write", reason: "clause", matches: [], origin: 0 },
    ],
    credentials: [{ pattern: "/d/.ssh", matches: [], origin: 0 }],
    sockets: [],
  };

  test("a file has nothing below; a directory has, and what may become one", () => {
    const alone = policyFileRules(files).flatMap(({ pattern, effect }) =>
      effect.kind === "grant" ? [[pattern, effect.alone]] : [],
    );
    expect(alone).toEqual([
      ["/d", false],
      ["/f", true],
      ["/n", false],
      ["/v", true],
    ]);
  });

  test.each<[string, number]>([
    ["/d", rights.read | rights.write],
    ["/d/x", rights.read | rights.write],
    ["/d/w", rights.read],
    ["/d/w/x", rights.read],
    ["/d/.env", 0],
    ["/d/a/.env/x", 0],
    ["/d/.ssh", 0],
    ["/d/.ssh/id", 0],
    ["/f", rights.read],
    ["/f/x", 0],
    ["/n/x", rights.exec],
    ["/", 0],
    ["/e", 0],
  ])("%s", (path, expected) => {
    const machine = policyFiles(files);
    const names = path.split("/").filter((name) => name !== "");
    expect(machine.rightsAt(names.reduce((state, name) => machine.step(state, name), machine.start))).toBe(
      expected,
    );
  });

  test("nothing of it is outside of it, and all of it is outside of nothing", () => {
    const machine = policyFiles(files);
    expect(fileOutside(machine, policyFiles(files))).toBe(undefined);
    expect(fileOutside(machine, ruleMachine([]))).toEqual({ path: "/d", right: "read" });
    const everything = ruleMachine([{ pattern: "/", effect: { kind: "grant", rights: everyRight } }]);
    expect(fileOutside(machine, everything)).toBe(undefined);
  });
});
