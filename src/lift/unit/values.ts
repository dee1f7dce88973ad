/**
 * Values of directives: numbers, times, sizes.
 *
 * Source: `parse_boolean` in src/basic/parse-util.c; systemd.time(7); systemd.resource-control(5); systemd.exec(5).
 */

/** A boolean; undefined when it is none. */
export function booleanOf(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  if (["1", "yes", "y", "true", "t", "on"].includes(lower)) return true;
  if (["0", "no", "n", "false", "f", "off"].includes(lower)) return false;
  return undefined;
}

const units: Readonly<Record<string, number>> = {
  us: 0.001,
  usec: 0.001,
  µs: 0.001,
  ms: 1,
  msec: 1,
  "": 1000,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
  M: 2_629_800_000,
  month: 2_629_800_000,
  months: 2_629_800_000,
  y: 31_557_600_000,
  year: 31_557_600_000,
  years: 31_557_600_000,
};

/** Milliseconds of a span of time, rounded up, or infinity; undefined when it is none. */
export function timeOf(text: string): number | undefined {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  if (!/^(?:\s*\d+(?:\.\d+)?\s*(?:[a-zA-Z\u00b5]+|(?![\d.])))+\s*$/.test(text)) return undefined;
  let total = 0;
  for (const [, number = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zA-Z\u00b5]*)/g)) {
    if (!Object.hasOwn(units, unit)) return undefined;
    total += Number(number) * (units[unit] ?? 0);
  }
  return Math.ceil(total);
}

const factors = "BKMGTPE";

/** Bytes, to the base of 1024; undefined when it is none. */
export function sizeOf(text: string): number | undefined {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const found = /^(\d+(?:\.\d+)?)\s*([BKMGTPE]?)$/.exec(text);
  return found
    ? Math.ceil(Number(found[1]) * 1024 ** Math.max(factors.indexOf(found[2] || "B"), 0))
    : undefined;
}

/** The hard bound of a resource limit, `soft:hard` or one for both; undefined when it is none. */
export function resourceLimitOf(text: string): number | undefined {
  const parts = text.split(":").map(sizeOf);
  const [soft, hard = soft] = parts;
  // A part that is no size is not one that was left out.
  const isRead = parts.length <= 2 && !parts.includes(undefined);
  return isRead && soft !== undefined && hard !== undefined && soft <= hard ? hard : undefined;
}

/** Percent, possibly of more than one processor; undefined when it is none or nothing. */
export function percentOf(text: string): number | undefined {
  const found = /^(\d+(?:\.\d{1,2})?)%$/.exec(text);
  const value = found ? Number(found[1]) : 0;
  return value > 0 ? value : undefined;
}
