import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptCommand, mustRun } from "../command.ts";

const oneshot = `[Unit]
After=sockets.target systemd-tmpfiles-setup.service
Requires=systemd-tmpfiles-setup.service
[Service]
Type=oneshot
ExecStart=/bin/sh /root/mcpc-script.sh
StandardOutput=file:/root/mcpc-output.txt
StandardError=file:/root/mcpc-output.txt
ExecStopPost=/bin/systemctl --no-block exit 0
TimeoutStartSec=150
`;

const target = `[Unit]
Requires=basic.target mcpc-test.service
After=basic.target
AllowIsolate=yes
`;

/**
 * Boots this machine's own systemd in a container, over this machine's own files with everything written kept apart,
 * installs units, starts the manager with the given variables, runs a script there, and gives what it printed. Limits by cgroups are not enforced in it.
 * A layer is a directory whose files lie over the machine's.
 */
export function runInMachine(
  units: string,
  script: string,
  variables: readonly string[] = [],
  layer?: string,
): string {
  const work = mkdtempSync("/var/tmp/mcpc-machine-");
  const written = join(work, "layer");
  const root = join(work, "root");
  try {
    mkdirSync(written);
    mkdirSync(root);
    mustRun(["/bin/mount", "-t", "tmpfs", "tmpfs", written]);
    mkdirSync(join(written, "upper"));
    mkdirSync(join(written, "work"));
    // With its extended attributes, which say of a directory that nothing below it is the machine's.
    if (layer !== undefined) mustRun(["/bin/cp", "--archive", `${layer}/.`, join(written, "upper")]);
    mustRun([
      "/bin/mount",
      "-t",
      "overlay",
      "overlay",
      "-o",
      `lowerdir=/,upperdir=${written}/upper,workdir=${written}/work`,
      root,
    ]);
    const system = join(root, "etc/systemd/system");
    mustRun(["/bin/sh", "-c", `rm -rf ${system}/*.wants`]);
    writeFileSync(join(root, "etc/machine-id"), "uninitialized\n");
    mkdirSync(join(root, "etc/tmpfiles.d"), { recursive: true });
    cpSync(join(units, "mcpc-tmpfiles.conf"), join(root, "etc/tmpfiles.d/mcpc.conf"));
    const copyUnits = `for unit in ${units}/*.service ${units}/*.socket; do [ ! -e "$unit" ] || cp "$unit" ${system}/; done`;
    mustRun(["/bin/sh", "-c", copyUnits]);
    writeFileSync(join(system, "mcpc-test.service"), oneshot);
    writeFileSync(join(system, "mcpc-test.target"), target);
    writeFileSync(join(root, "root/mcpc-script.sh"), script);
    const name = `mcpc${process.pid}`;
    const words = [
      "--quiet",
      `--directory=${root}`,
      `--machine=${name}`,
      "--boot",
      "--register=no",
      "--keep-unit",
      "--private-network",
      ...variables.map((variable) => `--setenv=${variable}`),
      "--console=pipe",
      "systemd.unit=mcpc-test.target",
    ];
    const { output } = attemptCommand(
      ["/bin/sh", "-c", `exec systemd-nspawn ${words.join(" ")} </dev/null`],
      { seconds: 170 },
    );
    const printed = join(root, "root/mcpc-output.txt");
    return existsSync(printed)
      ? readFileSync(printed, "utf8")
      : `nothing was printed; the console said:\n${output}`;
  } finally {
    attemptCommand(["/bin/umount", "--lazy", root]);
    attemptCommand(["/bin/umount", "--lazy", written]);
    rmSync(work, { recursive: true, force: true });
  }
}
