/** Opening a policy: from a path and options to a project. The same for the command line and for programs. */
import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import type { Project } from "../compile/project.ts";
import { configurationErrors as e } from "../diagnostics/catalogue/configuration.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { liveHost } from "../host/live.ts";
import { type HostSnapshot, type RecordingHost, recordHost, replayHost } from "../host/snapshot.ts";
import {
  defaultEnvironment,
  type Environment,
  type EnvironmentKey,
  environmentKeys,
  parseRelease,
} from "../policy/environment.ts";
import { type ReadText, readImport, readUtf8, sha256 } from "./io.ts";
import { textAt } from "./revision.ts";

/** What a policy is bound to; each has a default. Paths are relative to the working directory. */
export interface OpenOptions {
  /** What `./` means in the policy; its directory by default. */
  readonly root?: string | undefined;
  /** What `~/` means; the user's home by default. */
  readonly home?: string | undefined;
  /** A file with a snapshot, which is asked instead of this host. */
  readonly host?: string | undefined;
  /** Other places that imports may lie in. */
  readonly include?: readonly string[] | undefined;
  /** Versions that artifacts are for, as in `docker=20.10`. */
  readonly env?: readonly string[] | undefined;
  /** Where artifacts will be written; `sandbox` by default. */
  readonly out?: string | undefined;
  /** A revision of git at which the policy and its imports are read, by their paths in the working tree. */
  readonly revision?: string | undefined;
}

/** A project, with its recording of the host. */
export interface OpenedProject {
  readonly project: Project;
  readonly recording: RecordingHost;
  /** The output directory on this machine. */
  readonly out: string;
}

/** What opening gives: a project, or why there is none. */
export type Opened =
  | { readonly ok: true; readonly opened: OpenedProject }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function readEnvironment(texts: readonly string[]): Environment | Diagnostic {
  const environment: Record<EnvironmentKey, Environment[EnvironmentKey]> = { ...defaultEnvironment };
  for (const text of texts) {
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

async function readSnapshot(path: string): Promise<HostSnapshot | Diagnostic> {
  const read = readUtf8(path);
  if (!read.ok) return e.badSnapshot.report({ path, reason: read.reason });
  let data: unknown;
  try {
    data = JSON.parse(read.text);
  } catch {
    return e.badSnapshot.report({ path, reason: "it is no JSON" });
  }
  // Loaded here: the schema's library would cost every other start.
  const { snapshotSchema } = await import("../host/snapshot-schema.ts");
  const parsed = snapshotSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return e.badSnapshot.report({
    path,
    reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it has another shape"}`,
  });
}

function importAt(revision: string, path: string): ReturnType<typeof readImport> {
  const read = textAt(revision, path);
  if (read.ok) return { ok: true, path, text: read.text };
  return { ok: false, reason: read.reason === "utf8" ? "it is not valid UTF-8" : read.reason };
}

const isDiagnostic = (value: object): value is Diagnostic => "severity" in value;

/** Where artifacts will be used: the output directory, seen from the root that the policy is compiled for. */
function locationOf(directory: string, root: string, out: string): string {
  const inside = relative(directory, out);
  return inside.startsWith("..") || isAbsolute(inside) ? out : resolve(root, inside);
}

/** Opens the policy at a path; `-` is standard input. */
export async function openProject(operand: string, options: OpenOptions = {}): Promise<Opened> {
  const fail = (diagnostic: Diagnostic): Opened => ({ ok: false, diagnostics: [diagnostic] });
  const isStdin = operand === "-";
  const { revision } = options;
  const textOf = (file: string): ReadText =>
    revision === undefined ? readUtf8(file) : textAt(revision, file);
  const read = isStdin ? readUtf8(0) : textOf(operand);
  const name = isStdin ? "<stdin>" : revision === undefined ? operand : `${revision}:${operand}`;
  if (!read.ok) {
    return fail(
      read.reason === "utf8"
        ? e.notUtf8.report({ path: name })
        : e.unreadable.report({ path: name, reason: read.reason }),
    );
  }
  const environment = readEnvironment(options.env ?? []);
  if (isDiagnostic(environment)) return fail(environment);
  const path = isStdin
    ? resolve("policy.mcp")
    : revision === undefined
      ? realpathSync(operand)
      : resolve(operand);
  const directory = dirname(path);
  const snapshot = options.host === undefined ? undefined : await readSnapshot(options.host);
  if (snapshot && isDiagnostic(snapshot)) return fail(snapshot);
  const root = resolve(options.root ?? snapshot?.root ?? directory);
  const home = resolve(options.home ?? snapshot?.home ?? homedir());
  const recording = recordHost(snapshot ? replayHost(snapshot) : liveHost());
  const out = resolve(options.out ?? "sandbox");
  const project: Project = {
    main: {
      path: root === directory ? path : resolve(root, basename(path)),
      source: { name, text: read.text },
    },
    root,
    home,
    include: (options.include ?? []).map((d) => resolve(d)),
    host: recording.host,
    readImport: (wanted) => {
      // Imports are read here, and lie where the policy is compiled for.
      const inside = relative(root, wanted);
      const real = inside.startsWith("..") ? wanted : resolve(directory, inside);
      const imported = revision === undefined ? readImport(real) : importAt(revision, real);
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
