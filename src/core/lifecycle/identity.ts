/** From what the books know of a project to what blueprints, credentials and reads of AWS need. */

import { serverlessWebParameters } from "../../contract/blueprints.ts";
import type { Project } from "../../contract/resources.ts";
import type { CredentialRequest, StackIdentity, Synthesize, Synthesized } from "../ports.ts";

export const identityOf = (project: Project, accountId: string): StackIdentity => ({
  tenantId: project.tenantId,
  userId: project.userId,
  projectId: project.id,
  projectKey: project.key,
  region: project.region,
  environment: project.environment,
  createdAt: project.createdAt,
  accountId,
});

export const credentialRequest = (project: Project, sessionName: string, purpose: CredentialRequest["purpose"]): CredentialRequest => ({
  tenantId: project.tenantId,
  userId: project.userId,
  projectId: project.id,
  projectKey: project.key,
  region: project.region,
  sessionName,
  purpose,
});

/** The same project gives the same files, byte for byte: what is planned for, adopted and looked for follow from them. */
export const synthesizeProject = (synthesize: Synthesize, project: Project, identity: StackIdentity): Synthesized =>
  synthesize(project.blueprint, identity, serverlessWebParameters.parse(project.parameters));
