/** Manifests with one thing changed. */
import type { Edited } from "./edited.ts";

/** A value, or a whole line, and what becomes of it. */
const changes: readonly (readonly [RegExp, string])[] = [
  [/: true$/, ": false"],
  [/: false$/, ": true"],
  [/: true$/, ": yes"],
  [/: (\d+)$/, ": 0"],
  [/: (\d+)$/, ": 1$1"],
  [/: "(\d+)"$/, ': "9$1"'],
  [/: "(\d+)"$/, ': "0"'],
  [/: "(\d+)m"$/, ': "1$1m"'],
  [/: "Localhost"$/, ': "Unconfined"'],
  [/: "Localhost"$/, ': "RuntimeDefault"'],
  [/: "Memory"$/, ': ""'],
  [/: "Enabled"$/, ': "Disabled"'],
  [/- "ALL"$/, '- "NET_RAW"'],
  [/- "ALL"$/, '- "CAP_NET_RAW"'],
  [/"drop":$/, '"add":'],
  [/"env":$/, '"envFrom":'],
  [/"readOnlyRootFilesystem"/, '"readOnlyRootFilesytem"'],
  [/"securityContext"/, '"SecurityContext"'],
  [/"mountPath": "(\/[^"]*)"$/, '"mountPath": "/other$1"'],
  [/"subPath": "[^"]*"$/, '"subPath": "../x"'],
  [/"cidr": "[^"]*"$/, '"cidr": "0.0.0.0/0"'],
  [/"cidr": "[^"]*"$/, '"cidr": "::/0"'],
  [/- "Egress"$/, '- "Ingress"'],
  [/"egress": \[\]$/, '"egress": [{}]'],
  [/"ingress": \[\]$/, '"ingress": [{}]'],
  [/"name": "[^"]*"$/, '"name": "other"'],
  [/"namespace": "[^"]*"$/, '"namespace": "other"'],
  [/"app\.kubernetes\.io\/name": .*$/, '"app.kubernetes.io/name": "other"'],
  [/"persistentVolumeClaim":$/, '"hostPath":'],
  [/"emptyDir":$/, '"hostPath":\n          "path": "/"\n        "x":'],
  [/"emptyDir":$/, '"configMap":'],
  [/"value": "[^"]*"$/, '"value": "$(HOSTNAME)"'],
  [/"procMount": "Default"$/, '"procMount": "Unmasked"'],
  [/"privileged": false$/, '"privileged": true'],
  [/"hostNetwork": false$/, '"hostNetwork": true'],
  [/"\$patch": "replace"$/, '"$patch": "merge"'],
  [/"protocol": "TCP"$/, '"protocol": "UDP"'],
  [/"kind": "NetworkPolicy"$/, '"kind": "NetworkPolicyy"'],
  [/"patch.yaml"$/, '"other.yaml"'],
  [/"claimName": "[^"]*"$/, '"claimName": "other"'],
];

const blanks = (line: string): number => line.length - line.trimStart().length;
/** How deep what a line says is: the mark of an item counts as blanks. */
const indent = (line: string): number => /^[ -]*/.exec(line)?.[0].length ?? 0;

/** Where the block that begins with a line ends. */
function blockEnd(lines: readonly string[], from: number): number {
  const depth = blanks(lines[from] ?? "");
  const isInside = (line: string): boolean =>
    blanks(line) > depth ||
    (blanks(line) === depth && line.trimStart().startsWith("- ") && !lines[from]?.includes("- "));
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => line === "" || !isInside(line));
  return from + 1 + (end === -1 ? rest.length : end);
}

/** A file of manifests of which a line or a block is left out, behind the next one, or another. */
export function manifestMutants(text: string): readonly Edited[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at): readonly Edited[] => {
    if (line.startsWith("#") || line === "") return [];
    const spliced = (what: string, count: number, ...put: readonly string[]): Edited => ({
      what: `${at + 1}: ${what}`,
      text: lines.toSpliced(at, count, ...put).join("\n"),
    });
    const next = lines[at + 1] ?? "";
    const end = blockEnd(lines, at);
    return [
      spliced(`without ${line.trim()}`, 1),
      ...(end > at + 1 ? [spliced(`without the block of ${line.trim()}`, end - at)] : []),
      ...(indent(next) === indent(line) && next !== ""
        ? [spliced(`${line.trim()} after ${next.trim()}`, 2, next, line)]
        : []),
      ...changes.flatMap(([from, to]) =>
        from.test(line) ? [spliced(`${line.trim()} -> ${to}`, 1, line.replace(from, to))] : [],
      ),
    ];
  });
}
