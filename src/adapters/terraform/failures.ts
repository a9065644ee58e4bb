/** What Terraform says went wrong, as an error that a person can act on. */
import { ChartctlError } from "../../errors.ts";
import type { Diagnostic } from "./events.ts";

const again = "run the command again; it goes on where it stopped";
/** In order: what names its cause most closely comes first (a registry that can't be reached is no unreachable AWS). */
const known: { pattern: RegExp; code: string; hint: string }[] = [
  { pattern: /operation\.fenced|has taken over/, code: "operation.fenced", hint: "another run works on this project: chartctl status" },
  {
    pattern: /doesn't match any of the\s+checksums/i,
    code: "terraform.provider-changed",
    hint: "the provider in this mirror is not the one that HashiCorp released: replace it, or name another with CHARTCTL_PLUGIN_MIRROR=FOLDER",
  },
  {
    pattern: /Failed to query available provider|could not connect to registry|no available releases|Failed to install provider|Inconsistent dependency lock/i,
    code: "terraform.no-provider",
    hint: "give Terraform a way to its registry, or a filesystem mirror: CHARTCTL_PLUGIN_MIRROR=FOLDER",
  },
  {
    pattern: /plugin exited|rpc error|dial unix|connection to the plugin|Failed to (instantiate|load) (provider|plugin)|Plugin did not respond|plugin crashed/i,
    code: "terraform.provider-died",
    hint: again,
  },
  { pattern: /Error (acquiring|locking)( the)? state/i, code: "terraform.locked", hint: "another Terraform works on this state: chartctl status" },
  { pattern: /no space left on device/i, code: "disk-full", hint: "free some space and run the command again; it goes on where it stopped" },
  {
    pattern: /ExpiredToken|(token|credentials|session|signature)[^.\n]{0,60}\bexpired/i,
    code: "aws.expired-credentials",
    hint: "sign in again, such as: aws sso login",
  },
  {
    pattern: /BucketNotEmpty|bucket you tried to delete is not empty/,
    code: "destroy.bucket-not-empty",
    hint: "the bucket still holds files; empty it and destroy again at once: chartctl destroy --purge",
  },
  { pattern: /Throttl|TooManyRequests|SlowDown|Rate exceeded|RequestLimitExceeded/i, code: "aws.throttled", hint: again },
  {
    pattern: /AccessDenied|not authorized to perform|UnauthorizedOperation/,
    code: "aws.access-denied",
    hint: "the tenant's role, or the permissions boundary, doesn't allow this: chartctl doctor",
  },
  {
    pattern:
      /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure|No valid credential sources|failed to (refresh cached|retrieve) credentials/,
    code: "aws.credentials-refused",
    hint: "see whose credentials these are: chartctl doctor",
  },
  {
    pattern: /AlreadyExists|already exists|AlreadyOwnedByYou|ResourceInUseException/,
    code: "terraform.already-exists",
    hint: "run the command again: it adopts what is this project's; what isn't has to go first (chartctl status names it)",
  },
  {
    pattern: /connection refused|no such host|dial tcp|i\/o timeout|network is unreachable/i,
    code: "aws.unreachable",
    hint: "check the network, proxy and AWS_ENDPOINT_URL: chartctl doctor",
  },
  { pattern: /StatusCode: 5\d\d|InternalError|ServiceUnavailable/, code: "aws.unavailable", hint: again },
];

/** `words` are the diagnostics of a `-json` run, or the plain text of others. */
export function terraformFailure(command: string, exit: string, diagnostics: Diagnostic[], text: string): ChartctlError {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const first = errors[0];
  const said = first ? sentence(first) : lastWords(text);
  const all = `${errors.map(sentence).join("\n")}\n${text}`;
  const match = known.find(({ pattern }) => pattern.test(all));
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return new ChartctlError({
    kind: match?.code === "operation.fenced" ? "conflict" : "external",
    code: match?.code ?? "terraform.failed",
    message: `Terraform ${command} failed: ${said || exit}${more}`,
    hint: match?.hint ?? "look closer with --debug, or: chartctl terraform -p PROJECT -- plan",
    details: { diagnostics: errors.slice(0, 20) },
  });
}

const sentence = ({ summary, detail, address }: Diagnostic): string =>
  [address && `${address}:`, summary, detail && !summary.includes(detail) ? `(${oneLine(detail)})` : ""].filter(Boolean).join(" ");

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 600);

/** The error block of a plain run, without its drawn border. */
function lastWords(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^[│╷╵\s]+/, "").trim());
  const at = lines.findIndex((line) => line.startsWith("Error:"));
  return oneLine(lines.slice(Math.max(0, at)).filter(Boolean).slice(0, 6).join(" "));
}
