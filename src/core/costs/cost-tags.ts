/** The tags by which AWS splits its bill: each has to be activated in the account that pays, once a bill has shown it. */

/** Of core/names.ts `projectTags`, all but `CreatedAt`, which splits nothing: `setup aws` activates these, and no others. */
export const costTags = ["ManagedBy", "TenantId", "UserId", "ProjectId", "ProjectKey", "Project", "Environment"] as const;

/** What is typed to have AWS split its bill by a tag. */
export const activation = (key: string): string =>
  isOurs(key) ? "chartctl setup aws" : `aws ce update-cost-allocation-tags-status --cost-allocation-tags-status ${word(`TagKey=${key},Status=Active`)}`;

/** The same as the end of a sentence, and what comes of it. */
export const activationText = (key: string): string =>
  isOurs(key)
    ? `activate it with ${activation(key)}, in the account that pays. AWS splits by it from then on.`
    : `activate it in the account that pays, and AWS splits by it from then on. In its console: Billing and Cost Management, Cost allocation tags. Typed: ${activation(key)}`;

const isOurs = (key: string): boolean => costTags.some((tag) => tag === key);
const word = (text: string): string => (/^[\w.:/=+@,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
