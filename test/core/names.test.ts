import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idMaxLength } from "../../src/contract/id.ts";
import { idSchema, projectKeyPattern } from "../../src/contract/names.ts";
import { namePrefix, projectTags, resourceName } from "../../src/core/names.ts";

const id = fc.stringMatching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, { maxLength: idMaxLength }).filter((text) => idSchema.safeParse(text).success);
const key = fc.stringMatching(/^[a-z0-9]{10}$/).filter((text) => projectKeyPattern.test(text));

describe("ids", () => {
  it.each(["a", "acme", "a1-b2", "sales-2026", "a".repeat(24)])("takes %s", (text) => expect(idSchema.safeParse(text).success).toBe(true));
  it.each(["", "1a", "-a", "a-", "a--b", "A", "a_b", "a b", "ä", "a/../b", "a\n", "a".repeat(25), "$(id)", "'; drop table"])("refuses %j", (text) =>
    expect(idSchema.safeParse(text).success).toBe(false),
  );
});

describe("resource names", () => {
  it("fit S3's 63 characters and its alphabet, whatever the ids", () => {
    fc.assert(
      fc.property(key, id, fc.constantFrom("site", "app", "data", "api" as const), (projectKey, projectId, purpose) => {
        const name = resourceName({ projectKey, projectId }, purpose);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(name).toMatch(/^[a-z0-9][a-z0-9-]*[a-z0-9]$/);
        expect(name.startsWith(namePrefix(projectKey))).toBe(true);
      }),
    );
  });

  it("of two projects never meet, and no prefix covers the other's names", () => {
    fc.assert(
      fc.property(key, key, id, id, (one, other, mine, theirs) => {
        fc.pre(one !== other);
        expect(resourceName({ projectKey: other, projectId: theirs }, "site").startsWith(namePrefix(one))).toBe(false);
        expect(resourceName({ projectKey: one, projectId: mine }, "app")).not.toBe(resourceName({ projectKey: other, projectId: theirs }, "app"));
      }),
    );
  });
});

describe("tags", () => {
  it("are within AWS's limits (128 and 256 characters), and tell tenant a-b, project c from tenant a, project b-c", () => {
    const tags = (tenantId: string, projectId: string) =>
      projectTags({
        tenantId,
        projectId,
        userId: "u",
        projectKey: "abcdefghij",
        region: "us-east-1",
        environment: "development",
        createdAt: "2026-01-01T00:00:00.000Z",
      });
    expect(tags("a-b", "c")).not.toEqual(tags("a", "b-c"));
    for (const [name, value] of Object.entries(tags("t".repeat(24), "p".repeat(24)))) {
      expect(name.length).toBeLessThanOrEqual(128);
      expect(value.length).toBeLessThanOrEqual(256);
    }
    expect(Object.keys(tags("a", "b")).sort()).toEqual(["CreatedAt", "Environment", "ManagedBy", "Project", "ProjectId", "ProjectKey", "TenantId", "UserId"]);
  });
});
