/** From options to a project: which policy, bound to what, for which environment. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import type { Project } from "../compile/project.ts";
import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { liveHost } from "../host/live.ts";
import {
  type HostSnapshot,
  type RecordingHost,
  recordHost,
  replayHost,
  snapshotSchema,
} from "../host/snapshot.ts";
import {
  defaultEnvironment,
  type Environment,
  type EnvironmentKey,
  environmentKeys,
  parseRelease,
} from "../targets/environment.ts";
import { type Invocation, listOption, type OptionTable, stringOption } from "./command.ts";
import { readImport, readUtf8, sha256 } from "./io.ts";

/** Options of every command that reads a policy. */
export const projectOptions = {
  root: { type: "string", value: "DIR", help: "what `./` means in the policy; its directory by default" },
  home: { type: "string", value: "DIR", help: "what `~/` means; your home by default" },
  host: { type: "string", value: "FILE", help: "a snapshot to ask instead of this host" },
  include: { type: "string", multiple: true, value: "DIR", help: "another place that imports may lie in" },
  env: {
    type: "string",
    multiple: true,
    value: "KEY=VERSION,…",
    help: "versions that artifacts are for, as in docker=20.10",
  },
  out: {
    type: "string",
    short: "o",
    value: "DIR",
    help: "where artifacts are written; `sandbox` by default",
  },
} as const satisfies OptionTable;

/** A project, with its recording of the host. */
export interface OpenedProject {
  readonly project: Project;
  readonly recording: RecordingHost;
  /** The output directory on this machine. */
  readonly out: string;
}

type Opened =
  | { readonly ok: true; readonly opened: OpenedProject }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function readEnvironment(invocation: Invocation): Environment | Diagnostic {
  const environment: Record<EnvironmentKey, Environment[EnvironmentKey]> = { ...defaultEnvironment };
  for (const text of listOption(invocation, "env")) {
    const [key = "", value = ""] = text.split("=");
    const known = environmentKeys.find((k) => k === key);
    const release = parseRelease(value);
    if (!known || !release) {
      const meant = didYouMean(key, environmentKeys);
      const notes = !known && meant ? [`did you mean \`${meant}\`?`] : [];
      return e.badEnvironment.report({ text, known: environmentKeys.join(", ") }, { notes });
    }
    environment[known] = release;
  }
  return environment;
}

function readSnapshot(path: string): HostSnapshot | Diagnostic {
  const read = readUtf8(path);
  if (!read.ok) return e.badSnapshot.report({ path, reason: read.reason });
  let data: unknown;
  try {
    data = JSON.parse(read.text);
  } catch {
    return e.badSnapshot.report({ path, reason: "it is no JSON" });
  }
  const parsed = snapshotSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return e.badSnapshot.report({
    path,
    reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it has another shape"}`,
  });
}

const isDiagnostic = (value: object): value is Diagnostic => "severity" in value;

/** Where artifacts will be used: the output directory, seen from the root that the policy is compiled for. */
function locationOf(directory: string, root: string, out: string): string {
  const inside = relative(directory, out);
  return inside.startsWith("..") || isAbsolute(inside) ? out : resolve(root, inside);
}

/** Opens the policy that an operand names; `-` is standard input. */
export function openProject(invocation: Invocation, operand: string): Opened {
  const fail = (diagnostic: Diagnostic): Opened => ({ ok: false, diagnostics: [diagnostic] });
  const isStdin = operand === "-";
  const read = readUtf8(isStdin ? 0 : operand);
  const name = isStdin ? "<stdin>" : operand;
  if (!read.ok) {
    return fail(
      read.reason === "utf8"
        ? e.notUtf8.report({ path: name })
        : e.unreadable.report({ path: name, reason: read.reason }),
    );
  }
  const environment = readEnvironment(invocation);
  if (isDiagnostic(environment)) return fail(environment);
  const path = isStdin ? resolve("policy.mcp") : realpathSync(operand);
  const directory = dirname(path);
  const hostFile = stringOption(invocation, "host");
  const snapshot = hostFile === undefined ? undefined : readSnapshot(hostFile);
  if (snapshot && isDiagnostic(snapshot)) return fail(snapshot);
  const root = resolve(stringOption(invocation, "root") ?? snapshot?.root ?? directory);
  const home = resolve(stringOption(invocation, "home") ?? snapshot?.home ?? homedir());
  const recording = recordHost(snapshot ? replayHost(snapshot) : liveHost());
  const out = resolve(stringOption(invocation, "out") ?? "sandbox");
  const project: Project = {
    main: {
      path: root === directory ? path : resolve(root, basename(path)),
      source: { name, text: read.text },
    },
    root,
    home,
    include: listOption(invocation, "include").map((d) => resolve(d)),
    host: recording.host,
    readImport: (wanted) => {
      // Imports are read here, and lie where the policy is compiled for.
      const inside = relative(root, wanted);
      const real = inside.startsWith("..") ? wanted : resolve(directory, inside);
      const imported = readImport(real);
      if (!imported.ok) return imported;
      const back = relative(directory, imported.path);
      return { ...imported, path: back.startsWith("..") ? imported.path : resolve(root, back) };
    },
    hash: sha256,
    environment,
    location: locationOf(directory, root, out),
  };
  return { ok: true, opened: { project, recording, out } };
}
