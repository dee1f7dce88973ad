/** Whether two containers permit the same. */
import { expect } from "vitest";
import { fileOutside } from "../../src/authority/paths.ts";
import type { LiftedContainer } from "../../src/lift/container.ts";

/** The same permissions: slice by slice, files in both directions. */
export function expectAgreement(a: LiftedContainer, b: LiftedContainer): void {
  for (const slice of ["files", "sockets"] as const) {
    const [x, y] = [a.authority[slice], b.authority[slice]];
    if (!x || !y) throw new Error(`${slice} are not mediated`);
    expect(fileOutside(x, y), slice).toBe(undefined);
    expect(fileOutside(y, x), slice).toBe(undefined);
  }
  for (const slice of ["processes", "identity", "limits", "isolation"] as const)
    expect(a.authority[slice]).toEqual(b.authority[slice]);
  const sorted = ({ authority }: LiftedContainer) =>
    authority.environment === "any" ? "any" : [...(authority.environment ?? [])].sort();
  expect(sorted(a)).toEqual(sorted(b));
  expect(a.authority.network === undefined).toBe(b.authority.network === undefined);
  expect(a.command).toEqual(b.command);
  expect(a.image).toBe(b.image);
}
