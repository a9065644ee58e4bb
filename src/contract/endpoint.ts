/** What an endpoint of the control API is: one value that the server binds, the client calls and the document describes. */
import { z } from "zod";
import type { Role } from "./roles.ts";

export interface Endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Under `/api`; parameters as `:name`. */
  path: string;
  summary: string;
  /** The least role that may call it, in the caller's own tenant; `anyone` needs no sign-in. */
  allow: Role | "anyone";
  /** What others are told to do instead; for people, with a command. */
  instead: string | null;
  /** Of a good answer. */
  status: 200 | 201 | 202;
  /** An update that `If-Match` guards. */
  versioned: boolean;
  /** False where a repetition is harmless or must be new: its answer isn't kept under the idempotency key. */
  replay: boolean;
  /** What a request's body may weigh. */
  maxBytes: number;
  /** Of an answer that is a file instead of JSON: the media types that it may have. */
  fileTypes: readonly string[];
  params: P;
  query: Q;
  body: B;
  response: R;
}

/** A file as an answer: whatever its length, it goes out as it comes. */
export interface FileAnswer {
  name: string;
  type: string;
  bytes: number;
  content: ReadableStream<Uint8Array>;
}
export const fileSchema = z.custom<FileAnswer>();

const none = z.object({});
type None = typeof none;
type Settable = "allow" | "instead" | "status" | "versioned" | "replay" | "maxBytes" | "fileTypes";

const defaultMaxBytes = 1_000_000;

/** For members, unless it says otherwise. */
export const endpoint = <R extends z.ZodType, P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
  given: Pick<Endpoint<P, Q, B, R>, "method" | "path" | "summary" | "response"> &
    Partial<Pick<Endpoint<P, Q, B, R>, Settable>> & { params?: P; query?: Q; body?: B },
): Endpoint<P, Q, B, R> =>
  ({
    allow: "member",
    instead: null,
    status: 200,
    versioned: false,
    replay: given.method !== "GET",
    maxBytes: defaultMaxBytes,
    fileTypes: [],
    params: none,
    query: none,
    body: none,
    ...given,
  }) as unknown as Endpoint<P, Q, B, R>;
