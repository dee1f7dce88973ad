/**
 * Upper bounds of a unit.
 *
 * Source: systemd.resource-control(5); systemd.exec(5), "Process Properties"; systemd.service(5), RuntimeMaxSec=;
 * `config_parse_memory_limit`, `config_parse_tasks_max` and `config_parse_cpu_quota` in src/core/load-fragment.c.
 */
import type { LimitBounds } from "../../authority/authority.ts";
import type { Settings } from "./settings.ts";
import { percentOf, resourceLimitOf, sizeOf, timeOf } from "./values.ts";
import { wordsOf } from "./words.ts";

type Parse = (text: string) => number | undefined;

/** The bound that counts; a value that systemd passes over is a finding, and bounds nothing. */
function bound(settings: Settings, key: string, parse: Parse, least: number): number | undefined {
  const at = settings.last(key);
  if (!at) return undefined;
  const value = parse(at.value);
  if (value === undefined || value < least) {
    settings.find(at, `systemd ignores \`${key}=${at.value}\`: it is out of range, so there is no limit`);
    return undefined;
  }
  return Number.isFinite(value) ? value : undefined;
}

const percentOfMachine = /^\d+(?:\.\d{1,2})?%$/;

/** A size, or a share of the machine, which is no number here. */
const sizeOrShare: Parse = (text) => (percentOfMachine.test(text) ? Number.POSITIVE_INFINITY : sizeOf(text));

/** Controllers that the unit refuses to start without. */
function assertedControllers(settings: Settings): ReadonlySet<string> {
  return new Set(
    settings
      .list("AssertControlGroupController", "Unit")
      // `|` makes it one of several of which one is enough, `!` the opposite.
      .filter(({ value }) => !/^[|!]/.test(value))
      .flatMap(({ value }) => wordsOf(value).words),
  );
}

/** Memory together with swap: without a bound on swap there is none on both. */
function memoryBound(settings: Settings): number | undefined {
  const memory = bound(settings, "MemoryMax", sizeOrShare, 1);
  const swap = bound(settings, "MemorySwapMax", sizeOrShare, 0);
  return memory === undefined || swap === undefined ? undefined : memory + swap;
}

function timeBound(settings: Settings): number | undefined {
  const at = settings.last("RuntimeMaxSec");
  if (!at) return undefined;
  if (settings.isOpen("Type") || settings.isOpen("Restart")) return undefined;
  if (settings.last("Type")?.value === "oneshot") {
    settings.find(at, "`RuntimeMaxSec=` has no effect with `Type=oneshot`");
    return undefined;
  }
  const more = settings.last("RuntimeRandomizedExtraSec");
  const extra = more ? timeOf(more.value) : 0;
  const time = bound(settings, "RuntimeMaxSec", timeOf, 1);
  return time === undefined || extra === undefined || !Number.isFinite(extra) ? undefined : time + extra;
}

/** The bounds of a unit; `controllers` are those that the machine is known to have. */
export function limitsOf(
  settings: Settings,
  controllers: ReadonlySet<string>,
  tmp: number | undefined,
): LimitBounds {
  const asserted = assertedControllers(settings);
  const held = (name: string): boolean => controllers.has(name) || asserted.has(name);
  const memory = held("memory") ? memoryBound(settings) : undefined;
  const processes = held("pids")
    ? bound(
        settings,
        "TasksMax",
        (text) => (percentOfMachine.test(text) ? Number.POSITIVE_INFINITY : sizeOf(text)),
        1,
      )
    : undefined;
  const cpu = held("cpu") ? bound(settings, "CPUQuota", percentOf, 0) : undefined;
  const files = bound(settings, "LimitNOFILE", resourceLimitOf, 0);
  const time = timeBound(settings);
  return {
    ...(memory !== undefined && { memory }),
    ...(processes !== undefined && { processes }),
    ...(cpu !== undefined && { cpu }),
    ...(files !== undefined && { files }),
    ...(time !== undefined && { time }),
    ...(tmp !== undefined && { tmp }),
  };
}
