/**
 * Files that systemd opens or copies for a unit, whatever its view shows.
 *
 * Source: systemd.exec(5), StandardInput=, LoadCredential=, ExtensionDirectories=; systemd.service(5), OpenFile=.
 */
import type { PathRule } from "../../authority/path-rules.ts";
import { everyRight, type Rights, rights } from "../../authority/paths.ts";
import { type Reading, simplified } from "./paths.ts";
import { resolved, wordsOf } from "./words.ts";

/** The files; each an own grant, an unknown one of everything. */
export function openedFiles({ settings, specifiers }: Reading): readonly PathRule[] {
  const rules: PathRule[] = [];
  const give = (word: string, mask: Rights): void => {
    const text = resolved(word, specifiers);
    const path = text === undefined ? "/" : simplified(text);
    if (path !== undefined && !path.includes("*"))
      rules.push({ pattern: path, effect: { kind: "grant", rights: mask } });
    else if (path !== undefined) rules.push({ pattern: "/", effect: { kind: "grant", rights: everyRight } });
  };
  for (const key of ["StandardInput", "StandardOutput", "StandardError"]) {
    const [, path] = /^(?:file|append|truncate):(.*)$/s.exec(settings.last(key)?.value ?? "") ?? [];
    if (path !== undefined) give(path, rights.read | rights.write);
  }
  for (const key of ["LoadCredential", "LoadCredentialEncrypted"])
    for (const { value } of settings.list(key)) {
      const [, path] = /^[^:]*:(.*)$/s.exec(value) ?? [];
      if (path !== undefined) give(path, rights.read);
    }
  if (settings.list("ImportCredential").length > 0)
    for (const path of ["/etc/credstore", "/run/credstore", "/usr/lib/credstore"]) give(path, rights.read);
  for (const { value } of settings.list("OpenFile"))
    give(value.split(":")[0] ?? "", /:.*:.*read-only/.test(value) ? rights.read : rights.read | rights.write);
  for (const { value } of settings.list("ExtensionDirectories"))
    for (const word of wordsOf(value).words) give(word.replace(/^-/, ""), rights.read | rights.exec);
  return rules;
}
