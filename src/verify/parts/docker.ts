/** Containers of docker: each service of a compose file, and each command line of `docker run`. */
import {
  type ContainerForm,
  type ContainerWorld,
  containerPermitsCall,
  containerPermitsFile,
  containerVariable,
} from "../../evaluate/container.ts";
import { buildContexts, liftCompose } from "../../lift/compose.ts";
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
import { CommandLineError, commandLinesIn } from "./command-lines.ts";
import { type Bundle, type Part, type ReadPart, readParts, type TargetReader } from "./part.ts";

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

/** A service for each: the server's own where one is called like it. */
function composeParts(bundle: Bundle, file: string, text: string): readonly Part[] {
  const all = liftCompose(text, environmentOf(bundle));
  const own = all.filter(({ name }) => name === bundle.server.name);
  return (own.length > 0 ? own : all).map((lifted) => {
    const name = all.length === 1 ? file : `${file}#${lifted.name}`;
    return partOf(name, file, bundle, lifted, { kind: "compose", text });
  });
}

interface Build {
  readonly dockerfile: string;
  readonly text: string;
  /** The directory of its context. */
  readonly context: string;
}

/** How the image is built, where its Dockerfile and a compose file with one context lie here. @throws ContainerError */
function buildIn({ files, location }: Bundle): Build | undefined {
  const text = files.get("Dockerfile");
  const compose = [...files].find(([path]) => isCompose(path))?.[1];
  if (text === undefined || compose === undefined) return undefined;
  const [context, ...others] = buildContexts(compose);
  if (context === undefined || others.length > 0) return undefined;
  return { dockerfile: `${location}/Dockerfile`, text, context };
}

/** What an image is known to bring. */
function knownImage({ files }: Bundle, { text, context }: Build): KnownImage {
  const ignore = files.get("Dockerfile.dockerignore") ?? files.get(".dockerignore");
  return liftDockerfile(text, ignore, { context }).image;
}

/** A command line for each that the file holds: its own, and those of a client's configuration. */
function runParts(bundle: Bundle, file: string, text: string): readonly Part[] {
  const build = buildIn(bundle);
  const image = build && knownImage(bundle, build);
  return commandLinesIn(text, "docker").map((argv, at) => {
    const lifted = liftDockerRun(argv, environmentOf(bundle), image);
    // Lines of findings are words of the command line, which no line of the file is.
    const findings = lifted.findings.map((finding) => ({ ...finding, line: 1 }));
    const name = at === 0 ? file : `${file}#${at + 1}`;
    return partOf(
      name,
      file,
      bundle,
      { ...lifted, findings },
      { kind: "run", argv, ...(build && { build }) },
    );
  });
}

const isCompose = (path: string): boolean => /(?:^|[/.-])(?:docker-)?compose[^/]*\.ya?ml$/.test(path);
const isRun = (text: string): boolean => /[/"]docker"/.test(text) && /"(?:argv|mcpServers)"/.test(text);

function parts(bundle: Bundle): readonly ReadPart[] {
  return [...bundle.files].flatMap(([path, text]) => {
    if (isCompose(path) || (/\.ya?ml$/.test(path) && /^"?services"?\s*:/m.test(text)))
      return readParts(path, () => composeParts(bundle, path, text), [ContainerError]);
    return path.endsWith(".json") && isRun(text)
      ? readParts(path, () => runParts(bundle, path, text), [ContainerError, CommandLineError])
      : [];
  });
}

/** A container holds everything but what is no dimension of Linux. */
export const dockerReader: TargetReader = {
  scope: slices.filter((slice) => slice !== "services"),
  floor: () => containerFloor,
  parts,
};
