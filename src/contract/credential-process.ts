/** The document that AWS's `credential_process` expects (AWS SDKs and Tools guide, "Process credential provider"). */
export const credentialDocument = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string; expiration?: Date }): string =>
  JSON.stringify({
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken ? { SessionToken: credentials.sessionToken } : {}),
    ...(credentials.expiration ? { Expiration: credentials.expiration.toISOString() } : {}),
  });
