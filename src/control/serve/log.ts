/** Structured logs: one JSON object a line on stdout, as hosts collect them. No secret reaches them. */
import type { DestinationStream } from "pino";
import { pino } from "pino";

export interface Log {
  info(line: { message: string } & Record<string, unknown>): void;
  error(line: { message: string; error: unknown } & Record<string, unknown>): void;
}

/** Wherever they stand in what is logged. */
const secrets = [
  "authorization",
  "cookie",
  "password",
  "token",
  "secret",
  "externalId",
  "nextExternalId",
  "invitation",
  "sessionToken",
  "secretAccessKey",
  "privateJwk",
];

export function createLog(kind: "serve" | "worker", version: string, destination: DestinationStream = stdout()): Log {
  const log = pino(
    {
      base: { process: kind, version },
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[hidden]" },
      serializers: { error: errorFacts },
    },
    destination,
  );
  return { info: (line) => log.info(line), error: (line) => log.error(line) };
}

function stdout(): DestinationStream {
  // Not waited for: a slow reader of the log must not hold requests up.
  const destination = pino.destination({ dest: 1, sync: false });
  process.on("exit", () => destination.flushSync());
  return destination;
}

const deepestCause = 5;

/** An error with what caused it, or what is known of one; a database address in its words loses its password. */
function errorFacts(error: unknown, depth = 0): unknown {
  if (typeof error === "string") return withoutPasswords(error);
  if (typeof error !== "object" || error === null) return error;
  if (!(error instanceof Error)) return depth >= deepestCause ? "…" : factsIn(error, depth);
  const { name, message, stack, cause, code, hint } = error as Error & { code?: unknown; hint?: unknown };
  return {
    name,
    code,
    message: withoutPasswords(message),
    ...(typeof hint === "string" ? { hint: withoutPasswords(hint) } : {}),
    stack: stack === undefined ? undefined : withoutPasswords(stack),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: errorFacts(cause, depth + 1) }),
  };
}

const factsIn = (error: object, depth: number): unknown =>
  Array.isArray(error)
    ? error.map((one) => errorFacts(one, depth + 1))
    : Object.fromEntries(Object.entries(error).map(([name, value]) => [name, errorFacts(value, depth + 1)]));

const withoutPasswords = (text: string): string => text.replace(/(\w+:\/\/)[^\s/]*@/g, "$1[hidden]@").replace(/\b(cct_[0-9a-f]{16}_)[\w-]{43}/g, "$1[hidden]");
