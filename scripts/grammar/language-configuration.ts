/** What an editor needs to know beside colours: brackets, comments, words, folding, indentation. */
import { plainCharacter } from "../../src/syntax/tokens.ts";

/** The language configuration as an object, in the form that VS Code reads. */
export function languageConfiguration(): object {
  const pairs = [
    ["<", ">"],
    ["[", "]"],
    ["(", ")"],
    ["{", "}"],
  ];
  return {
    comments: { lineComment: "#" },
    brackets: pairs,
    autoClosingPairs: [
      ...pairs.map(([open, close]) => ({ open, close, notIn: ["string", "comment"] })),
      { open: '"', close: '"', notIn: ["string", "comment"] },
    ],
    autoCloseBefore: ";,>])} \n\t",
    surroundingPairs: [...pairs, ['"', '"']],
    colorizedBracketPairs: pairs,
    folding: { markers: { start: "^\\s*#\\s*region\\b", end: "^\\s*#\\s*endregion\\b" } },
    wordPattern: `${plainCharacter.source}+`,
    indentationRules: {
      // A bracket that stays open on its line; what is in quotes or behind `#` opens nothing.
      increaseIndentPattern:
        '^(?:[^"#]|"(?:[^"\\\\]|\\\\.)*")*(?:<[^<>"#]*|\\[[^\\[\\]"#]*|\\([^()"#]*)(?:#.*)?$',
      decreaseIndentPattern: "^\\s*[>\\])]",
    },
  };
}
