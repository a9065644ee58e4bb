/** The CloudFormation templates that chartctl brings along. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectPorts } from "../core/tenants/connect.ts";
import { ChartctlError, messageOf } from "../errors.ts";
import { makeFolder } from "../private-folder.ts";

const names = ["tenant-role", "connect-aws-billing"] as const;

/** How each of them begins: a file that doesn't is somebody else's. */
const heading = "# Made by the build from src/core/tenants/";

/** Errors: `template.unwritable` (failed), `template.foreign` (usage). */
export const cloudFormationFiles = (folder: string): ConnectPorts["templates"] => ({
  path: (name) => join(folder, `${name}.yml`),
  write: (to) =>
    names.map((name) => {
      const text = readFileSync(join(folder, `${name}.yml`), "utf8");
      const file = join(to, `${name}.yml`);
      const there = contentOf(file);
      if (there !== undefined && !there.startsWith(heading)) throw foreign(file);
      return { file, differs: there !== text, write: () => writeTo(to, file, text) };
    }),
});

const foreign = (file: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "template.foreign",
    message: `${file} is not one of chartctl's templates, and isn't written over`,
    hint: "name another folder: --out DIR",
  });

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // writing it says why
  }
}

function writeTo(folder: string, file: string, text: string): void {
  try {
    makeFolder(folder);
    writeFileSync(file, text);
  } catch (error) {
    throw new ChartctlError({
      kind: "failed",
      code: "template.unwritable",
      message: `${file} can't be written: ${messageOf(error)}`,
      hint: "name another folder: --out DIR",
      cause: error,
    });
  }
}
