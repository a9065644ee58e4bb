/** One kept answer: a line of what is said of it, then a line an amount. Written and read piece by piece, because it may be large. */
import { closeSync, openSync } from "node:fs";
import type { AmountSink, CostAmount, KeptHead } from "../core/costs/actual/cost-source.ts";
import { lineKinds } from "../core/costs/actual/cost-source.ts";
import { headIn, linesDraft, linesIn } from "./lines-file.ts";

/** `amounts`: how many lines follow. */
type WrittenHead = Pick<KeptHead, "source" | "estimatedFrom" | "price" | "askedAt"> & { amounts: number };

/** Written beside `file`, and in its place when it is whole: `finish` says whether it is. */
export function answerDraft(file: string): AmountSink & { finish(head: KeptHead): boolean; remove(): void } {
  const { add, clear, finish, remove } = linesDraft(file);
  return {
    add: ({ period, key, kind, currency, amount, used }) =>
      add([period, key, kind, currency, amount, ...(used ? [used.type, used.quantity, ...(used.service === undefined ? [] : [used.service])] : [])]),
    clear,
    finish: ({ source, estimatedFrom, price, askedAt }) =>
      finish(({ lines }) => ({ source, estimatedFrom, price, askedAt, amounts: lines }) satisfies WrittenHead),
    remove,
  };
}

/** Undefined: there is none, or it isn't what was written. `wanted` decides by the head whether the amounts are read. */
export function readAnswer(file: string, wanted: (head: KeptHead) => boolean, sink: AmountSink): KeptHead | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const { amounts, ...head } = headOf(headIn(descriptor));
    if (!wanted(head)) return undefined;
    let read = 0;
    for (const line of linesIn(descriptor)) {
      sink.add(amountOf(line));
      read++;
    }
    if (read !== amounts) throw new Error("it is cut short");
    return head;
  } catch {
    sink.clear();
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** By hand: a kept answer is there before a library for it would be loaded. */
function headOf(found: unknown): WrittenHead {
  const head = found as Record<keyof WrittenHead, unknown>;
  const { source, estimatedFrom, askedAt, amounts } = head;
  const price = head.price as Record<keyof WrittenHead["price"], unknown>;
  const whole =
    (source === "ce" || source === "cur") &&
    (estimatedFrom === null || typeof estimatedFrom === "string") &&
    Number.isSafeInteger(price.requests) &&
    isDecimal(price.dollars) &&
    Number.isSafeInteger(price.bytesScanned) &&
    typeof price.reused === "boolean" &&
    typeof askedAt === "string" &&
    !Number.isNaN(Date.parse(askedAt)) &&
    Number.isSafeInteger(amounts);
  if (!whole) throw notAsWritten();
  return head as WrittenHead;
}

const isDecimal = (value: unknown): value is string => typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value);

function amountOf(line: string): CostAmount {
  const [period, key, kind, currency, amount, type, quantity, service] = JSON.parse(line) as unknown[];
  const known = lineKinds.find((one) => one === kind);
  const whole = typeof period === "string" && (key === null || typeof key === "string") && known !== undefined && typeof currency === "string";
  if (!whole || !isDecimal(amount)) throw notAsWritten();
  if (type === undefined) return { period, key, kind: known, currency, amount };
  if (typeof type !== "string" || !isDecimal(quantity)) throw notAsWritten();
  if (service !== undefined && service !== null && typeof service !== "string") throw notAsWritten();
  return { period, key, kind: known, currency, amount, used: { type, quantity, ...(service === undefined ? {} : { service }) } };
}

const notAsWritten = (): Error => new Error("it isn't what was written");
