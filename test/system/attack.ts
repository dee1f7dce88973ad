import { expect } from "vitest";
import type { Attempt } from "./attempts.ts";
import { canary } from "./scene.ts";
import { type Session, withSession } from "./session.ts";

/** How an attempt went. */
export interface Attacked {
  readonly ok: boolean;
  readonly detail: string;
}

async function one(session: Session, { attempt, args }: Attempt): Promise<Attacked> {
  return JSON.parse(await session.call("attempt", { attempt, ...args })) as Attacked;
}

/** Tries everything in one session; what may end the server is tried in a session of its own. */
export async function attack(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  attempts: readonly Attempt[],
): Promise<ReadonlyMap<string, Attacked>> {
  const results = new Map<string, Attacked>();
  await withSession(argv, options, async (session) => {
    for (const attempt of attempts.filter((a) => !a.fatal))
      results.set(attempt.title, await one(session, attempt));
  });
  for (const attempt of attempts.filter((a) => a.fatal)) {
    const ended = { ok: false, detail: "the server was ended" };
    try {
      results.set(attempt.title, ended);
      await withSession(argv, options, async (session) => {
        results.set(attempt.title, await one(session, attempt));
      });
    } catch {
      // The client says only that the connection is closed.
    }
  }
  return results;
}

/** Every attempt must have succeeded. */
export function expectAllowed(results: ReadonlyMap<string, Attacked>, where: string): void {
  const failed = [...results].filter(([, { ok }]) => !ok).map(([title, { detail }]) => `${title}: ${detail}`);
  expect(failed, where).toEqual([]);
}

/** Every attempt must have failed, and none may have seen a secret. */
export function expectDenied(results: ReadonlyMap<string, Attacked>, where: string): void {
  const succeeded = [...results]
    .filter(([, { ok }]) => ok)
    .map(([title, { detail }]) => `${title}: ${detail}`);
  expect(succeeded, where).toEqual([]);
  for (const { detail } of results.values()) expect(detail).not.toContain(canary);
}
