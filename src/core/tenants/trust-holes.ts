/** Whom else a trust policy lets in, read from its text: another principal can't be tried. */

interface TrustStatement {
  Effect?: string;
  Action?: string | string[];
  NotAction?: unknown;
  Principal?: string | Record<string, string | string[]>;
  NotPrincipal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** In words; none, when only `principalArn` may assume the role, and only with an external ID. */
export function trustHoles(policy: unknown, principalArn: string): string[] {
  const statements = [(policy as { Statement?: TrustStatement | TrustStatement[] } | null)?.Statement ?? []].flat();
  return [...new Set(statements.filter(assumes).flatMap((statement) => [...strangers(statement, principalArn), ...withoutId(statement)]))];
}

const waysIn = ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"];

/** Statements that allow to assume, by whatever way. `TagSession` alone lets nobody in. */
const assumes = ({ Effect, Action, NotAction }: TrustStatement): boolean =>
  Effect === "Allow" && (NotAction !== undefined || [Action ?? []].flat().some((pattern) => waysIn.some((way) => covers(pattern, way))));

/** IAM's wildcards; actions know no capitals. */
const covers = (pattern: string, action: string): boolean =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replaceAll(/[.+^$(){}|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(action);

function strangers({ Principal, NotPrincipal }: TrustStatement, principalArn: string): string[] {
  if (NotPrincipal !== undefined) return ["everybody but some may assume it (NotPrincipal)"];
  if (Principal === "*") return ["everybody may assume it"];
  return Object.entries(Principal ?? {}).flatMap(([kind, named]) =>
    [named]
      .flat()
      .filter((one) => kind !== "AWS" || one !== principalArn)
      .map((one) => {
        if (kind === "AWS" && (/^\d{12}$/.test(one) || /:root$/.test(one))) return `everybody in an account may assume it (${one})`;
        return one === "*" ? "everybody may assume it" : `${one} may assume it`;
      }),
  );
}

function withoutId({ Condition = {} }: TrustStatement): string[] {
  const equals = Object.entries(Condition).filter(([operator]) => operator === "StringEquals");
  const asked = equals.some(([, keys]) => Object.keys(keys).some((key) => key.toLowerCase() === "sts:externalid"));
  return asked ? [] : ["a statement asks for no external ID (StringEquals sts:ExternalId)"];
}
