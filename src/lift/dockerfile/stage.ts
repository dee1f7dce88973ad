/** One stage of a Dockerfile, an instruction at a time. */
import { csvRecord } from "../container/mount-option.ts";
import { ContainerError } from "../container/settings.ts";
import { cleanPath } from "../container/values.ts";
import { type Instruction, instructionOf } from "./lines.ts";
import { assignments, flagged, jsonWords, plainValue, plainWord } from "./words.ts";

/** What a stage has come to. */
export interface Stage {
  readonly name?: string;
  readonly base?: string;
  user?: string;
  readonly environment: Map<string, string | undefined>;
  volumes: readonly string[];
  exposed: readonly string[];
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  workdir?: string;
  /** What a stage that begins with this one does first. */
  triggers: readonly Instruction[];
}

/** What holds of the whole file. */
export interface StageContext {
  readonly escape: string;
  readonly find: (line: number, message: string) => void;
  /** Of every stage: a later one may take anything from an earlier one. */
  readonly sources: string[];
  isWhole: boolean;
  /** Whether each copy of a file lies at the path that the file has in the context, and at no other. */
  isInPlace: boolean;
  /** Where the context lies on the host. */
  readonly directory: string;
}

/** A stage in which nothing was said. */
export function emptyStage(): Stage {
  return { environment: new Map(), volumes: [], exposed: [], triggers: [] };
}

type Read = (stage: Stage, instruction: Instruction, context: StageContext) => void;

function wordsOf(rest: string): readonly string[] {
  return jsonWords(rest) ?? rest.split(/\s+/).filter((word) => word !== "");
}

const copyFlags: ReadonlySet<string> = new Set(
  "from chown chmod link parents exclude checksum keep-git-dir unpack".split(" "),
);

const isRemote = (source: string): boolean => /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/.test(source);

/** The sources of COPY and ADD that are files of the context; all of it where a word is replaced. */
const copy: Read = (_, { keyword, rest: text, line }, context) => {
  const { flags, rest } = flagged(text);
  const unknown = flags.find(([name]) => !copyFlags.has(name));
  if (unknown) throw new ContainerError(`docker refuses \`--${unknown[0]}\` of ${keyword}`, line);
  const words = wordsOf(rest.replace(/(?:^|\s)\d*<<-?\S+/g, (m) => (m.includes("<<") ? " " : m)));
  const isHere = /(?:^|\s)\d*<<-?\S+/.test(rest);
  if (words.length < (isHere ? 1 : 2))
    throw new ContainerError(`${keyword} needs a source and a target`, line);
  if (flags.some(([name]) => name === "from")) {
    context.isInPlace = false;
    return;
  }
  const [source = "", target, ...more] = words.map((word) => plainWord(word, context.escape));
  // A file that is copied to a name with a slash at its end lies below it.
  const isSame = target?.startsWith("/") && cleanPath(target) === cleanPath(`${context.directory}/${source}`);
  const isPlainCopy = keyword === "COPY" && flags.length === 0 && !isHere && more.length === 0;
  if (!isPlainCopy || !isSame || target?.endsWith("/") || /[*?[\\]/.test(source)) context.isInPlace = false;
  for (const word of words.slice(0, -1)) {
    if (keyword === "ADD" && isRemote(word)) continue;
    const source = plainWord(word, context.escape);
    if (source === undefined)
      context.find(line, `what \`${word}\` stands for is not known: it may be all of the context`);
    context.sources.push(cleanPath(source ?? "/"));
  }
};

/** What a step mounts: fields as BuildKit reads them; undefined where one stands twice, or is replaced. */
function mountFields(value: string, line: number): ReadonlyMap<string, string> | undefined {
  const fields = csvRecord(value, line).map((field) => field.split(/=(.*)/s));
  const out = new Map(fields.map(([key = "", of = ""]) => [key.toLowerCase(), of]));
  return out.size < fields.length || /["'$]/.test(value) ? undefined : out;
}

/** A build step sees the context only where it is mounted. */
const run: Read = (_, { rest, line }, context) => {
  context.isInPlace = false;
  for (const [name, value] of flagged(rest).flags) {
    const fields = name === "mount" ? mountFields(value, line) : undefined;
    const type = fields && (fields.get("type") ?? "bind");
    if (type === "cache" || type === "tmpfs") continue;
    if (type === "bind") {
      if (fields?.get("from")) continue;
      context.find(line, "a step of the build sees the context, and may copy all of it");
      context.sources.push("/");
    } else if (name !== "network") {
      context.find(line, `what \`--${name}=${value}\` gives a step of the build is not known`);
      context.isWhole = false;
    }
  }
};

function command(rest: string, line: number, context: StageContext): readonly string[] {
  const words = jsonWords(rest);
  if (words) return words;
  if (rest.startsWith("["))
    context.find(line, "this is no list in JSON, so docker hands it to a shell as it stands");
  return ["/bin/sh", "-c", rest];
}

const setters: Readonly<Record<string, Read>> = {
  USER: (stage, { rest, line }, context) => {
    const user = plainValue(rest, context.escape);
    if (user === undefined) {
      delete stage.user;
      context.find(line, `who \`${rest}\` is depends on the build`);
    } else stage.user = user;
  },
  ENV: (stage, { rest, line }, context) => {
    for (const [name, value] of assignments(rest)) {
      if (name.includes("$")) throw new ContainerError("the name of a variable is itself one", line);
      stage.environment.set(name, plainValue(value, context.escape));
    }
  },
  VOLUME: (stage, { rest, line }, context) => {
    // No mount covers a place that is not known: no path holds a NUL.
    const paths = wordsOf(rest).map((word) => plainWord(word, context.escape) ?? `${word}\0`);
    stage.volumes = [...stage.volumes, ...paths];
    context.find(line, "a volume that the image declares is writable, in a read-only root too");
  },
  EXPOSE: (stage, { rest }) => {
    stage.exposed = [...stage.exposed, ...wordsOf(rest)];
  },
  WORKDIR: (stage, { rest }, context) => {
    const path = plainValue(rest, context.escape);
    if (path === undefined) delete stage.workdir;
    else stage.workdir = cleanPath(path, stage.workdir ?? "/");
  },
  ENTRYPOINT: (stage, { rest, line }, context) => {
    stage.entrypoint = command(rest, line, context);
    // An entry point of its own forgets the command of the base.
    delete stage.cmd;
  },
  CMD: (stage, { rest, line }, context) => {
    stage.cmd = command(rest, line, context);
  },
  SHELL: (_, { line }, context) => {
    context.find(line, "the shell of later commands is another");
  },
  ONBUILD: (stage, { rest, line }) => {
    const trigger = instructionOf(rest, line);
    if (["FROM", "ONBUILD", "MAINTAINER"].includes(trigger.keyword))
      throw new ContainerError(`docker refuses \`ONBUILD ${trigger.keyword}\``, line);
    stage.triggers = [...stage.triggers, trigger];
  },
  COPY: copy,
  ADD: copy,
  RUN: run,
};

/** Reads one instruction into its stage. @throws ContainerError */
export function readInstruction(stage: Stage, instruction: Instruction, context: StageContext): void {
  const { keyword, rest, line } = instruction;
  if (rest === "" && keyword !== "MAINTAINER") throw new ContainerError(`${keyword} needs an argument`, line);
  setters[keyword]?.(stage, instruction, context);
}
