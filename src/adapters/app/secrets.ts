/** Things that are in a folder by accident: keys and passwords, by the names and shapes that their issuers document. */
import { basename } from "node:path";

const names: [RegExp, string][] = [
  [/^\.env(\..+)?$/, "environment variables"],
  [/^\.(npmrc|netrc|pgpass|git-credentials)$/, "credentials"],
  [/^id_(rsa|dsa|ecdsa|ed25519)$/, "a private key"],
  [/\.(pem|p12|pfx|key|jks|keystore)$/i, "a key"],
  [/\.(tfstate|tfvars)(\.backup)?$/, "Terraform's state or variables"],
  [/^(credentials|aws-credentials)(\.csv)?$/, "AWS credentials"],
];

/** Public examples, in every provider's own documentation. */
const examples = /AKIAIOSFODNN7EXAMPLE|wJalrXUtnFEMI\/K7MDENG|EXAMPLEKEY/;

const contents: [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, "an AWS access key"], // IAM User Guide, "IAM identifiers"
  [/aws_?secret_?access_?key["'\s:=]{1,5}[A-Za-z0-9/+=]{40}/i, "an AWS secret key"],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, "a private key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36}/, "a GitHub token"], // GitHub docs, "About authentication to GitHub"
  [/\bglpat-[\w-]{20}/, "a GitLab token"],
  [/\bxox[abprs]-[\w-]{10,}/, "a Slack token"],
  [/\bsk_live_[A-Za-z0-9]{20,}/, "a Stripe key"],
  [/\bnpm_[A-Za-z0-9]{36}\b/, "an npm token"],
  [/\bAIza[\w-]{35}\b/, "a Google API key"],
];

/** What a file's name or content gives away; undefined when nothing does. Content is looked at as text, its first megabyte. */
export function secretIn(path: string, content: Uint8Array): string | undefined {
  const name = names.find(([pattern]) => pattern.test(basename(path)));
  if (name) return name[1];
  const text = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, 1_000_000)).toString("latin1");
  const found = contents.find(([pattern]) => pattern.test(text));
  return found && !examples.test(found[0].exec(text)?.[0] ?? "") ? found[1] : undefined;
}
