/**
 * `--mount`: comma-separated fields in RFC 4180's quotes; of a key that stands twice the last counts.
 *
 * Source: `MountOpt.Set` in opts/mount.go of docker/cli; Docker's reference of `docker run`, `--mount`.
 */
import type { ContainerEnvironment } from "./environment.ts";
import { ContainerError, type ContainerMount, type Draft, find } from "./settings.ts";
import { booleanOf, bytesOf } from "./values.ts";
import { absolute, bindMount, volumeMount } from "./volumes.ts";

/** One record of comma-separated values, as Go's encoding/csv reads it. @throws ContainerError */
export function csvRecord(text: string, line: number): readonly string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\n\r]*))(,|$)/gy;
  for (;;) {
    const found = pattern.exec(text);
    if (!found)
      throw new ContainerError(`docker refuses \`${text}\`: a quote is missing or out of place`, line);
    fields.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (found[3] === "") return fields;
  }
}

const names: Readonly<Record<string, string>> = {
  src: "source",
  dst: "target",
  destination: "target",
  ro: "readonly",
};
const known: ReadonlySet<string> = new Set(
  "type source target readonly consistency bind-propagation bind-nonrecursive bind-recursive bind-create-src volume-subpath volume-nocopy volume-label volume-driver volume-opt image-subpath tmpfs-size tmpfs-mode".split(
    " ",
  ),
);
const switches: ReadonlySet<string> = new Set(["readonly", "volume-nocopy", "bind-nonrecursive"]);

interface Fields {
  readonly values: ReadonlyMap<string, string>;
  readonly options: ReadonlyMap<string, string>;
}

function fieldsOf(draft: Draft, text: string, line: number): Fields {
  const values = new Map<string, string>();
  const options = new Map<string, string>();
  for (const field of csvRecord(text, line)) {
    const [name = "", value] = field.split(/=(.*)/s);
    const key = names[name.toLowerCase()] ?? name.toLowerCase();
    if (!known.has(key) || (value === undefined && !switches.has(key)))
      throw new ContainerError(`docker refuses the field \`${field}\` of a mount`, line);
    if (switches.has(key) && value !== undefined && booleanOf(value) === undefined)
      throw new ContainerError(`docker refuses the field \`${field}\` of a mount`, line);
    if (key === "volume-opt") {
      const [option = "", of = ""] = (value ?? "").split(/=(.*)/s);
      if (options.has(option)) find(draft, line, `\`${option}\` twice in one mount: the last counts`);
      options.set(option, of);
    } else if (key !== "volume-label") {
      if (values.has(key)) find(draft, line, `\`${key}\` twice in one mount: the last counts`);
      values.set(key, value ?? "true");
    }
  }
  return { values, options };
}

/** Reads the value of `--mount`. @throws ContainerError */
export function mountOption(
  draft: Draft,
  text: string,
  line: number,
  environment: ContainerEnvironment,
): ContainerMount {
  const { values, options } = fieldsOf(draft, text, line);
  const type = values.get("type") ?? "volume";
  const target = values.get("target");
  const source = values.get("source");
  const write = booleanOf(values.get("readonly") ?? "false") !== true;
  if (target === undefined) throw new ContainerError("a mount without a target", line);
  if (values.has("volume-subpath"))
    find(draft, line, "a subpath of a volume is not read here", "files", "sockets", "limits");
  if (type === "bind") {
    if (source === undefined) throw new ContainerError("a bind mount without a source", line);
    const isPlain =
      booleanOf(values.get("bind-nonrecursive") ?? "false") === true ||
      values.get("bind-recursive") === "disabled";
    const recursive = isPlain ? false : values.get("bind-recursive") === "writable" ? "writable" : true;
    return bindMount(draft, { source, target, write, recursive }, line, environment);
  }
  if (type === "volume") {
    const driver = values.get("volume-driver");
    const more = { ...(source !== undefined && { name: source }), ...(driver !== undefined && { driver }) };
    return volumeMount(draft, { target, write, options, ...more }, line, environment);
  }
  const at = { value: absolute(draft, target, line), line, exec: true, submounts: false };
  if (type !== "tmpfs") {
    find(draft, line, `a mount of type \`${type}\` is not read here`, "files", "sockets", "limits");
    return { kind: "private", ...at, write };
  }
  const size = bytesOf(values.get("tmpfs-size") ?? "0");
  if (size === undefined) throw new ContainerError("docker refuses the size of a tmpfs", line);
  if (write && size === 0) find(draft, line, `the tmpfs at \`${target}\` has no size: memory is its bound`);
  return { kind: "private", ...at, write, ...(size > 0 && { bytes: size }) };
}
