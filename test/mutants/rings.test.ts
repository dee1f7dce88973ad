/** A few mutants of each format; `npm run test:mutants` tries all of them, with more operations by chance. */
import { expect, test } from "vitest";
import { ringB } from "./ring-b.ts";
import { subjects } from "./ring-c/formats.ts";
import { Ring } from "./ring-c/run.ts";

test("of each format some mutants permit more, all of them fail, and nobody contradicts why", () => {
  const ring = new Ring(500, 20);
  for (const make of subjects(12, 20))
    for (const subject of make()) {
      const { mutants } = subject;
      const few = 12;
      ring.add(
        subject,
        mutants.filter((_, at) => at % Math.ceil(mutants.length / few) === 0),
      );
    }
  expect(ring.failures).toEqual([]);
  expect(ring.tallies.map(({ format }) => format)).toEqual([
    "seccomp JSON",
    "cBPF",
    "sandbox profile",
    "launcher",
    "Dockerfile",
    "compose",
    "docker run",
    "unit",
    "systemd-run",
    "manifest",
  ]);
  for (const { format, equivalent, over, confirmed } of ring.tallies) {
    expect(equivalent, format).toBeGreaterThan(0);
    expect(over, format).toBeGreaterThan(0);
    expect(confirmed, format).toBeGreaterThan(over / 2);
  }
}, 300_000);

test("the proof stops each seeded bug, and operations by chance do not show all of them", () => {
  const { tallies, failures } = ringB(300, 20);
  expect(failures).toEqual([]);
  for (const { target, bugs, caught, sampled } of tallies) {
    expect(caught, target).toBe(bugs);
    expect(sampled, target).toBeLessThan(bugs);
  }
}, 300_000);
