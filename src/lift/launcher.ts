/**
 * The launcher of a sandbox profile, read back: the script that this compiler writes, line by line, and nothing else. Each
 * protective step must stand there, in order, and end the script when it fails.
 *
 * Source: POSIX.1-2024, Shell Command Language; sandbox-exec(1).
 */

/** Why a script is none that can be told. */
export class LauncherError extends Error {
  override readonly name = "LauncherError";
  constructor(
    message: string,
    /** The line, from 1. */
    readonly line: number,
  ) {
    super(message);
  }
}

/** A variable that the server is given. */
export interface LauncherVariable {
  readonly name: string;
  /** `passed`: what it is outside, if anything; `temporary`: the private directory. */
  readonly value: string | { readonly kind: "passed" | "temporary" };
}

/** How a server is started. */
export interface LiftedLauncher {
  /** Parameters of the profile; the temporary directory stands for itself as `temporaryPath`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly environment: readonly LauncherVariable[];
  readonly limits: { readonly files?: number; readonly milliseconds?: number };
  /** The program and its arguments; absent when whoever starts it says them. */
  readonly command?: readonly string[];
  readonly workingDirectory: string;
  /** Paths that must be what they were. */
  readonly checked: readonly string[];
  /** Whether a private directory is made and removed again. */
  readonly temporary: boolean;
}

/** The name of the private directory, with the letters that mktemp(1) replaces. */
export const temporaryPath = "/private/tmp/mcpc.XXXXXXXX";

const beginning = `set -eu
umask 077
fail() {
  printf 'mcpc: %s\\n' "$1" >&2
  exit 126
}
[ "$(/usr/bin/id -u)" -ne 0 ] || fail 'a server never runs as root'
[ -x /usr/bin/sandbox-exec ] || fail '/usr/bin/sandbox-exec is missing'
here=$(CDPATH='' cd -P -- "$(/usr/bin/dirname -- "$0")" && pwd -P)
same() {
  [ ! -L "$1" ] || fail "$1 has become a symlink; compile the policy again"
  if [ -d "$1" ]; then
    real=$(CDPATH='' cd -P -- "$1" && pwd -P)
  else
    [ -e "$1" ] || fail "$1 is missing"
    real=$(CDPATH='' cd -P -- "$(/usr/bin/dirname -- "$1")" && pwd -P)
    real="\${real%/}/$(/usr/bin/basename -- "$1")"
  fi
  [ "$real" = "$1" ] || fail "$1 now leads to $real; compile the policy again"
}`.split("\n");

const temporaryLines = [
  `tmp=$(/usr/bin/mktemp -d ${temporaryPath}) || fail 'no temporary directory could be made'`,
  `trap '/bin/rm -rf -- "$tmp"' EXIT`,
  "trap 'exit 143' HUP INT TERM",
];

const descriptorLines = `for path in /dev/fd/*; do
  fd=\${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done`.split("\n");

const supervision = [
  `"$@" <&0 &`,
  "child=$!",
  `trap 'kill -TERM "$child" 2>/dev/null || :' HUP INT TERM`,
] as const;
const deadline =
  /^\( \/bin\/sleep (\d+(?:\.\d+)?); kill -TERM "\$child"; \/bin\/sleep 2; kill -KILL "\$child" \) <\/dev\/null >\/dev\/null 2>&1 &$/;
const ending = ["status=0", `wait "$child" || status=$?`] as const;

/** A word in single quotes, as far as a pattern goes: `'\''` is a quote in it. */
const quoted = "'(?:[^']|'\\\\'')*'";
const plain = (word: string): string => word.slice(1, -1).replaceAll("'\\''", "'");

class Lines {
  readonly #lines: readonly { readonly text: string; readonly line: number }[];
  #at = 0;

  constructor(script: string) {
    const lines = script.split("\n");
    if (lines[0] !== "#!/bin/sh") throw new LauncherError("it is no script of /bin/sh", 1);
    // No line that is taken leaves a quote open, so a line that begins with `#` is a comment wherever it stands.
    this.#lines = lines
      .map((text, index) => ({ text, line: index + 1 }))
      .filter(({ text }) => text !== "" && !text.startsWith("#"));
  }

  #fail(message: string): never {
    throw new LauncherError(message, this.#lines[this.#at]?.line ?? this.#lines.at(-1)?.line ?? 1);
  }

  isNext(text: string): boolean {
    return this.#lines[this.#at]?.text === text;
  }

  take(...expected: readonly string[]): void {
    for (const text of expected) {
      if (!this.isNext(text)) this.#fail(`\`${text.trim()}\` is missing here`);
      this.#at++;
    }
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.#lines[this.#at]?.text ?? "");
    if (found) this.#at++;
    return found ?? undefined;
  }

  need(pattern: RegExp, what: string): RegExpExecArray {
    return this.match(pattern) ?? this.#fail(`${what} is missing here`);
  }

  /** The line that was taken last. */
  before(): number {
    return this.#lines[this.#at - 1]?.line ?? 1;
  }

