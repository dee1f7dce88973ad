/** What an MCP client's configuration says of its servers, as far as a policy can say it; what it can't is kept as remarks. */

/** A server of a configuration, or a command line. */
export interface Entry {
  readonly name: string;
  readonly argv: readonly string[];
  /** An image, where `docker run` starts it. */
  readonly image?: string;
  readonly environment: readonly string[];
  /** What was left out, a sentence each. */
  readonly remarks: readonly string[];
}

/** A configuration: the servers that have a program, and what is said of the others. */
export interface Configuration {
  readonly entries: readonly Entry[];
  readonly remarks: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// docker run's options that take no value of their own (docker run --help); every other one takes the next word.
const switches =
  /^(?:-[itdPq]+|--(?:detach|init|interactive|no-healthcheck|oom-kill-disable|privileged|publish-all|quiet|read-only|rm|sig-proxy|tty|use-api-socket)|--[a-z-]+=.*)$/s;
// What the compiled sandbox does by itself.
const understood = /^(?:-[it]+|--(?:interactive|rm|init|read-only))$/;

/** Reads `docker run … IMAGE WORD …`; anything else stays as it is. */
export function readDockerRun(entry: Entry): Entry {
  const [command = "", verb, ...words] = entry.argv;
  if (!/^(?:.*\/)?(?:docker|podman)$/.test(command) || verb !== "run") return entry;
  const environment = [...entry.environment];
  const leftOut: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) {
      const rest = words.slice(at + 1);
      const behind = `the image's own program was given ${rest.join(" ")}: say both, as in run PROGRAM ${rest.join(" ")}`;
      const remarks = [
        ...entry.remarks,
        ...(leftOut.length > 0 ? [`left out of docker's options: ${leftOut.join(" ")}`] : []),
        ...(rest.length > 0 ? [behind] : []),
      ];
      return { ...entry, argv: [], image: word, environment, remarks };
    }
    const [option = "", inline] = word.startsWith("--") ? word.split(/=(.*)/s) : [word];
    const value = inline ?? (switches.test(word) ? undefined : words[++at]);
    if (option === "-e" || option === "--env") environment.push((value ?? "").replace(/=.*$/s, ""));
    else if (!understood.test(word))
      leftOut.push(...(inline === undefined && value !== undefined ? [word, value] : [word]));
  }
  return entry;
}

function readEntry(name: string, value: unknown): Entry | string {
  if (!isRecord(value)) return `${name}: it is no entry of a server`;
  if (typeof value.command !== "string") {
    return typeof value.url === "string"
      ? `${name}: it is reached at ${value.url}, and has no program here to confine`
      : `${name}: it has no command`;
  }
  const args = Array.isArray(value.args) ? value.args.filter((a): a is string => typeof a === "string") : [];
  const remarks = [
    ...(typeof value.cwd === "string"
      ? [
          `it was started in ${value.cwd}: paths that begin with ./ mean the directory of the policy, or --root`,
        ]
      : []),
    ...(typeof value.envFile === "string" ? [`the variables of ${value.envFile} are left out`] : []),
  ];
  const environment = isRecord(value.env) ? Object.keys(value.env) : [];
  return readDockerRun({ name, argv: [value.command, ...args], environment, remarks });
}

/** Reads `mcpServers` (or `servers`); undefined when the text has neither. */
export function readConfiguration(text: string): Configuration | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const servers = isRecord(parsed) ? (parsed.mcpServers ?? parsed.servers) : undefined;
  if (!isRecord(servers)) return undefined;
  const read = Object.entries(servers).map(([name, value]) => readEntry(name, value));
  return {
    entries: read.filter((one): one is Entry => typeof one !== "string"),
    remarks: read.filter((one): one is string => typeof one === "string"),
  };
}
