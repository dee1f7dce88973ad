/** Units, the environment, and what starts a sandbox. */
import { calling, dockerRun, pod, sandbox, unit } from "./artifacts.ts";
import type { Row } from "./row.ts";

/** The client's proxies come along unless they are blanked. */
const blank = ["HTTP", "HTTPS", "FTP", "NO", "ALL"]
  .flatMap((name) => [`-e ${name}_PROXY=`, `-e ${name.toLowerCase()}_proxy=`])
  .join(" ");

export const unitRows: readonly Row[] = [
  {
    row: 75,
    reported: ["systemd#23199", "389ds#5019"],
    what: "a setting with a typo was passed over",
    decided: {
      kind: "fixture",
      artifact: unit("DynamicUser=yes\nCapabilityBoundingSett=\nNoNewPrivilege=yes"),
      repaired: unit("DynamicUser=yes\nCapabilityBoundingSet=\nNoNewPrivileges=yes"),
      expect: { finding: /systemd ignores `(?:NoNewPrivilege|CapabilityBoundingSett)=`/ },
    },
  },
  {
    row: 76,
    reported: ["Metropolis-nexus/Fedora-CoreOS-Ignition#2", "coreos/fedora-coreos-config#497"],
    what: "a setting in the wrong section was passed over",
    decided: {
      kind: "fixture",
      artifact: unit("[Unit]\nPrivateNetwork=yes\n[Service]\nExecStart=/usr/bin/s\n"),
      repaired: unit("PrivateNetwork=yes"),
      expect: [
        { finding: /in \[Unit\]: it belongs to \[Service\]/ },
        { beyond: "network", witness: /^every connection$/ },
      ],
    },
  },
  {
    row: 77,
    reported: ["systemd#25014", "syncthing#5788"],
    what: "a user's manager made no mounts, and went on",
    decided: { kind: "held", by: "test/lift/unit-wrong.test.ts", test: "a user's manager can't make mounts" },
  },
  {
    row: 78,
    reported: ["systemd#5225", "systemd#5277", "systemd#17559"],
    what: "a list of families held on some ways into the kernel, and on others not",
    decided: {
      kind: "fixture",
      artifact: unit("RestrictAddressFamilies=AF_UNIX\nSystemCallFilter=~io_uring_setup"),
      repaired: unit(
        "RestrictAddressFamilies=AF_UNIX\nSystemCallFilter=~io_uring_setup\nSystemCallArchitectures=native",
      ),
      expect: { beyond: "network", witness: /^every connection$/ },
    },
  },
  {
    row: 79,
    reported: ["systemd documentation"],
    what: "an empty value took a list back, and a sign before a command let it run outside",
    decided: {
      kind: "fixture",
      artifact: unit(
        "RestrictAddressFamilies=none\nRestrictAddressFamilies=\nPrivateNetwork=yes\nExecStartPre=+/usr/bin/x",
      ),
      repaired: unit("PrivateNetwork=yes\nExecStartPre=/usr/bin/x"),
      expect: [{ finding: /runs with all privileges/ }, { beyond: "network", witness: /^every connection$/ }],
    },
  },
  {
    row: 80,
    reported: ["systemd documentation"],
    what: "what is dropped into a unit undid it",
    decided: {
      kind: "fixture",
      artifact: unit("PrivateNetwork=yes", {
        "s.service.d/90-late.conf": "[Service]\nPrivateNetwork=no\n",
      }),
      repaired: unit("PrivateNetwork=yes", { "s.service.d/90-late.conf": "[Service]\nNice=5\n" }),
      expect: { beyond: "network", witness: /^every connection$/ },
    },
  },
  {
    row: 84,
    reported: ["CVE-2022-24769", "CVE-2022-27649", "CVE-2022-27652", "cri-o#5769", "podman#13695"],
    what: "capabilities were handed down that nobody asked for",
    decided: {
      kind: "fixture",
      artifact: unit(
        "DynamicUser=yes\nNoNewPrivileges=yes\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW",
      ),
      repaired: unit("DynamicUser=yes\nNoNewPrivileges=yes\nCapabilityBoundingSet="),
      expect: { beyond: "user", witness: /CAP_NET_RAW/ },
    },
  },
  {
    row: 92,
    reported: ["vscode#318893", "agent-deck#403"],
    what: "a variable came in that has a program load code",
    decided: {
      kind: "fixture",
      artifact: dockerRun(`${blank} -e LD_PRELOAD=/x.so`),
      repaired: dockerRun(blank),
      expect: { beyond: "env", witness: /LD_PRELOAD|NODE_OPTIONS/ },
    },
  },
  {
    row: 93,
    reported: ["repomix#1778"],
    what: "all variables of whoever starts it were passed through",
    decided: {
      kind: "fixture",
      artifact: pod("      env:\n", "      envFrom: [{configMapRef: {name: x}}]\n      env:\n"),
      repaired: pod("      env:\n", "      env:\n        - {name: PATH, value: /bin}\n"),
      policy: 'env A="1", PATH="/bin";',
      expect: { beyond: "env", witness: /^every variable/ },
    },
  },
  {
    row: 94,
    reported: ["claude-code#86504"],
    what: "a file that the sandbox may write configured the sandbox",
    decided: {
      kind: "fixture",
      policy: "write ./;",
      artifact: sandbox('(allow file-read* file-write* (subpath "/srv/world"))'),
      repaired: sandbox(
        '(allow file-read* file-write* (subpath "/srv/world"))(deny file-write* (subpath "/srv/world/sandbox") (subpath "/srv/world/policy.mcp"))(deny file-write-unlink (literal "/srv/world"))',
      ),
      expect: { beyond: "files", witness: /policy\.mcp/ },
    },
  },
  {
    row: 95,
    reported: ["claude-code#84863"],
    what: "settings that could not be read were no settings",
    decided: {
      kind: "fixture",
      artifact: { target: "seccomp", files: { "seccomp.json": '{"defaultAction":"SCMP_ACT_ERRNO",' } },
      repaired: calling("read"),
      expect: { refused: /./ },
    },
  },
  {
    row: 96,
    reported: ["lince#237"],
    what: "what was started was the program, and not what confines it",
    decided: {
      kind: "fixture",
      artifact: {
        target: "docker",
        files: { "mcp.json": '{"mcpServers":{"s":{"command":"node","args":["docker.js"]}}}' },
      },
      repaired: dockerRun(""),
      expect: { missing: true },
    },
  },
  {
    row: 97,
    reported: ["claude-code#15789"],
    what: "the client did on the host what the sandbox forbids",
    decided: {
      kind: "not-claimed",
      because:
        "a policy holds a server's processes: what a client does itself, for a server, is outside of every sandbox",
    },
  },
];
