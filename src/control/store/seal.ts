/** AES-256-GCM for what the store must not hold in clear: external IDs and Terraform states. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { ChartctlError } from "../../errors.ts";
import { makePrivateFolder } from "../../private-folder.ts";

export interface Seal {
  /** `context` is bound in: a sealed text moved to another row doesn't open. */
  seal(text: string, context: string): string;
  open(sealed: string, context: string): string;
  /** False for what an older key has sealed. */
  isNewest(sealed: string): boolean;
}

/** A key with its name: what is sealed says which one opens it. */
export interface SealKey {
  id: string;
  key: Buffer;
}

/** The embedded store's only key. */
const embeddedKeyId = "k1";
const keyBytes = 32;
const nonceBytes = 12; // NIST SP 800-38D, section 8.2

/** The first key seals; any of them opens what it has sealed. */
export function sealWith(keys: Buffer | [SealKey, ...SealKey[]]): Seal {
  const known = Buffer.isBuffer(keys) ? [{ id: embeddedKeyId, key: keys }] : keys;
  const [newest] = known as [SealKey, ...SealKey[]];
  return {
    isNewest: (sealed) => sealed.startsWith(`${newest.id}.`),
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", newest.key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return [newest.id, nonce.toString("base64"), cipher.getAuthTag().toString("base64"), body.toString("base64")].join(".");
    },
    open: (sealed, context) => {
      const [id, nonce = "", tag = "", body = ""] = sealed.split(".");
      try {
        const named = known.find((one) => one.id === id);
        if (!named) throw new Error(`unknown key ${id}`);
        const decipher = createDecipheriv("aes-256-gcm", named.key, Buffer.from(nonce, "base64")).setAAD(Buffer.from(context));
        decipher.setAuthTag(Buffer.from(tag, "base64"));
        return Buffer.concat([decipher.update(Buffer.from(body, "base64")), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new ChartctlError({
          kind: "failed",
          code: "store.sealed",
          message: "A sealed value of the store can't be opened with this key",
          hint: "put back the key that belongs to it: master.key beside chartctl.db, or the older one in CHARTCTL_MASTER_KEY",
          cause: error,
        });
      }
    },
  };
}

/**
 * `k2:BASE64 k1:BASE64`, the newest first; a single key needs no name. Error `store.key-invalid` (usage), which never
 * says what stood there.
 */
export function keysFromText(text: string): [SealKey, ...SealKey[]] {
  const keys = text
    .trim()
    .split(/[\s,]+/)
    .map((part) => {
      const [, id = embeddedKeyId, base64 = ""] = /^(?:([a-z][a-z0-9]{0,15}):)?([A-Za-z0-9+/_-]{43}=?)$/.exec(part) ?? [];
      return { id, key: Buffer.from(base64, "base64") };
    });
  const [first, ...others] = keys;
  if (first && keys.every(({ key }) => key.length === keyBytes) && new Set(keys.map(({ id }) => id)).size === keys.length) return [first, ...others];
  throw new ChartctlError({
    kind: "usage",
    code: "store.key-invalid",
    message: "CHARTCTL_MASTER_KEY is not 32 bytes in base64, or a list such as k2:KEY k1:KEY, the newest first",
    hint: "make one: openssl rand -base64 32",
  });
}

/** The embedded store's key: a 0600 file beside the database, made once; two processes at once make one. */
export function keyFromFile(file: string): Buffer {
  try {
    return readKey(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  makePrivateFolder(dirname(file));
  const draft = join(dirname(file), `.key-${process.pid}-${randomBytes(4).toString("hex")}`);
  const descriptor = openSync(draft, "wx", 0o600);
  writeSync(descriptor, `${randomBytes(keyBytes).toString("base64")}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  try {
    linkSync(draft, file); // fails when another process was first: its key counts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readKey(file);
}

function readKey(file: string): Buffer {
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "base64");
  if (key.length === keyBytes) return key;
  throw new ChartctlError({
    kind: "failed",
    code: "store.key-damaged",
    message: `The key file ${file} is damaged`,
    hint: "put back the master.key that belongs to this chartctl.db; nothing in AWS is lost",
  });
}
