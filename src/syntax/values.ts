/** Readers of the values that clauses take: total functions from a word to a number, or what was expected instead. */

/** A number that was read, or what a reader expected. */
export type Read =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly expected: string };

/** Units of sizes, in bytes. */
export const sizeUnits: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

/** Units of times, in milliseconds. */
export const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function withUnit(text: string, units: Readonly<Record<string, number>>, expected: string): Read {
  const parts = /^([1-9][0-9]{0,14})([A-Za-z]+)$/.exec(text);
  const unit = Object.hasOwn(units, parts?.[2] ?? "") ? units[parts?.[2] ?? ""] : undefined;
  const value = Number(parts?.[1]) * (unit ?? Number.NaN);
  return Number.isSafeInteger(value) ? { ok: true, value } : { ok: false, expected };
}

/** `64MiB`, in bytes. */
export function readSize(text: string): Read {
  return withUnit(
    text,
    sizeUnits,
    "a size: a whole number above 0 with KiB, MiB, GiB, KB, MB or GB, as in `64MiB`",
  );
}

/** `10MiB/s`, in bytes a second. */
export function readRate(text: string): Read {
  const expected = "a rate: a size a second, as in `10MiB/s`";
  return text.endsWith("/s") ? withUnit(text.slice(0, -2), sizeUnits, expected) : { ok: false, expected };
}

/** `30s`, in milliseconds. */
export function readDuration(text: string): Read {
  return withUnit(text, timeUnits, "a time: a whole number above 0 with ms, s, m or h, as in `30s`");
}

/** `50%`, in percent of one core. */
export function readShare(text: string): Read {
  const parts = /^([1-9][0-9]{0,6})%$/.exec(text);
  return parts
    ? { ok: true, value: Number(parts[1]) }
    : { ok: false, expected: "a share of one core in percent above 0, as in `50%`; `200%` is two cores" };
}

/** `64`, a count. */
export function readCount(text: string): Read {
  return /^[1-9][0-9]{0,8}$/.test(text)
    ? { ok: true, value: Number(text) }
    : { ok: false, expected: "a count: a whole number above 0" };
}
