/** What a container starts; Kubernetes' documentation, "Define a Command and Arguments for a Container". */
import { listAt, textsAt } from "./nodes.ts";
import type { PodReading } from "./reading.ts";

/** `$$` is one dollar; undefined where a variable may stand. */
function literal(text: string): string | undefined {
  const out = text.replaceAll("$$", "\0");
  return out.includes("$(") ? undefined : out.replaceAll("\0", "$");
}

/** The words; undefined where the image's own are started, or a variable stands in them. @throws ManifestError */
export function commandOf({ container }: PodReading): readonly string[] | undefined {
  if (listAt(container, "command").open || listAt(container, "args").open) return undefined;
  const command = textsAt(container, "command");
  const words = [...command, ...textsAt(container, "args")].map(literal);
  return command.length > 0 && words.every((word) => word !== undefined) ? words : undefined;
}
