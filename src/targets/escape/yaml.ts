/**
 * YAML through the `yaml` library, with a scalar style of our own: every string, keys too, is double-quoted, and
 * everything outside printable ASCII is escaped. No anchors, no merge keys. Neither JSON.stringify nor the library's
 * default output survives every reader: go-yaml refuses surrogate pairs, PyYAML refuses raw DEL and C1.
 */
import { Document, type Tags, visit } from "yaml";

/** What can be printed: plain data. */
export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

/** A string as a double-quoted YAML scalar, YAML 1.2 section 5.7. */
export function yamlString(text: string): string {
  let out = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") out += `\\${character}`;
    else if (code >= 0x20 && code <= 0x7e) out += character;
    else if (code <= 0xff) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code <= 0xffff) out += `\\u${code.toString(16).padStart(4, "0")}`;
    else out += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `"${out}"`;
}

const stringTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  identify: (value: unknown) => typeof value === "string",
  resolve: (text: string) => text,
  stringify: (item: { value?: unknown }) => yamlString(String(item.value)),
};

const withStringTag = (tags: Tags): Tags => [
  stringTag,
  ...tags.filter((tag) => typeof tag === "string" || tag.tag !== stringTag.tag),
];

/** Refuses numbers with an exponent, which YAML 1.1 reads only behind a point, and those that readers round. */
function checkNumbers(value: YamlValue): void {
  if (typeof value === "number") {
    const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (!isExact || !/^-?\d+(\.\d+)?$/.test(String(value)))
      throw new RangeError(`${value} is no number that every reader of YAML takes for the same`);
  } else if (typeof value === "object") Object.values(value).forEach(checkNumbers);
}

/**
 * Prints a document under comment lines. YAML 1.1 and 1.2 read it alike: strings are quoted, and all else is plain decimal
 * numbers and booleans. The proof of an artifact reads both.
 */
export function printYaml(value: YamlValue, header: readonly string[]): string {
  checkNumbers(value);
  const document = new Document(value, { aliasDuplicateObjects: false, customTags: withStringTag });
  visit(document, {
    Collection: (_, node) => {
      if (node.items.length === 0) node.flow = true;
    },
  });
  return `${header.map((line) => `# ${line}\n`).join("")}${document.toString({ lineWidth: 0 })}`;
}
