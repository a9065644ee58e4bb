/** AES-256-GCM for what the store must not hold in clear: external IDs and Terraform states. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { ChartctlError } from "../../errors.ts";
import { makePrivateFolder } from "./private-folder.ts";

export interface Seal {
  /** `context` is bound in: a sealed text moved to another row doesn't open. */
  seal(text: string, context: string): string;
  open(sealed: string, context: string): string;
}

const keyId = "k1";
const keyBytes = 32;
const nonceBytes = 12; // NIST SP 800-38D, section 8.2

export function sealWith(key: Buffer): Seal {
  return {
    seal: (text, context) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return [keyId, nonce.toString("base64"), cipher.getAuthTag().toString("base64"), body.toString("base64")].join(".");
    },
    open: (sealed, context) => {
      const [id, nonce = "", tag = "", body = ""] = sealed.split(".");
      try {
        if (id !== keyId) throw new Error(`unknown key ${id}`);
        const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64")).setAAD(Buffer.from(context));
        decipher.setAuthTag(Buffer.from(tag, "base64"));
        return Buffer.concat([decipher.update(Buffer.from(body, "base64")), decipher.final()]).toString("utf8");
      } catch (error) {
        throw new ChartctlError({
          kind: "failed",
          code: "store.sealed",
          message: "A sealed value of the store can't be opened with this key",
          hint: "put back the master.key that belongs to this chartctl.db",
          cause: error,
        });
      }
    },
  };
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
