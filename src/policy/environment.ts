/**
 * The environment that the artifacts are for: versions of runtimes on which the meaning of a format depends.
 * Every claim is relative to it; `--env systemd=255,docker=27` changes it.
 */

/** A release as major and minor number. */
export interface Release {
  readonly major: number;
  readonly minor: number;
}

/** What `--env` can name. */
export const environmentKeys = [
  "compose",
  "docker",
  "kernel",
  "kubernetes",
  "macos",
  "runc",
  "systemd",
] as const;

export type EnvironmentKey = (typeof environmentKeys)[number];

/** A release for each key. */
export type Environment = Readonly<Record<EnvironmentKey, Release>>;

/** The defaults, written down so that two compiles without `--env` mean the same. */
export const defaultEnvironment: Environment = {
  compose: { major: 2, minor: 0 },
  docker: { major: 28, minor: 0 },
  kernel: { major: 6, minor: 1 },
  kubernetes: { major: 1, minor: 33 },
  macos: { major: 14, minor: 0 },
  runc: { major: 1, minor: 2 },
  systemd: { major: 252, minor: 0 },
};

/** Reads `252`, `20.10`, `1.29.2`; undefined for anything else. */
export function parseRelease(text: string): Release | undefined {
  const parts = /^(\d{1,5})(?:\.(\d{1,5}))?(?:\.\d{1,5})*$/.exec(text);
  if (!parts) return undefined;
  return { major: Number(parts[1]), minor: Number(parts[2] ?? 0) };
}

/** Whether a release is the named one or a later one. */
export function atLeast(release: Release, major: number, minor = 0): boolean {
  return release.major > major || (release.major === major && release.minor >= minor);
}

/** A release as people write it. */
export function formatRelease(release: Release): string {
  return release.minor === 0 ? String(release.major) : `${release.major}.${release.minor}`;
}
