/** A container of docker, asked by the evaluator of compose files and command lines. */
import {
  type ContainerForm,
  type ContainerWorld,
  containerHolds,
  containerLimit,
  containerMayGain,
  containerPermitsCall,
  containerPermitsFile,
  containerReaches,
  containerTouchesProcesses,
  containerUser,
  containerVariable,
} from "../../../../src/evaluate/container.ts";
import type { Operation } from "../operation.ts";
import type { Evaluator } from "./evaluator.ts";

/** Its own loopback is nobody's but the container's. */
const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1";

function variable(form: ContainerForm, world: ContainerWorld, name: string, value?: string): boolean {
  const found = containerVariable(form, world, name);
  if (found === "any" || value === undefined) return found !== undefined && found !== "";
  return found === value;
}

function amount(
  form: ContainerForm,
  world: ContainerWorld,
  { limit, value }: Extract<Operation, { kind: "amount" }>,
): boolean | undefined {
  if (limit === "io" || limit === "time") return true;
  return containerLimit(form, world, limit) >= value;
}

/** Asks a form in the place where it is started; each is read once. */
export function containerEvaluator(form: ContainerForm, world: ContainerWorld): Evaluator {
  return (operation) => {
    switch (operation.kind) {
      case "file":
        return containerPermitsFile(form, world, operation.access, operation.path);
      case "unix":
        return containerPermitsFile(form, world, "connect", operation.path);
      case "call":
        return containerPermitsCall(form, world, operation.call);
      case "env":
        return variable(form, world, operation.name, operation.value);
      case "peer":
        return isLoopback(operation.peer.address) ? undefined : containerReaches(form, world);
      case "process":
        return containerTouchesProcesses(form, world);
      case "user": {
        const user = containerUser(form, world);
        return user === undefined || user === `${operation.uid}:${operation.gid}`;
      }
      case "capability":
        return containerHolds(form, world, operation.name);
      case "gain":
        return containerMayGain(form, world);
      case "amount":
        return amount(form, world, operation);
      case "service":
        return undefined;
    }
  };
}
