/** Containers of docker: each service of a compose file, and each command line of `docker run`. */
import { BudgetExceeded } from "../../authority/bdd.ts";
import {
  type ContainerForm,
  type ContainerWorld,
  containerPermitsCall,
  containerPermitsFile,
  containerVariable,
} from "../../evaluate/container.ts";
import { liftCompose } from "../../lift/compose.ts";
import {
  type ContainerEnvironment,
  ContainerError,
  defaultContainerEnvironment,
  type KnownImage,
  type LiftedContainer,
} from "../../lift/container.ts";
import { liftDockerRun } from "../../lift/docker-run.ts";
import { liftDockerfile } from "../../lift/dockerfile.ts";
import type { Finding } from "../../lift/finding.ts";
import { containerFloor } from "../floor.ts";
import { slices, type Witness } from "../witness.ts";
import type { Bundle, Part, ReadPart, TargetReader } from "./part.ts";

/** Files are those of the bundle: what lies elsewhere is not looked at, and not known. */
function readIn({ location, files }: Bundle): (path: string) => string | undefined {
  return (path) => (path.startsWith(`${location}/`) ? files.get(path.slice(location.length + 1)) : undefined);
}

const environmentOf = (bundle: Bundle): ContainerEnvironment => ({
  ...defaultContainerEnvironment,
  docker: bundle.environment.docker,
  directory: bundle.location,
  read: readIn(bundle),
});

/** The evaluator speaks of files, sockets, calls of x86_64 and variables. */
function confirms(form: ContainerForm, world: ContainerWorld, witness: Witness): boolean | undefined {
  if ("everything" in witness) return undefined;
  switch (witness.slice) {
    case "files":
      return containerPermitsFile(form, world, witness.file.right, witness.file.path);
    case "sockets":
      return containerPermitsFile(form, world, "connect", witness.file.path);
    case "syscalls":
      return containerPermitsCall(form, world, witness.call);
    case "env":
      return containerVariable(form, world, witness.name) !== undefined;
    default:
      return undefined;
  }
}

/** Findings say `compose.yaml` and `docker run`: the file is called what it is called. */
const named = (file: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.map((finding) => (finding.file === "Dockerfile" ? finding : { ...finding, file }));

function partOf(
  name: string,
  file: string,
  bundle: Bundle,
  lifted: LiftedContainer,
  form: ContainerForm,
): Part {
  const world: ContainerWorld = { directory: bundle.location, read: readIn(bundle) };
  const besides = [...bundle.files.keys()].filter((path) =>
    /Dockerfile|seccomp\.json|\.dockerignore$/.test(path),
  );
  return {
    name,
    from: [file, ...besides],
    authority: lifted.authority,
    findings: named(file, lifted.findings),
    assumptions: lifted.assumptions,
    permits: (witness) => confirms(form, world, witness),
  };
}

const isRefusal = (error: unknown): error is Error & { readonly line?: number } =>
  error instanceof ContainerError || error instanceof BudgetExceeded || error instanceof SyntaxError;

function refused(name: string, error: unknown): readonly ReadPart[] {
  if (!isRefusal(error)) throw error;
  return [{ ok: false, name, reason: error.message, ...(error.line !== undefined && { line: error.line }) }];
}

/** A service for each: the server's own where one is called like it. */
function composeParts(bundle: Bundle, file: string, text: string): readonly ReadPart[] {
  try {
    const all = liftCompose(text, environmentOf(bundle));
    const own = all.filter(({ name }) => name === bundle.server.name);
    return (own.length > 0 ? own : all).map((lifted) => {
      const name = all.length === 1 ? file : `${file}#${lifted.name}`;
      return { ok: true, part: partOf(name, file, bundle, lifted, { kind: "compose", text }) };
    });
  } catch (error) {
    return refused(file, error);
  }
}

interface Build {
  readonly dockerfile: string;
  readonly text: string;
  /** The directory of its context. */
  readonly context: string;
}

/** How the image is built, where its Dockerfile and a compose file with the context lie here. */
function buildIn({ files, location }: Bundle): Build | undefined {
  const text = files.get("Dockerfile");
  const compose = [...files].find(([path]) => isCompose(path))?.[1] ?? "";
  const [, context] = /^ *"?context"?: *("(?:[^"\\]|\\.)*")$/m.exec(compose) ?? [];
  if (text === undefined || context === undefined) return undefined;
  const directory = (JSON.parse(context) as string).replaceAll("$$", "$");
  return { dockerfile: `${location}/Dockerfile`, text, context: directory };
}

/** What an image is known to bring. */
function knownImage({ files }: Bundle, { text, context }: Build): KnownImage {
  const ignore = files.get("Dockerfile.dockerignore") ?? files.get(".dockerignore");
  return liftDockerfile(text, ignore, { context }).image;
}

interface RunFile {
  readonly argv?: readonly string[];
  readonly mcpServers?: Readonly<
    Record<string, { readonly command: string; readonly args?: readonly string[] }>
  >;
}

/** The command lines that a file holds: its own, and those of a client's configuration. */
function commandLines(text: string): readonly (readonly string[])[] {
  const { argv, mcpServers = {} } = JSON.parse(text) as RunFile;
  // A client may start other servers in other ways, which are none of docker's.
  const clients = Object.values(mcpServers)
    .filter(({ command }) => /(?:^|\/)docker$/.test(command))
    .map(({ command, args = [] }) => [command.replace(/^.*\//, ""), ...args]);
  const all = [...(argv ? [argv] : []), ...clients];
  const isText = (word: unknown): boolean => typeof word === "string";
  if (all.length === 0 || !all.flat().every(isText)) throw new SyntaxError("no command line stands in it");
  return [...new Map(all.map((line) => [line.join("\0"), line])).values()];
}

function runParts(bundle: Bundle, file: string, text: string): readonly ReadPart[] {
  try {
    const build = buildIn(bundle);
    const image = build && knownImage(bundle, build);
    const lines = commandLines(text);
    return lines.map((argv, at) => {
      const lifted = liftDockerRun(argv, environmentOf(bundle), image);
      // Lines of findings are words of the command line, which no line of the file is.
      const findings = lifted.findings.map((finding) => ({ ...finding, line: 1 }));
      const name = at === 0 ? file : `${file}#${at + 1}`;
      return {
        ok: true,
        part: partOf(
          name,
          file,
          bundle,
          { ...lifted, findings },
          { kind: "run", argv, ...(build && { build }) },
        ),
      };
    });
  } catch (error) {
    return refused(file, error);
  }
}

const isCompose = (path: string): boolean => /(?:^|[/.-])(?:docker-)?compose[^/]*\.ya?ml$/.test(path);
const isRun = (text: string): boolean => /[/"]docker"/.test(text) && /"(?:argv|mcpServers)"/.test(text);

function parts(bundle: Bundle): readonly ReadPart[] {
  return [...bundle.files].flatMap(([path, text]) => {
    if (isCompose(path) || (/\.ya?ml$/.test(path) && /^"?services"?\s*:/m.test(text)))
      return composeParts(bundle, path, text);
    return path.endsWith(".json") && isRun(text) ? runParts(bundle, path, text) : [];
  });
}

/** A container holds everything but what is no dimension of Linux. */
export const dockerReader: TargetReader = {
  scope: slices.filter((slice) => slice !== "services"),
  floor: () => containerFloor,
  parts,
};
