/** What the billing template makes in a tenant's account, and what the sessions that read costs may reach. */
export const billing = {
  database: "chartctl_billing",
  table: "cost_and_usage",
  workgroup: "chartctl-billing",
  /** The template's, and Cost Explorer's only, region. */
  region: "us-east-1",
  /** Both buckets' names begin with it. */
  bucketPrefix: "chartctl-billing-",
} as const;

/** Stands where a project's key would: costs are an account's. */
export const noProject = { projectId: "costs", projectKey: "xxxcostsxx" };
