/**
 * Dockerfiles: what the image of the last stage is known to bring, and what of the host was copied into it.
 *
 * Source: Dockerfile reference.
 */
import { ContainerError, type KnownImage } from "./container.ts";
import { copiedFiles } from "./dockerfile/copied.ts";
import { dockerfileLines, type Instruction } from "./dockerfile/lines.ts";
import { emptyStage, readInstruction, type Stage, type StageContext } from "./dockerfile/stage.ts";
import { plainWord } from "./dockerfile/words.ts";
import type { Finding } from "./finding.ts";

/** An image as its Dockerfile tells it. */
export interface LiftedDockerfile {
  readonly image: KnownImage;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly workdir?: string;
  readonly exposed: readonly string[];
  /** The image that the last stage begins with; absent when it is a parameter. */
  readonly base?: string;
  /** Sources of COPY and ADD in the context, from its root. */
  readonly sources: readonly string[];
  readonly findings: readonly Finding[];
  readonly assumptions: readonly string[];
}

/** What a build is given beside its text. */
export interface BuildSetting {
  /** The directory of the context: absolute. */
  readonly context: string;
  /** The stage that is built; the last one when absent. */
  readonly target?: string;
}

/** What a stage may have that begins with what a variable names: it may be any that stands above. */
function anyOf(stages: readonly Stage[]): Stage {
  const names = stages.flatMap(({ environment }) => [...environment.keys()]);
  return {
    ...emptyStage(),
    environment: new Map(names.map((name) => [name, undefined])),
    volumes: stages.flatMap(({ volumes }) => volumes),
    triggers: stages.flatMap(({ triggers }) => triggers),
  };
}

function beginStage({ rest, line }: Instruction, stages: readonly Stage[], context: StageContext): Stage {
  const found = /^(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest);
  if (!found) throw new ContainerError(`docker refuses \`FROM ${rest}\``, line);
  const [, from = "", name] = found;
  const above = stages.findLast((stage) => stage.name !== undefined && stage.name === from.toLowerCase());
  const named = name === undefined ? {} : { name: name.toLowerCase() };
  if (above) {
    const { name: _, ...inherited } = above;
    return { ...inherited, environment: new Map(above.environment), ...named };
  }
  const base = plainWord(from, context.escape);
  return {
    ...(base === undefined ? anyOf(stages) : emptyStage()),
    ...(base !== undefined && { base }),
    ...(base === "scratch" ? { user: "0:0" } : {}),
    ...named,
  };
}

function readStages(
  text: string,
  findings: Finding[],
  directory: string,
): { stages: readonly Stage[]; context: StageContext } {
  const { instructions, escape: mark, syntax } = dockerfileLines(text);
  const find = (line: number, message: string): void => {
    findings.push({ file: "Dockerfile", line, message });
  };
  const context: StageContext = {
    escape: mark,
    find,
    sources: [],
    isWhole: true,
    isInPlace: true,
    directory,
  };
  if (syntax !== undefined && !/^(?:docker\.io\/)?docker\/dockerfile(?:[:@]|$)/.test(syntax)) {
    find(1, `the frontend \`${syntax}\` gives the file a meaning of its own`);
    context.isWhole = false;
  }
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === "FROM") {
      // A later stage may begin with an earlier one, and move what that copied.
      if (stages.length > 0) context.isInPlace = false;
      const stage = beginStage(instruction, stages, context);
      const { triggers } = stage;
      stage.triggers = [];
      for (const trigger of triggers) readInstruction(stage, trigger, context);
      stages.push(stage);
    } else {
      const stage = stages.at(-1);
      if (stage) readInstruction(stage, instruction, context);
      else if (instruction.keyword !== "ARG")
        throw new ContainerError(`\`${instruction.keyword}\` stands before the first FROM`, instruction.line);
    }
  }
  return { stages, context };
}

/** Reads a Dockerfile, and the ignore file that its build obeys. @throws ContainerError */
export function liftDockerfile(
  text: string,
  ignore: string | undefined,
  build: BuildSetting,
): LiftedDockerfile {
  const findings: Finding[] = [];
  const { stages, context } = readStages(text, findings, build.context);
  const wanted = build.target?.toLowerCase();
  const stage =
    wanted === undefined
      ? stages.at(-1)
      : (stages.find(({ name }) => name === wanted) ?? stages[/^\d+$/.test(wanted) ? Number(wanted) : -1]);
  if (!stage)
    throw new ContainerError(
      wanted === undefined ? "there is no FROM" : `there is no stage \`${wanted}\``,
      1,
    );
  const { user, environment, volumes, base, entrypoint, cmd, workdir, exposed } = stage;
  return {
    image: {
      ...(user !== undefined && { user }),
      environment,
      volumes,
      copied: copiedFiles(context.sources, build.context, ignore),
      isInPlace: context.isInPlace,
      isWhole: context.isWhole,
    },
    ...(entrypoint && { entrypoint }),
    ...(cmd && { cmd }),
    ...(workdir !== undefined && { workdir }),
    ...(base !== undefined && { base }),
    exposed,
    sources: context.sources,
    findings,
    assumptions:
      base === "scratch"
        ? []
        : [
            `the base image \`${base ?? "of a parameter"}\` declares no VOLUME and no ONBUILD, and sets no variable but PATH`,
          ],
  };
}
