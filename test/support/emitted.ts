/** What every target emits for a policy, as the independent evaluators take it. */
import { compile } from "../../src/compile/compile.ts";
import type { Project } from "../../src/compile/project.ts";
import { targets } from "../../src/targets/registry.ts";
import { composeView, type FileView, podView, profileView, runView, unitView } from "./evaluate/files.ts";

function parametersOf(launcher: string): ReadonlyMap<string, string> {
  return new Map([...launcher.matchAll(/-D '(P\d+)=([^']*)'/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
}

/** What was emitted for a policy; undefined where a target refused. */
export interface Emitted {
  readonly project: Project;
  readonly text: (path: string) => string | undefined;
  readonly unit: string | undefined;
  readonly argv: readonly string[] | undefined;
  /** What each artifact shows of the file system. */
  readonly views: Readonly<
    Partial<Record<"compose" | "docker run" | "systemd" | "kubernetes" | "sb", FileView>>
  >;
}

/** Compiles a policy of one server, `s`, for every target. */
export function emit(project: Project): Emitted {
  const all = compile(project, targets).artifacts;
  // One target that refuses stops all artifacts of its server: then each by itself.
  const artifacts = all.length > 0 ? all : targets.flatMap((target) => compile(project, [target]).artifacts);
  const byPath = new Map(artifacts.map((a) => [a.path, a.content]));
  const unit = artifacts.find(
    (a) => a.target === "systemd" && /(?:50-mcpc\.conf|mcp-s@?\.service)$/.test(a.path),
  );
  const run = byPath.get("s/docker/run.json");
  const argv = run === undefined ? undefined : (JSON.parse(run) as { argv: string[] }).argv;
  const compose = byPath.get("s/docker/compose.yaml");
  const pod = byPath.get("s/kubernetes/pod.yaml") ?? byPath.get("s/kubernetes/patch.yaml");
  const profile = byPath.get("s/sb/profile.sb");
  return {
    views: {
      ...(compose !== undefined && { compose: composeView(compose) }),
      ...(argv && { "docker run": runView(argv) }),
      ...(unit && { systemd: unitView(unit.content) }),
      ...(pod !== undefined && { kubernetes: podView(pod) }),
      ...(profile !== undefined && {
        sb: profileView(profile, parametersOf(byPath.get("s/sb/run.sh") ?? "")),
      }),
    },
    project,
    text: (path) => byPath.get(`s/${path}`),
    unit: unit?.content,
    argv,
  };
}

/** Whether a sandbox profile names a socket: connecting is `network-outbound`, whatever files may be read. */
export function connectsByPath(emitted: Emitted, path: string): boolean {
  const profile = emitted.text("sb/profile.sb") ?? "";
  const named = [...parametersOf(emitted.text("sb/run.sh") ?? "")].find(([, value]) => value === path);
  return named !== undefined && new RegExp(`\\(allow network-outbound [^\\n]*"${named[0]}"`).test(profile);
}
