/** An AWS that takes requests, and answers none of them: what Ctrl-C is for. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { onLoopback } from "./loopback.ts";

interface Asked {
  target: string;
  /** Nothing, until then. */
  answer(status: number, body: object): void;
}

/** It answers as `answers` says, and otherwise never. */
export async function silentAws(answers: (asked: Asked, calls: string[]) => void = () => {}) {
  const calls: string[] = [];
  const waiting: (() => void)[] = [];
  let left = 0;
  const changed = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const until = async (reached: () => boolean): Promise<void> => {
    while (!reached()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on("close", () => {
      if (outgoing.writableEnded) return;
      left++;
      changed();
    });
    const body = await text(incoming);
    const target = String(incoming.headers["x-amz-target"] ?? new URLSearchParams(body).get("Action") ?? `${incoming.method} ${incoming.url}`);
    calls.push(target.replace(/^.*\./, ""));
    answers(
      { target, answer: (status, body) => void outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body)) },
      calls,
    );
    changed();
  });
  return {
    calls,
    asked: (count: number) => until(() => calls.length >= count),
    /** So many have hung up before they were answered. */
    leftAlone: (count: number) => until(() => left >= count),
    ...(await onLoopback(server)),
  };
}
export type SilentAws = Awaited<ReturnType<typeof silentAws>>;
