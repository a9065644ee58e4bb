/** What makes a found thing ours, and how the blueprint would have it back. */
import { projectTags } from "../../core/names.ts";
import type { Adoption, DeclaredResource, StackIdentity } from "../../core/ports.ts";

/** The declared resource whose attribute has this value, as something to adopt under this import id. */
export function adoptionOf(declared: DeclaredResource[], attribute: string, value: string, importId: string): { adoption?: Adoption } {
  const match = declared.find(({ attributes }) => attributes[attribute] === value);
  return match ? { adoption: { address: match.address, importId } } : {};
}

/** The first declared resource of a kind that exists once under its parent. */
export const onlyAdoption = (declared: DeclaredResource[], importId: string): { adoption?: Adoption } =>
  declared[0] ? { adoption: { address: declared[0].address, importId } } : {};

/** Those whose attribute names this parent: by its name, or by a reference such as `${aws_s3_bucket.site.id}`. */
export const declaredUnder = (declared: DeclaredResource[], attribute: string, name: string, parents: DeclaredResource[]): DeclaredResource[] =>
  declared.filter(({ attributes }) => {
    const value = attributes[attribute];
    return value === name || (typeof value === "string" && parents.some(({ address }) => value.includes(`\${${address}.`)));
  });

/** The tags that say whose a thing is. */
const identifying = ["Project", "TenantId", "UserId", "ProjectId", "ProjectKey"] as const;

/**
 * Of a thing whose name holds the project's random key: ours, unless a tag names another project. It may carry none (the
 * provider tags a bucket in a second request).
 */
export function isOurs(identity: StackIdentity, tags: Record<string, string | undefined>): boolean {
  const expected = projectTags(identity);
  return identifying.every((name) => tags[name] === undefined || tags[name] === expected[name]);
}

/** Of a thing whose name says nothing: ours only by its tags. */
export const isTaggedOurs = (identity: StackIdentity, tags: Record<string, string | undefined>): boolean =>
  tags.ProjectKey === identity.projectKey && isOurs(identity, tags);

/** `[{Key, Value}]`, as most services list tags. */
export const tagMap = (tags: { Key?: string | undefined; Value?: string | undefined }[] | undefined): Record<string, string | undefined> =>
  Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value]])));
