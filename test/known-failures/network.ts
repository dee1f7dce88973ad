/** The network, and what leads to other processes of the machine. */
import { composeWithSockets, egress, pod, sandbox, unit } from "./artifacts.ts";
import type { Row } from "./row.ts";

const private10 = "net connect 10.0.0.0/8:443;";
const spec = "spec:\n  automount";

/** A unit to which no process outside is in reach, but by the network. */
const alone =
  "DynamicUser=yes\nNoNewPrivileges=yes\nCapabilityBoundingSet=\nPrivateIPC=yes\nPrivatePIDs=yes\nProtectProc=invisible";

export const networkRows: readonly Row[] = [
  {
    row: 58,
    reported: ["Claude Code 2026"],
    what: "a byte 0 in a host's name was read in two ways",
    decided: {
      kind: "output",
      of: ["docker", "kubernetes", "sb", "seccomp", "systemd"],
      refused: 'net connect "evil.example\0.example.org":443; accept all: net.connect;',
      says: /./,
      compiled: "net connect api.example.org:443; accept all: net.connect;",
    },
  },
  {
    row: 59,
    reported: ["claude-code#87381"],
    what: "what a proxy was asked to relay was not judged as what it was asked for",
    decided: { kind: "not-claimed", because: "there is no proxy for outgoing connections yet" },
  },
  {
    row: 60,
    reported: ["sandbox-runtime#274"],
    what: "a granted host was granted with all of its ports",
    decided: {
      kind: "fixture",
      policy: private10,
      artifact: egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"),
      repaired: egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443, protocol: TCP}]}"),
      expect: { beyond: "network", witness: /^connect 10\.0\.0\.0:0/ },
    },
  },
  {
    row: 61,
    reported: ["agent-sdk#309", "claude-code#78608", "adk-rust#294"],
    what: "a list of hosts was taken, and held by nothing",
    decided: {
      kind: "output",
      of: ["docker"],
      policies: ["net connect api.example.org:443;", "net connect 10.0.0.0/8:443, *.example.org:443;"],
      file: /compose\.yaml$/,
      // Nothing in docker tells hosts apart: so there is no network at all.
      check: (text) => (/"network_mode": "none"/.test(text) ? undefined : "a network that no list holds"),
      spoilt: (text) => text.replace('"network_mode": "none"', '"network_mode": "bridge"'),
    },
  },
  {
    row: 62,
    reported: ["CVE-2025-66479"],
    what: "an empty list of what is allowed allowed everything",
    decided: {
      kind: "fixture",
      artifact: egress("{to: []}"),
      repaired: pod(),
      expect: { beyond: "network", witness: /^connect 0\.0\.0\.0:0/ },
    },
  },
  {
    row: 63,
    reported: ["cplt#241", "nono#756", "ai-jail#16"],
    what: "TCP was held, and UDP was not",
    decided: {
      kind: "fixture",
      policy: "net connect 0.0.0.0/0:443, [::/0]:443;",
      artifact: sandbox('(allow network-outbound (remote ip "*:443"))'),
      repaired: sandbox('(allow network-outbound (remote tcp "*:443"))'),
      expect: { beyond: "network", witness: /\/udp$/ },
    },
  },
  {
    row: 64,
    reported: ["CVE-2024-29018", "moby#47538", "moby#47333"],
    what: "names were resolved for a network without a way out",
    decided: {
      kind: "fixture",
      artifact: composeWithSockets(
        { network_mode: undefined, networks: "[back]" },
        "networks: {back: {internal: true}}\n",
      ),
      repaired: composeWithSockets({}),
      expect: { beyond: "network", witness: /./ },
    },
  },
  {
    row: 65,
    reported: ["CVE-2020-15257", "moby#14767"],
    what: "with the host's network came all abstract sockets of the host",
    decided: {
      kind: "fixture",
      policy: "net any;",
      artifact: composeWithSockets({ network_mode: '"host"' }),
      repaired: composeWithSockets({}),
      expect: { finding: /abstract sockets/ },
    },
  },
  {
    row: 66,
    reported: ["cowrie#40329", "netcanon#383", "poe-code#619"],
    what: "an address of IPv4 passed in the clothes of one of IPv6",
    decided: {
      kind: "fixture",
      policy: "net connect 10.0.0.0/8:443;",
      artifact: egress('{to: [{ipBlock: {cidr: "::ffff:0:0/96"}}], ports: [{port: 443, protocol: TCP}]}'),
      repaired: egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443, protocol: TCP}]}"),
      expect: { refused: /write a network of IPv4 as one/ },
    },
  },
  {
    row: 67,
    reported: ["curie#207"],
    what: "all addresses in two halves went past the test for all addresses",
    decided: {
      kind: "fixture",
      policy: private10,
      artifact: egress("{to: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}"),
      repaired: egress("{to: [{ipBlock: {cidr: 10.0.0.0/9}}], ports: [{port: 443, protocol: TCP}]}"),
      expect: { beyond: "network", witness: /^connect 0\.0\.0\.0:0/ },
    },
  },
  {
    row: 68,
    reported: ["flannel#2183", "opencrane#180"],
    what: "a network policy was enforced by nothing",
    decided: {
      kind: "held",
      by: "test/lift/kubernetes-wrong.test.ts",
      test: "a plugin that enforces nothing",
    },
  },
  {
    row: 69,
    reported: ["systemd#38588", "systemd#9513", "systemd#7188"],
    what: "systemd went on without the addresses' filter that it was asked for",
    decided: {
      kind: "fixture",
      artifact: unit("IPAddressDeny=any"),
      repaired: unit("PrivateNetwork=yes\nRestrictAddressFamilies=none\nSystemCallArchitectures=native"),
      expect: { beyond: "network", witness: /^every connection$/ },
    },
  },
  {
    row: 70,
    reported: ["landrun#59"],
    what: "to allow connections out allowed listening too",
    decided: {
      kind: "fixture",
      policy: "net any;",
      artifact: sandbox(
        '(allow network-outbound (remote ip "*:*"))(allow network-bind (local ip "*:*"))(allow network-inbound (local ip "*:*"))',
      ),
      repaired: sandbox('(allow network-outbound (remote ip "*:*"))'),
      expect: { beyond: "network", witness: /^listen / },
    },
  },
  {
    row: 71,
    reported: ["model-runner#715", "sandbox-runtime#83"],
    what: "a service was in reach that starts programs outside",
    decided: {
      kind: "fixture",
      artifact: sandbox('(allow mach-lookup (global-name "com.apple.coreservices.launchservicesd"))'),
      repaired: sandbox('(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))'),
      expect: [
        { deputy: "com.apple.coreservices.launchservicesd" },
        { beyond: "services", witness: /launchservicesd/ },
      ],
    },
  },
  {
    row: 72,
    reported: ["mxc#749"],
    what: "outgoing connections without a filter led to sockets of the file system too",
    decided: {
      kind: "fixture",
      policy: "net any;",
      artifact: sandbox("(allow network-outbound)"),
      repaired: sandbox('(allow network-outbound (remote ip "*:*"))'),
      expect: { beyond: "sockets", witness: /^unix \// },
    },
  },
  {
    row: 73,
    reported: ["CVE-2024-27297", "CVE-2025-46416"],
    what: "open files went out through an abstract socket, and outlived the sandbox",
    decided: {
      kind: "fixture",
      policy: "net any; unix /run/app/app.sock;",
      artifact: { ...unit(alone), environment: { systemd: { major: 257, minor: 0 } } },
      repaired: {
        ...unit(`${alone}\nPrivateNetwork=yes`),
        environment: { systemd: { major: 257, minor: 0 } },
      },
      expect: { beyond: "processes", witness: /ipc/ },
    },
  },
  {
    row: 74,
    reported: ["Kubernetes documentation"],
    what: "namespaces were shared with the host, or with neighbours",
    decided: {
      kind: "fixture",
      artifact: pod(spec, "spec:\n  hostPID: true\n  hostIPC: true\n  hostNetwork: true\n  automount"),
      repaired: pod(),
      expect: [
        { beyond: "processes", witness: /./ },
        { beyond: "network", witness: /^every connection$/ },
      ],
    },
  },
];
