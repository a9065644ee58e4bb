/** One kept answer: a line of what is said of it, then a line an amount. Written and read piece by piece, because it may be large. */
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { AmountSink, CostAmount, KeptHead } from "../core/costs/actual/cost-source.ts";
import { lineKinds } from "../core/costs/actual/cost-source.ts";
import { makePrivateFolder } from "../private-folder.ts";

/** `amounts`: how many lines follow. */
type WrittenHead = Pick<KeptHead, "source" | "estimatedFrom" | "price" | "askedAt"> & { amounts: number };
/** The head is known last, and stands first: room is left for it. */
const headBytes = 512;
const pieceBytes = 65_536;

/** Written beside `file`, and in its place when it is whole. Nothing of it fails: `finish` says whether the answer is kept. */
export function answerDraft(file: string): AmountSink & { finish(head: KeptHead): boolean; remove(): void } {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  let descriptor: number | undefined;
  let pending = "";
  let [amounts, end] = [0, 0];
  const giveUp = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
    pending = "";
    try {
      rmSync(draft, { force: true });
    } catch {
      // What stands in the folder's place says so each time.
    }
  };
  /** A folder that isn't writable or a full disk: the answer was paid for, and is told. */
  const unlessFailing = (work: () => void): void => {
    try {
      work();
    } catch {
      giveUp();
    }
  };
  const begin = (): void => {
    end = writeSync(descriptor as number, `${" ".repeat(headBytes - 1)}\n`, 0);
    amounts = 0;
    pending = "";
  };
  const flush = (): void => {
    const piece = Buffer.from(pending);
    for (let written = 0; written < piece.length; ) {
      const bytes = writeSync(descriptor as number, piece, written, piece.length - written, end);
      [written, end] = [written + bytes, end + bytes];
    }
    pending = "";
  };
  unlessFailing(() => {
    makePrivateFolder(dirname(file));
    descriptor = openSync(draft, "wx", 0o600);
    begin();
  });
  return {
    add: ({ period, key, kind, currency, amount, used }) => {
      if (descriptor === undefined) return;
      amounts++;
      pending += `${JSON.stringify([period, key, kind, currency, amount, ...(used ? [used.type, used.quantity, ...(used.service === undefined ? [] : [used.service])] : [])])}\n`;
      if (pending.length >= pieceBytes) unlessFailing(flush);
    },
    clear: () => {
      if (descriptor === undefined) return;
      unlessFailing(() => {
        ftruncateSync(descriptor as number);
        begin();
      });
    },
    finish: (head) => {
      if (descriptor === undefined) return false;
      let kept = false;
      unlessFailing(() => {
        flush();
        const { source, estimatedFrom, price, askedAt } = head;
        writeSync(descriptor as number, JSON.stringify({ source, estimatedFrom, price, askedAt, amounts } satisfies WrittenHead), 0);
        closeSync(descriptor as number);
        descriptor = undefined;
        renameSync(draft, file);
        kept = true;
      });
      return kept;
    },
    remove: giveUp,
  };
}

/** Undefined: there is none, or it isn't what was written. `wanted` decides by the head whether the amounts are read. */
export function readAnswer(file: string, wanted: (head: KeptHead) => boolean, sink: AmountSink): KeptHead | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const buffer = Buffer.alloc(headBytes);
    readSync(descriptor, buffer, 0, headBytes, 0);
    const { amounts, ...head } = headOf(buffer.toString("utf8"));
    if (!wanted(head)) return undefined;
    let read = 0;
    for (const line of linesOf(descriptor)) {
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

function* linesOf(descriptor: number): Generator<string> {
  const buffer = Buffer.alloc(pieceBytes);
  const decoder = new TextDecoder();
  let rest = "";
  let position = headBytes;
  for (let bytes = readSync(descriptor, buffer, 0, pieceBytes, position); bytes > 0; bytes = readSync(descriptor, buffer, 0, pieceBytes, position)) {
    position += bytes;
    const lines = (rest + decoder.decode(buffer.subarray(0, bytes), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** By hand: a kept answer is there before a library for it would be loaded. */
function headOf(text: string): WrittenHead {
  const head = JSON.parse(text) as Record<keyof WrittenHead, unknown>;
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
