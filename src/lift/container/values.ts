/**
 * Values as docker's client reads them.
 *
 * Source: `RAMInBytes` of docker/go-units; strconv.ParseBool; path/filepath.Clean of Go.
 */

const units: Readonly<Record<string, number>> = {
  "": 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** A size in bytes, with a unit of 1024; undefined when it is none. */
export function bytesOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text) ?? [];
  const factor = units[(unit ?? "").toLowerCase()];
  if (number === undefined || factor === undefined) return undefined;
  const bytes = Math.trunc(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A whole number, as strconv.Atoi reads it. */
export function wholeOf(text: string): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
  return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
}

/** A number with a point. */
export function decimalOf(text: string): number | undefined {
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}

/** A truth value. */
export function booleanOf(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? false : undefined;
}

/** An absolute path without `.`, `..` and doubled slashes, from a directory when it is relative. */
export function cleanPath(path: string, directory = "/"): string {
  const out: string[] = [];
  for (const name of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (name === "..") out.pop();
    else if (name !== "" && name !== ".") out.push(name);
  }
  return `/${out.join("/")}`;
}
