/** The policies of which the artifacts are spoilt: something of everything, and little accepted, so that most of what is lost shows. */
import { lonePolicy, richPolicy } from "../../verify/seeded/seeded.ts";

const policy = (...clauses: readonly string[]): string =>
  `server s <\n${clauses.map((clause) => `  ${clause};\n`).join("")}>\n`;

const image = `image registry.example/s@sha256:${"a".repeat(64)}`;

export const policies = {
  rich: richPolicy,
  lone: lonePolicy,
  /** Without a program: a drop-in for a unit that somebody else wrote. */
  bare: policy(
    "runtime node",
    "read ./a",
    "write ./d",
    "deny ./a/b/x.key",
    "tmp 1MiB",
    "env TOKEN, B=c",
    "user 1001:1001",
    "limits < memory 64MiB; processes 32; files 64; cpu 50%; time 90s >",
    "accept systemd: deny.future, processes.other, syscalls.arguments",
  ),
  dynamic: policy(
    "run node ./program/index.js",
    "read ./a",
    "user dynamic",
    "tmp 1MiB",
    "limits < memory 64MiB; files 64 >",
  ),
  deployed: policy(
    image,
    "read ./a",
    "write ./d/e",
    "tmp 1MiB",
    "env TOKEN, B=c",
    "user 1001:1001",
    "net listen 0.0.0.0:9000",
    "net connect 10.0.0.0/8:5432-5440, [2001:db8::/32]:443",
    "limits < memory 64MiB; cpu 50% >",
    "accept kubernetes: files.exec, net.loopback, unix",
  ),
  pod: policy(
    image,
    "read ./a",
    "write ./d/e",
    "tmp 1MiB",
    "env TOKEN, B=c",
    "user 1001:1001",
    "net connect 10.0.0.0/8:5432-5440, [2001:db8::/32]:443",
    "limits < memory 64MiB; cpu 50%; time 90s >",
    "accept kubernetes: files.exec, net.loopback, unix",
  ),
  /** A profile with few rules, some of them of the network. */
  desktop: policy(
    "run node ./program/index.js",
    "read ./a",
    "write ./a/b",
    "deny ./a/b/c",
    "deny **/.env",
    "exec ./a/bc",
    "env TOKEN, B=c",
    "net connect 127.0.0.1:5432",
    "unix /run/app/app.sock",
    "limits < files 64; time 90s >",
    "accept sb: user, net.connect",
  ),
  exact: policy(
    "syscalls default-deny + [read, write, close, exit_group, execve, mmap(prot = 1), openat(flags & 3 = 0), ioctl(cmd in {1, 2}), fcntl(cmd in {1, 3}), prctl(option = 15), clone(flags & 0x7e020000 = 0), kill(sig = 15)]",
  ),
} as const;
