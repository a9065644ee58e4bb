/** Sends each complete, newer state to the control API while Terraform runs, in order, one at a time. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { StateCopy } from "../../contract/lifecycle-endpoints.ts";
import { readText } from "./run-folder.ts";
import { newestState } from "./state.ts";

const everyMilliseconds = 500;

export interface StateKeeper {
  /** Watches until the returned function is called. */
  watch(): () => void;
  /** Sends what is newest now; its serial. Throws what the last sending threw. */
  settle(): Promise<number | undefined>;
}

export function keepState(folder: string, save: (copy: StateCopy) => Promise<void>): StateKeeper {
  let seen = "";
  let sent: string | undefined;
  let sending: Promise<void> = Promise.resolve();

  const newest = (): StateCopy | undefined => newestState([readText(folder, "errored.tfstate"), readText(folder, "terraform.tfstate")]);
  const send = async (): Promise<number | undefined> => {
    const copy = newest();
    const mark = copy && `${copy.lineage}/${copy.serial}`;
    if (copy && mark !== sent) {
      await save(copy);
      sent = mark;
    }
    return copy?.serial;
  };
  const queued = <T>(run: () => Promise<T>): Promise<T> => {
    const next = sending.then(run, run);
    sending = next.then(
      () => {},
      () => {}, // reported by whoever awaits `next`
    );
    return next;
  };
  const look = (): void => {
    const stamp = stampOf(join(folder, "terraform.tfstate"));
    if (stamp === seen) return;
    seen = stamp;
    queued(send).catch(() => {}); // `settle` sends it again, and throws
  };
  return {
    watch: () => {
      const timer = setInterval(look, everyMilliseconds);
      return () => clearInterval(timer);
    },
    settle: () => queued(send),
  };
}

function stampOf(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size}/${mtimeMs}`;
  } catch {
    return ""; // not written yet
  }
}
