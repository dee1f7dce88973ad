import { replaced, type SeededBug } from "./seeded.ts";

const patch = /^patch\.yaml$/;
const policies = /^networkpolicy\.yaml$/;
const said = (name: string, from: RegExp, to: string, says: RegExp): SeededBug =>
  replaced(name, patch, from, to, says);

/** A policy of a server that is reached. */
const networkPolicy = "server s <\n  net connect 10.1.2.0/24:443;\n  accept kubernetes: net.loopback;\n>\n";

/** Bugs of a manifest. */
export const kubernetesBugs: readonly SeededBug[] = [
  said(
    "privileges by executing",
    /"allowPrivilegeEscalation": false/,
    '"allowPrivilegeEscalation": true',
    /setuid/,
  ),
  said("nothing is said of privileges", / *"allowPrivilegeEscalation": false\n/, "", /setuid/),
  said("privileged", /"privileged": false/, '"privileged": true', /./),
  said("a writable root", /"readOnlyRootFilesystem": true/, '"readOnlyRootFilesystem": false', /tmp/),
  {
    name: "root, and nothing against it",
    file: patch,
    edit: (text) =>
      text.replace(/"runAsNonRoot": true/g, '"runAsNonRoot": false').replace(/("runAsUser": )1001/g, "$10"),
    says: /run as 0:/,
  },
  said(
    "the filter is lost",
    /"type": "Localhost"\n *"localhostProfile": "[^"]*"/,
    '"type": "Unconfined"',
    /every system call/,
  ),
  said(
    "another filter",
    /"localhostProfile": "mcpc\/[^"]*"/,
    '"localhostProfile": "other.json"',
    /every system call|other\.json/,
  ),
  said(
    "the runtime's own filter",
    /"type": "Localhost"\n *"localhostProfile": "[^"]*"/,
    '"type": "RuntimeDefault"',
    /every system call/,
  ),
  said("capabilities are kept", / *"capabilities":\n *"drop":\n *- "ALL"\n/, "", /CAP_|capability/),
  said("the kernel's files", /"procMount": "Default"/, '"procMount": "Unmasked"', /\/proc/),
  said("no limit of memory", /("limits":\n) *"memory": "\d+"\n/, "$1", /memory/),
  said("all processors", /("limits":[\s\S]*?) *"cpu": "500m"\n/, "$1", /cpu/),
  said("a temporary directory without a size", / *"sizeLimit": "1048576"\n/, "", /tmp/),
  said(
    "a variable more",
    /( *)- "name": "HOME"/,
    '$1- "name": "LD_PRELOAD"\n$1  "value": "/tmp/x.so"\n$1- "name": "HOME"',
    /LD_PRELOAD/,
  ),
  said(
    "all variables of a secret",
    /"envFrom": \[\]/,
    '"envFrom": [{"secretRef": {"name": "all"}}]',
    /every variable/,
  ),
  said("links to services", /"enableServiceLinks": false/, '"enableServiceLinks": true', /every variable/),
  said(
    "a claim that is writable",
    /("mountPath": "\/srv\/world\/a"\n *)"readOnly": true/,
    '$1"readOnly": false',
    /write \/srv\/world\/a/,
  ),
  said("the host's network", /"hostNetwork": false/, '"hostNetwork": true', /./),
  said("the host's processes", /"hostPID": false/, '"hostPID": true', /processes/),
  said("the host's memory", /"hostIPC": false/, '"hostIPC": true', /ipc/),
  said(
    "processes are shared",
    /"shareProcessNamespace": false/,
    '"shareProcessNamespace": true',
    /processes/,
  ),
  said(
    "a token of the cluster",
    /"automountServiceAccountToken": false/,
    '"automountServiceAccountToken": true',
    /credential/,
  ),
  said("a typo", /"readOnlyRootFilesystem"/, '"readOnlyRootFilesytem"', /readOnlyRootFilesytem/),
  said(
    "a directory of the node",
    /"persistentVolumeClaim":\n *"claimName": "[^"]*"/,
    '"hostPath":\n        "path": "/"',
    /read \//,
  ),
  {
    ...replaced(
      "another pod is selected",
      policies,
      /("podSelector":\n *"matchLabels":\n *"[^"]*": )"[^"]*"/,
      '$1"other"',
      /connect|listen|every connection/,
    ),
    policy: networkPolicy,
  },
  {
    ...replaced("nothing is said of what leads out", policies, / *- "Egress"\n/, "", /connect/),
    policy: networkPolicy,
  },
  {
    ...replaced("a wider network", policies, /10\.1\.2\.0\/24/, "10.0.0.0/8", /connect 10\./),
    policy: networkPolicy,
  },
  {
    ...replaced(
      "every port",
      policies,
      / *"ports":\n(?: *- "protocol"[\s\S]*?)(?=\n\S|$)/,
      "",
      /connect|read back/,
    ),
    policy: networkPolicy,
  },
];
