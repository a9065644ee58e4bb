/** AWS and Terraform as literals: what exists is a set of names, and a test says what fails. The books are real. */

import { randomUUID } from "node:crypto";
import type { Holder } from "../../../src/contract/resources.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";
import type { DestroyPorts } from "../../../src/core/lifecycle/destroy.ts";
import type { ProvisionPorts } from "../../../src/core/lifecycle/provision.ts";
import type { Finding, ProgressEvent, Stack } from "../../../src/core/ports.ts";
import type { TestApi } from "../../control/support.ts";

export interface World {
  ports: ProvisionPorts & DestroyPorts;
  /** Addresses in AWS, and in Terraform's state. */
  aws: Set<string>;
  state: Set<string>;
  /** What was done, in order. */
  did: string[];
  events: ProgressEvent[];
  gentle: AbortController;
  /** What a test sets: failures, answers, findings beside the blueprint's. */
  set: {
    applyFails?: Error;
    afterCreating?: number;
    confirms?: boolean;
    boundary?: boolean;
    leftovers?: Finding[];
    foreign?: string;
    onApply?: () => void;
    holder?: Holder;
    alive?: boolean;
  };
}

export const blueprint = ["aws_s3_bucket.site", "aws_iam_role.app", "aws_lambda_function.app"];

export function world(api: TestApi): World {
  const aws = new Set<string>();
  const state = new Set<string>();
  const did: string[] = [];
  const events: ProgressEvent[] = [];
  const gentle = new AbortController();
  const set: World["set"] = {};
  let serial = 0;

  const stack = (save: (copy: { serial: number; lineage: string; body: string }) => Promise<void>): Stack => ({
    addresses: async () => [...state],
    plan: async ({ refresh, adopt }) => {
      did.push(`plan refresh=${refresh}`);
      const adopted = adopt.map(({ address }) => address);
      return {
        besides: [],
        changes: blueprint
          .filter((address) => !state.has(address))
          .map((address) => ({ address, type: address.split(".")[0] ?? "", action: adopted.includes(address) ? ("import" as const) : ("create" as const) })),
      };
    },
    apply: async () => {
      did.push("apply");
      set.onApply?.();
      for (const [at, address] of blueprint.entries()) {
        if (set.applyFails && at === (set.afterCreating ?? 0)) throw set.applyFails;
        aws.add(address);
        state.add(address);
      }
      return { outputs: { url: "https://app" } };
    },
    adopt: async (adoptions) => {
      for (const { address } of adoptions) {
        did.push(`adopt ${address}`);
        state.add(address);
      }
    },
    destroy: async () => {
      did.push("destroy");
      for (const address of [...state]) aws.delete(address);
      state.clear();
    },
    outputs: async () => (state.size > 0 ? { url: "https://app" } : {}),
    passThrough: async () => 0,
    settled: async () => {
      serial++;
      await save({ serial, lineage: "lineage", body: JSON.stringify([...state]) });
      return serial;
    },
    close: async () => void did.push("close"),
    remove: async () => void did.push("remove"),
  });

  const ports: World["ports"] = {
    books: api.books("acme"),
    clock: {
      now: () => api.clock.now,
      sleep: async (_, signal) => (signal ? await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())) : undefined),
    },
    processes: { self: () => set.holder ?? { machine: "here", pid: 1, startedAt: "boot-1" }, look: () => (set.alive ? "running" : "gone") },
    credentials: {
      account: async () => "123456789012",
      issue: async () => ({ accessKeyId: "id", secretAccessKey: "secret" }),
      kind: async () => "tenant-role",
    },
    synthesize: () => ({ files: {}, resources: blueprint.map((address) => ({ address, type: address.split(".")[0] ?? "", attributes: {} })) }),
    openStack: async (_, { saveState }) => {
      did.push("open");
      return stack(saveState);
    },
    inventory: {
      read: async () => {
        did.push("read");
        const findings = [...aws].map(
          (address): Finding => ({ kind: "thing", name: address, ours: address !== set.foreign, adoption: { address, importId: address } }),
        );
        return [{ kind: "thing", asked: "thing:List", at: "2026-01-01T00:00:00.000Z", findings: [...findings, ...(set.leftovers ?? [])] }];
      },
    },
    newIdempotencyKey: randomUUID,
    openRemoval: () => ({
      reset: async () => void did.push("reset"),
      emptyBucket: async () => {
        did.push("empty");
        return { objects: 2, uploads: 0, items: 0 };
      },
      clearTable: async () => {
        did.push("clear");
        return { objects: 0, uploads: 0, items: 3 };
      },
    }),
    prices: () => packagedPrices,
    boundary: { exists: async () => set.boundary ?? true, create: async () => void did.push("boundary") },
    progress: (event) => void events.push(event),
    confirm: async () => set.confirms ?? true,
    interrupt: { gentle: gentle.signal, now: new AbortController().signal },
  };
  return { ports, aws, state, did, events, gentle, set };
}
