/**
 * YAML as its versions 1.1 and 1.2 read it. A compose file or a manifest goes through readers of both; what they take for
 * different values is for who asks to refuse.
 */
import { Composer, type Document, LineCounter, Parser } from "yaml";

/** The documents of a text in both versions, side by side. */
export interface Versions {
  readonly newer: readonly Document.Parsed[];
  readonly older: readonly Document.Parsed[];
  readonly lines: LineCounter;
}

/** Reads a text: its tokens are the same in both versions, what they mean is not. Errors stand in the documents. */
export function readVersions(text: string): Versions {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const composed = (version: "1.1" | "1.2"): readonly Document.Parsed[] => {
    const composer = new Composer({ version, merge: false, strict: true, uniqueKeys: true });
    return [...composer.compose(tokens)] as Document.Parsed[];
  };
  return { newer: composed("1.2"), older: composed("1.1"), lines };
}
