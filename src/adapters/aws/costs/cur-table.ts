/** A Cost and Usage Report as a table in Athena: CUR 2.0 (maps, one partition a billing period) or the legacy layout (a column a tag). */
import { activation } from "../../../core/costs/cost-tags.ts";
import { ChartctlError } from "../../../errors.ts";

export interface CurTable {
  /** Whose it is. */
  tenantId: string;
  database: string;
  table: string;
  columns: { name: string; type: string }[];
  partitions: { name: string; type: string }[];
}

/** What a question needs of it. Errors: `cur.no-column`, `cur.layout`. */
export interface CurLayout {
  /** `"database"."table"`. */
  from: string;
  has(column: string): boolean;
  column(name: string): string;
  /** Null where the line carries no such tag. Errors: `cur.no-column`, `costs.tag` (usage). */
  tag(key: string): string;
  /** False: no column of tags at all. */
  tags: boolean;
  product(attribute: string): string | undefined;
  /** By the partitions, so that no month is read in vain; its `?` in order. `name`: which one a line is in, such as `2026-11`. */
  months(months: readonly string[]): { sql: string; parameters: string[]; name: string };
}

/** Names come from the table itself or from here; anything that isn't a plain name is refused, and every name is quoted. */
function quoted(name: string): string {
  if (/^[a-z0-9_]{1,255}$/.test(name)) return `"${name}"`;
  throw new ChartctlError({
    kind: "usage",
    code: "cur.name",
    message: `${JSON.stringify(name.slice(0, 60))} is no name of a table or column`,
    hint: "names hold only a-z, 0-9 and underscores: --table cost_and_usage",
  });
}

export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

export function curLayout({ tenantId, database, table, columns, partitions }: CurTable): CurLayout {
  const types = new Map([...columns, ...partitions].map(({ name, type }) => [name, type.toLowerCase()]));
  const has = (name: string): boolean => types.has(name);
  const isMap = (name: string): boolean => types.get(name)?.startsWith("map") ?? false;
  const column = (name: string): string => {
    if (has(name)) return quoted(name);
    throw noColumn(`${database}.${table}`, name);
  };
  return {
    from: `${quoted(database)}.${quoted(table)}`,
    has,
    column,
    tag: (key) => {
      const name = tagColumn(key);
      if (isMap("resource_tags")) return `NULLIF(element_at(${quoted("resource_tags")}, ${text(name.slice("resource_tags_".length))}), '')`;
      if (has(name)) return `NULLIF(${quoted(name)}, '')`;
      throw new ChartctlError({
        kind: "failed",
        code: "cur.no-column",
        message: `The report ${database}.${table} has no column of the tag ${key}: it wasn't active when the report was written`,
        hint: `activate the tags in the paying account: ${activation(key)}; until then: chartctl costs --source ce`,
      });
    },
    tags: isMap("resource_tags") || has(tagColumn("ProjectId")),
    product: (attribute) =>
      has(`product_${attribute}`)
        ? `NULLIF(${quoted(`product_${attribute}`)}, '')`
        : isMap("product")
          ? `NULLIF(element_at(${quoted("product")}, ${text(attribute)}), '')`
          : undefined,
    months: (months) => {
      const names = partitions.map(({ name }) => name);
      if (names.includes("billing_period")) {
        const name = quoted("billing_period");
        return { sql: `${name} IN (${months.map(() => "?").join(", ")})`, parameters: months.map(text), name };
      }
      if (names.includes("year") && names.includes("month")) {
        // Crawlers make integers of them, or text without a zero in front.
        const literal = (name: string, value: string): string => (/int/.test(types.get(name) ?? "") ? value : text(value));
        const one = `(${quoted("year")} = ? AND ${quoted("month")} = ?)`;
        return {
          sql: `(${months.map(() => one).join(" OR ")})`,
          parameters: months.flatMap((month) => [literal("year", month.slice(0, 4)), literal("month", String(Number(month.slice(5))))]),
          name: `CAST(${quoted("year")} AS varchar) || '-' || lpad(CAST(${quoted("month")} AS varchar), 2, '0')`,
        };
      }
      throw new ChartctlError({
        kind: "failed",
        code: "cur.layout",
        message: `The table ${database}.${table} has no partitions by billing period: each question would read, and pay for, all of it`,
        hint: `make it anew, with chartctl's template: chartctl tenants connect ${tenantId} --billing; or with AWS's own`,
      });
    },
  };
}

/**
 * `ProjectId` → `resource_tags_user_project_id`: CUR user guide, "Column names" for Athena: an underscore before capitals, lower case,
 * underscores for what isn't a letter or digit, none of them twice. CUR 2.0's map has the same names without the prefix.
 */
function tagColumn(key: string): string {
  if (!/^[\p{L}\p{N} _.:/=+@-]{1,128}$/u.test(key) || !/[a-z0-9]/i.test(key)) {
    throw new ChartctlError({
      kind: "usage",
      code: "costs.tag",
      message: `${JSON.stringify(key.slice(0, 60))} is no key of a tag`,
      hint: "such as: --by tag:Environment",
    });
  }
  const owner = key.startsWith("aws:") ? "" : "user_";
  const snake = key
    .replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return `resource_tags_${owner}${snake}`;
}

const noColumn = (table: string, column: string): ChartctlError =>
  new ChartctlError({
    kind: "failed",
    code: "cur.no-column",
    message: `The report ${table} has no column ${column}`,
    hint: "add it to the export in Billing and Cost Management, or ask: chartctl costs --source ce",
  });
