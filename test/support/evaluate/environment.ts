/** Independent readers of the environment that an artifact gives: names to values, undefined for what is passed through. */
import { parse as parseYaml } from "yaml";
import { execWords, unitSettings } from "../parse-unit.ts";

export type Variables = ReadonlyMap<string, string | undefined>;

const entry = (word: string): readonly [string, string | undefined] => {
  const equals = word.indexOf("=");
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
};

/** Of a compose file; `$$` is a dollar. */
export function composeVariables(text: string): Variables {
  const { services } = parseYaml(text) as { services: Record<string, { environment?: readonly string[] }> };
  const [service] = Object.values(services);
  return new Map((service?.environment ?? []).map((word) => entry(word.replaceAll("$$", "$"))));
}

/** Of a `docker run` line. */
export function runVariables(argv: readonly string[]): Variables {
  const options = argv.slice(0, argv.indexOf("--"));
  return new Map(options.filter((w) => w.startsWith("--env=")).map((w) => entry(w.slice("--env=".length))));
}

/** Of a unit, without what its manager adds. */
export function unitVariables(text: string): Variables {
  const { settings } = unitSettings(text);
  const words = (key: string): readonly string[] =>
    settings.filter((s) => s.key === key).flatMap((s) => execWords(s.value));
  return new Map([
    ...words("PassEnvironment").map((name) => [name, undefined] as const),
    ...words("Environment").map(entry),
  ]);
}

/** Of a pod. */
export function podVariables(text: string): Variables {
  const { spec } = parseYaml(text) as {
    spec: { containers: readonly { env?: readonly { name?: string; value?: string }[] }[] };
  };
  // A patch also holds directives, `$patch`, which name nothing.
  return new Map(
    (spec.containers[0]?.env ?? []).flatMap(({ name, value }) =>
      name === undefined ? [] : [[name, value?.replaceAll("$$(", "$(")] as const],
    ),
  );
}

/** Names in a launcher's `env -i`. */
export function launcherVariables(text: string): readonly string[] {
  const line = /\/usr\/bin\/env -i (.*?) \/usr\/bin\/sandbox-exec/.exec(text)?.[1] ?? "";
  return [...line.matchAll(/(?:^| )(?:'|\$\{)?([A-Za-z_][A-Za-z0-9_]*)[=+]/g)].map((m) => m[1] ?? "");
}