  end(): void {
    if (this.#at < this.#lines.length) this.#fail("something stands behind the end");
  }
}

function readChecked(lines: Lines): readonly string[] {
  const out: string[] = [];
  for (;;) {
    const found = lines.match(new RegExp(`^same (${quoted})$`));
    if (!found) return out;
    out.push(plain(found[1] ?? "''"));
  }
}

function readFileLimit(lines: Lines): number | undefined {
  lines.take("ulimit -c 0 || fail 'a limit could not be set'");
  const found = lines.match(/^ulimit -n ([1-9]\d*) \|\| fail 'a limit could not be set'$/);
  return found ? Number(found[1]) : undefined;
}

function readCommand(lines: Lines): readonly string[] | undefined {
  const usage = "usage: run.sh PROGRAM [ARGUMENT ...]; the policy names no program";
  if (lines.isNext(`[ "$#" -gt 0 ] || fail '${usage}'`)) {
    lines.take(`[ "$#" -gt 0 ] || fail '${usage}'`);
    return undefined;
  }
  lines.take(`[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'`);
  const [, words = ""] = lines.need(new RegExp(`^set -- ((?:${quoted} )+)$`), "the command");
  return [...words.matchAll(new RegExp(quoted, "g"))].map(([word]) => plain(word));
}

const name = "[A-Za-z_][A-Za-z0-9_]*";
const variable = new RegExp(
  `(${name})="\\$tmp" |\\$\\{(${name})\\+"(${name})=\\$(${name})"\\} |(${quoted}) `,
  "y",
);
const parameter = new RegExp(`-D (?:("TMP=\\$tmp")|(${quoted})) `, "y");
const sandbox = '/usr/bin/sandbox-exec -f "$here/profile.sb" ';

/** Takes words of one kind from the beginning of a text, in order. */
function takeWords(
  text: string,
  pattern: RegExp,
): { readonly words: RegExpExecArray[]; readonly rest: string } {
  const words: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let at = 0; ; at = pattern.lastIndex) {
    const found = pattern.exec(text);
    if (!found) return { words, rest: text.slice(at) };
    words.push(found);
  }
}

function readVariable([, temporary, passed, left, right, word]: RegExpExecArray):
  | LauncherVariable
  | undefined {
  if (temporary !== undefined) return { name: temporary, value: { kind: "temporary" } };
  if (passed !== undefined)
    return passed === left && passed === right ? { name: passed, value: { kind: "passed" } } : undefined;
  const [, key, value] = new RegExp(`^(${name})=([\\s\\S]*)$`).exec(plain(word ?? "''")) ?? [];
  return key === undefined || value === undefined ? undefined : { name: key, value };
}

function readStart(
  lines: Lines,
): Pick<LiftedLauncher, "environment" | "parameters"> & { readonly usesTmp: boolean } {
  const found = lines.need(/^set -- \/usr\/bin\/env -i (.*)-- "\$@"$/, "the start of the sandbox");
  const refuse = (what: string): never => {
    throw new LauncherError(what, lines.before());
  };
  const { words, rest } = takeWords(found[1] ?? "", variable);
  const environment = words.map((word) => readVariable(word) ?? refuse("a variable can't be read"));
  if (!rest.startsWith(sandbox)) return refuse("the sandbox is not started as it must be");
  const given = takeWords(rest.slice(sandbox.length), parameter);
  if (given.rest !== "") return refuse(`\`${given.rest}\` does not belong here`);
  const parameters = new Map<string, string>();
  for (const [, temporary, word] of given.words) {
    const [, key = "", value = ""] =
      temporary === undefined
        ? (/^([A-Z][A-Z0-9]*)=([\s\S]*)$/.exec(plain(word ?? "''")) ?? [])
        : ["", "TMP", temporaryPath];
    if (key === "" || parameters.has(key)) return refuse("a parameter can't be read, or stands twice");
    parameters.set(key, value);
  }
  const names = environment.map((one) => one.name);
  if (new Set(names).size < names.length) return refuse("a variable stands twice");
  const usesTmp =
    parameters.get("TMP") === temporaryPath ||
    environment.some(({ value }) => typeof value === "object" && value.kind === "temporary");
  return { environment, parameters, usesTmp };
}

/** The end of a script: the program in its place, or beside it with a time to end it. */
function readEnd(lines: Lines, supervised: boolean): number | undefined {
  if (!supervised && lines.isNext('exec "$@"')) {
    lines.take('exec "$@"');
    return undefined;
  }
  lines.take(...supervision);
  const found = lines.match(deadline);
  if (found) lines.take("watchdog=$!");
  lines.take(...ending);
  if (found) lines.take('kill "$watchdog" 2>/dev/null || :');
  lines.take('exit "$status"');
  return found ? Math.round(Number(found[1]) * 1000) : undefined;
}

/** Reads a launcher. @throws LauncherError */
export function liftLauncher(script: string): LiftedLauncher {
  const lines = new Lines(script);
  lines.take(...beginning);
  const checked = readChecked(lines);
  const files = readFileLimit(lines);
  const temporary = lines.isNext(temporaryLines[0] ?? "");
  if (temporary) lines.take(...temporaryLines);
  lines.take(...descriptorLines);
  const [, directory = ""] = lines.need(
    new RegExp(`^cd -- (${quoted}) \\|\\| fail 'the working directory is missing'$`),
    "the working directory",
  );
  const command = readCommand(lines);
  const { environment, parameters, usesTmp } = readStart(lines);
  if (usesTmp && !temporary) throw new LauncherError("`$tmp` is used and never made", 1);
  const milliseconds = readEnd(lines, temporary);
  lines.end();
  return {
    parameters,
    environment,
    limits: { ...(files !== undefined && { files }), ...(milliseconds !== undefined && { milliseconds }) },
    ...(command && { command }),
    workingDirectory: plain(directory),
    checked,
    temporary,
  };
}
