/** Recordings of what a host said, and hosts that answer from one. */
import { type Host, questions } from "./host.ts";

/** The version of the snapshot's format. */
export const snapshotVersion = 1;

/** A value as JSON holds it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A recording of a host's answers; `snapshot-schema.ts` reads one from a file. */
export interface HostSnapshot {
  readonly snapshotVersion: typeof snapshotVersion;
  readonly root: string;
  readonly home: string;
  /** Each question with its answer. */
  readonly answers: Readonly<Record<keyof Host, Readonly<Record<string, Json>>>>;
}

/** A host that also remembers what it was asked. */
export interface RecordingHost {
  readonly host: Host;
  /** The answers so far, sorted. */
  readonly snapshot: (root: string, home: string) => HostSnapshot;
}

type Answers = Record<string, Record<string, unknown>>;
type Question = (...parameters: readonly string[]) => unknown;

const keyOf = (parameters: readonly string[]): string => parameters.join(" in ");

function sortedKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Wraps a host so that it records, and asks each question once. */
export function recordHost(inner: Host): RecordingHost {
  const answers: Answers = Object.fromEntries(questions.map((q) => [q, Object.create(null)]));
  const wrap = (name: keyof Host): Question => {
    const ask = inner[name] as Question;
    const known = answers[name] ?? {};
    return (...parameters) => {
      const key = keyOf(parameters);
      if (!(key in known)) known[key] = ask(...parameters) ?? null;
      return known[key] ?? undefined;
    };
  };
  const host = Object.fromEntries(questions.map((q) => [q, wrap(q)])) as unknown as Host;
  return {
    host,
    snapshot: (root, home) =>
      ({
        snapshotVersion,
        root,
        home,
        answers: Object.fromEntries(questions.map((q) => [q, sortedKeys(answers[q] ?? {})])),
      }) as HostSnapshot,
  };
}

/** A question that a snapshot does not answer: the policy has changed since it was made. */
export class UnansweredQuestion extends Error {
  override readonly name = "UnansweredQuestion";
  constructor(readonly question: string) {
    super(`the snapshot does not say: ${question}`);
  }
}

/** A host that answers from a recording, and throws {@link UnansweredQuestion} for what it does not hold. */
export function replayHost(snapshot: HostSnapshot): Host {
  const wrap = (name: keyof Host): Question => {
    const known = (snapshot.answers as Answers)[name] ?? {};
    return (...parameters) => {
      const key = keyOf(parameters);
      if (!Object.hasOwn(known, key)) throw new UnansweredQuestion(`${name} ${key}`);
      return known[key] ?? undefined;
    };
  };
  return Object.fromEntries(questions.map((q) => [q, wrap(q)])) as unknown as Host;
}
