/** What `setup aws` makes is called, in every account the same. */

/** The role that the platform works as: the one principal that tenants' roles trust. */
export const brokerName = "chartctl-broker";
/** The role for tenants in the platform's own account (`AWS_ROLE_ARN`). */
export const provisioningName = "chartctl-provisioning";
/** Each role's one inline policy. */
export const policyName = "chartctl";
export const budgetName = "chartctl-monthly";

export const roleArn = (accountId: string, name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

/** The roles that `tenants connect` has tenants make, in whichever account. */
export const tenantRoles = "arn:aws:iam::*:role/chartctl/tenants/*";

/** On everything that is ours; what lacks it is never changed, nor taken away. */
export const platformTags = [{ Key: "ManagedBy", Value: "chart-app-platform" }];

export const isOurs = (tags: Record<string, string | undefined>): boolean => platformTags.every(({ Key, Value }) => tags[Key] === Value);
