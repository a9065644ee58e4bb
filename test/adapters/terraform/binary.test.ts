import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findTerraform } from "../../../src/adapters/terraform/binary.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-binary-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = (name: string, says: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${says}\n`);
  chmodSync(path, 0o755);
  return path;
};
const version = (number: string): string => `echo '{"terraform_version":"${number}"}'`;
const path = (): NodeJS.ProcessEnv => ({ PATH: folder });

describe("Terraform on this machine", () => {
  it("is found on PATH", async () => {
    expect(await findTerraform(process.env)).toMatchObject({ product: "terraform", version: expect.stringMatching(/^1\.\d+/) });
  });

  it("is OpenTofu where Terraform is missing, or too old", async () => {
    program("tofu", version("1.9.0"));
    expect(await findTerraform(path())).toEqual({ path: "tofu", product: "tofu", version: "1.9.0" });
    program("terraform", version("1.4.7"));
    expect(await findTerraform(path())).toMatchObject({ product: "tofu" });
    program("terraform", version("1.5.0"));
    expect(await findTerraform(path())).toMatchObject({ product: "terraform", version: "1.5.0" });
  });

  it("is too old", async () => {
    for (const number of ["0.15.5", "1.4.7"]) {
      program("terraform", version(number));
      await expect(findTerraform(path())).rejects.toMatchObject({ code: "terraform.too-old", kind: "external", details: { version: number } });
    }
  });

  it("is missing, or says nothing sensible", async () => {
    await expect(findTerraform(path())).rejects.toMatchObject({ code: "terraform.missing", hint: expect.stringContaining("install") });
    program("terraform", "echo hello");
    await expect(findTerraform(path())).rejects.toMatchObject({ code: "terraform.missing" });
    program("terraform", "exit 1");
    await expect(findTerraform(path())).rejects.toMatchObject({ code: "terraform.missing" });
  });

  it("is the one that CHARTCTL_TERRAFORM names, and no other", async () => {
    const named = program("elsewhere/my-terraform", version("1.6.0"));
    expect(await findTerraform({ ...path(), CHARTCTL_TERRAFORM: named })).toEqual({ path: named, product: "terraform", version: "1.6.0" });
    program("terraform", version("1.9.0"));
    await expect(findTerraform({ ...path(), CHARTCTL_TERRAFORM: join(folder, "none") })).rejects.toMatchObject({ code: "terraform.missing" });
  });
});
