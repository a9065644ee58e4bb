/** Takes secrets out of anything that is written, at every level. */

const patterns: RegExp[] = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // access key ids (IAM User Guide, "Unique identifiers")
  /(?<=(?:aws_?secret_?access_?key|secretaccesskey)["'\s:=]+)[A-Za-z0-9/+=]{40}/gi,
  /(?<=(?:aws_?session_?token|sessiontoken|x-amz-security-token)["'\s:=]+)[A-Za-z0-9/+=]{20,}/gi,
  /(?<=\bBearer\s+)[\w.~+/=-]{8,}/gi,
  /(?<=external_?-?ids?["'\s:=[]+(?:[a-f0-9]{32}["',\s]+)*)[a-f0-9]{32}\b/gi, // two, while one takes the other's place
  /(?<=\bcct_[0-9a-f]{16}_)[\w-]{20,}/g, // chartctl's API tokens; the id may be seen
  /(?<=\/invitation#)[\w-]{20,}/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, // JSON Web Tokens
];

/** `known` are secrets of this process, whatever they look like. */
export function redact(text: string, known: readonly string[] = []): string {
  const withoutKnown = known.filter((secret) => secret.length >= 6).reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return patterns.reduce((rest, pattern) => rest.replace(pattern, "[redacted]"), withoutKnown);
}
