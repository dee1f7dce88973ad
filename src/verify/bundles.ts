/** Which target a file on disk belongs to, by its name and by what it says. */
import type { TargetName } from "./parts/readers.ts";

const byName: readonly (readonly [RegExp, TargetName])[] = [
  [/\.sb$/, "sb"],
  [/(?:^|\/)run\.sh$/, "sb"],
  [/\.(?:service|socket)$/, "systemd"],
  [/\.(?:service|socket)\.d\/[^/]+\.conf$/, "systemd"],
  [/(?:^|\/)(?:[^/]+\.)?Dockerfile(?:\.[^/]+)?$/, "docker"],
  [/(?:^|\/)(?:docker-)?compose[^/]*\.ya?ml$/, "docker"],
];

const byText: readonly (readonly [RegExp, TargetName])[] = [
  [/"defaultAction"\s*:/, "seccomp"],
  [/"argv"\s*:\s*\[\s*"[^"]*systemd-run"/, "systemd"],
  [/"argv"\s*:\s*\[\s*"[^"]*docker"/, "docker"],
  [/"command"\s*:\s*"(?:[^"]*\/)?docker"/, "docker"],
  [/^\s*"?apiVersion"?\s*:/m, "kubernetes"],
  [/^"?services"?\s*:/m, "docker"],
  [/^\s*\(version 1\)/m, "sb"],
  [/^\[(?:Service|Socket)\]/m, "systemd"],
];

/** The target whose format a file has; undefined where it has none that is known. */
export function targetOfFile(path: string, text: string): TargetName | undefined {
  return (byName.find(([name]) => name.test(path)) ?? byText.find(([words]) => words.test(text)))?.[1];
}
