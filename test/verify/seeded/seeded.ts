/** Bugs of an emitter, seeded into what it prints: each must stop the compile, with a message that shows what gets through. */

/** A bug: what it does to the text of the files whose path it names, and what must be said. */
export interface SeededBug {
  readonly name: string;
  readonly file: RegExp;
  readonly edit: (text: string) => string;
  readonly says: RegExp;
  /** The policy that shows it, where the rich one does not. */
  readonly policy?: string;
}

/** A bug that replaces what an expression finds. */
export function replaced(name: string, file: RegExp, from: RegExp, to: string, says: RegExp): SeededBug {
  return { name, file, edit: (text) => text.replace(from, to), says };
}

/** A policy of a server with a user of its own, and a network of its own. */
export const lonePolicy = "server s <\n  run node ./program/index.js;\n  net loopback;\n>\n";

/** A policy with something of everything: what it lacks can't be lost. */
export const richPolicy = `server s <
  run node ./program/index.js;
  read ./a;
  write ./d;
  deny ./a/b/x.key;
  exec ./a/bc;
  tmp 1MiB;
  env TOKEN;
  user 1001:1001;
  limits < memory 64MiB; processes 32; files 64; cpu 50%; time 90s >;
  accept docker: files.exec, deny.future, limits.time;
  accept kubernetes: files.exec, files.deny, limits.processes, limits.files, limits.time;
  accept sb: tmp.size, user, limits.memory, limits.processes, limits.cpu;
  accept systemd: deny.future, processes.other;
>
`;
