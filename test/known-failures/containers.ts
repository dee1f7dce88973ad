/** Containers and manifests: which of several settings counts, and how their texts are read. */
import { changed } from "../support/closed-pod.ts";
import { compose, dockerRun, pod } from "./artifacts.ts";
import type { Artifact, Row } from "./row.ts";

const context = "      securityContext:\n";
const filter = "    seccompProfile:\n      type: Localhost\n      localhostProfile: mcpc/p.json\n";
const socketCalls =
  "syscalls default-deny + [read, write, execve, exit_group, socket, connect, bind, listen]; net any;";
const closedCalls = "syscalls default-deny + [read, write, exit_group];";

/** A variable of compose. */
const variable = (name: string): string => `$${`{${name}}`}`;

/** The pod without its profile, and with an annotation. */
const annotated = (annotation: string): Artifact => {
  const { target, files } = pod(filter, "");
  const text = changed(
    files["pod.yaml"] ?? "",
    "  labels:\n",
    `  annotations:\n    ${annotation}\n  labels:\n`,
  );
  return { target, files: { ...files, "pod.yaml": text } };
};

export const containerRows: readonly Row[] = [
  {
    row: 81,
    reported: ["Kubernetes documentation", "website#29489"],
    what: "a privileged container has no filter, whatever profile it names",
    decided: {
      kind: "fixture",
      policy: socketCalls,
      artifact: pod(context, `${context}        privileged: true\n`),
      repaired: pod(),
      expect: [{ finding: /privileged/ }, { beyond: "syscalls", witness: /^every system call$/ }],
    },
  },
  {
    row: 82,
    reported: ["Kubernetes documentation"],
    what: "a container's own setting replaced the pod's, and initial containers were not looked at",
    decided: {
      kind: "fixture",
      policy: socketCalls,
      artifact: pod(
        "  containers:\n",
        "  initContainers:\n    - name: i\n      image: example.com/i:1\n      securityContext: {seccompProfile: {type: Unconfined}}\n  containers:\n",
      ),
      repaired: pod(),
      expect: { beyond: "syscalls", witness: /^every system call$/ },
    },
  },
  {
    row: 83,
    reported: ["kubernetes#81115"],
    what: "without a profile, or with one in an annotation, there is no filter",
    decided: {
      kind: "fixture",
      policy: socketCalls,
      artifact: [
        pod(filter, ""),
        annotated("seccomp.security.alpha.kubernetes.io/pod: localhost/mcpc/p.json"),
      ],
      repaired: pod(),
      expect: [
        { finding: /no filter of system calls/ },
        { beyond: "syscalls", witness: /^every system call$/ },
      ],
    },
  },
  {
    row: 85,
    reported: ["podman#8863"],
    what: "privileged took the named filter away",
    decided: {
      kind: "fixture",
      policy: closedCalls,
      artifact: dockerRun("--privileged"),
      repaired: dockerRun("--privileged=false"),
      expect: [
        { beyond: "syscalls", witness: /./ },
        { beyond: "files", witness: /./ },
      ],
    },
  },
  {
    row: 86,
    reported: ["docker documentation"],
    what: "no-new-privileges was left out",
    decided: {
      kind: "fixture",
      artifact: pod("        allowPrivilegeEscalation: false\n", ""),
      repaired: pod(),
      expect: { beyond: "user", witness: /./ },
    },
  },
  {
    row: 87,
    reported: ["compose#11983"],
    what: "a merge key replaced a whole list",
    decided: {
      kind: "fixture",
      artifact: compose({ "<<": "{cap_drop: []}" }),
      repaired: compose(),
      expect: { refused: /merge key/ },
    },
  },
  {
    row: 88,
    reported: ["compose#11706", "compose#13154"],
    what: "tags that reset or override a setting were lost",
    decided: {
      kind: "fixture",
      artifact: compose({ cap_drop: "!override [ALL]" }),
      repaired: compose(),
      expect: { refused: /tag: !override/ },
    },
  },
  {
    row: 89,
    reported: ["compose#11925"],
    what: "a variable of whoever starts it stood in a setting of security",
    decided: {
      kind: "fixture",
      policy: closedCalls,
      artifact: compose({ security_opt: `["no-new-privileges:true", "seccomp:${variable("PROFILE")}"]` }),
      repaired: compose(),
      expect: [{ finding: /variables of whoever starts it/ }, { beyond: "syscalls", witness: /./ }],
    },
  },
  {
    row: 90,
    reported: ["YAML 1.1"],
    what: "a user and group without quotes were one number",
    decided: {
      kind: "fixture",
      artifact: compose({ user: "22:22" }),
      repaired: compose({ user: '"22:22"' }),
      expect: [{ finding: /YAML 1\.1 and 1\.2/ }, { beyond: "user", witness: /root/ }],
    },
  },
  {
    row: 91,
    reported: ["openship#871"],
    what: "an importer dropped the settings that it did not know",
    decided: {
      kind: "fixture",
      policy: closedCalls,
      artifact: compose({ read_only: undefined, cap_drop: undefined, security_opt: undefined }),
      repaired: compose(),
      expect: [
        { beyond: "syscalls", witness: /./ },
        { beyond: "user", witness: /./ },
        { beyond: "limits", witness: /tmp/ },
      ],
    },
  },
  {
    row: 98,
    reported: ["gvisor#13439"],
    what: "under another kernel the filter that was asked for is none",
    decided: {
      kind: "fixture",
      policy: closedCalls,
      artifact: compose({ runtime: "runsc" }),
      repaired: compose(),
      expect: [{ finding: /`runtime`/ }, { beyond: "syscalls", witness: /^every system call$/ }],
    },
  },
  {
    row: 99,
    reported: ["docker documentation"],
    what: "a limit of 0 or -1 was none",
    decided: {
      kind: "fixture",
      policy: "limits < processes 16; memory 64MiB >; tmp 1MiB;",
      artifact: dockerRun("", "--pids-limit 16", "--pids-limit 0"),
      repaired: dockerRun(""),
      expect: { beyond: "limits", witness: /processes/ },
    },
  },
  {
    row: 100,
    reported: ["CVE-2025-59532"],
    what: "whoever starts the sandbox chose which directory it may write",
    decided: {
      kind: "fixture",
      policy: "write ./a; accept all: deny.future, files.exec;",
      artifact: compose({ volumes: `["${variable("PWD")}:/work"]` }),
      repaired: compose({ volumes: '["/srv/world/a:/work"]' }),
      expect: [{ finding: /variables of whoever starts it/ }, { beyond: "files", witness: /./ }],
    },
  },
];
