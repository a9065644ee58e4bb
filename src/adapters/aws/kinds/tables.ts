/** DynamoDB: the project's tables, and backups, which outlive them. */
import { namePrefix } from "../../../core/names.ts";
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent, translated } from "../errors.ts";
import { adoptionOf, isOurs, tagMap } from "../inventory.ts";
import type { ReadKind } from "../inventory.ts";

export const readTables: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const { DynamoDBClient, DescribeTableCommand, ListBackupsCommand, ListTablesCommand, ListTagsOfResourceCommand } = await import("@aws-sdk/client-dynamodb");
  const client = new DynamoDBClient(clientSettings(env, "DYNAMODB", identity.region, credentials));
  const prefix = namePrefix(identity.projectKey);
  const at = now();
  const wanted = declared("aws_dynamodb_table").map(({ attributes }) => String(attributes.name));
  // Names are listed in order: what sorts right after the prefix is ours, if anything is.
  const listed = await translated("list tables", () => client.send(new ListTablesCommand({ ExclusiveStartTableName: prefix, Limit: 20 })));
  const names = [...new Set([...wanted, ...(listed.TableNames ?? []).filter((name) => name.startsWith(prefix))])];
  const tables = await Promise.all(
    names.map(async (name): Promise<Finding[]> => {
      const described = await orAbsent(`read the table ${name}`, () => client.send(new DescribeTableCommand({ TableName: name })));
      if (!described?.Table) return [];
      const { Tags } = await translated(`read the tags of ${name}`, () => client.send(new ListTagsOfResourceCommand({ ResourceArn: described.Table?.TableArn })));
      return [{ kind: "DynamoDB table", name, ours: isOurs(identity, tagMap(Tags)), ...adoptionOf(declared("aws_dynamodb_table"), "name", name, name) }];
    }),
  );
  const backups = await Promise.all(wanted.map((TableName) => translated("list a table's backups", () => client.send(new ListBackupsCommand({ TableName, BackupType: "USER" })))));
  const kept = backups.flatMap(({ BackupSummaries = [] }) =>
    BackupSummaries.filter(({ BackupStatus }) => BackupStatus !== "DELETED").map((backup): Finding => ({ kind: "DynamoDB backup", name: backup.BackupArn ?? backup.BackupName ?? "", ours: true, detail: `of table ${backup.TableName}` })),
  );
  return [
    { kind: "DynamoDB table", asked: `dynamodb:DescribeTable ${wanted.join(", ")}, dynamodb:ListTables ${prefix}*`, at, findings: tables.flat() },
    { kind: "DynamoDB backup", asked: `dynamodb:ListBackups ${wanted.join(", ")}`, at, findings: kept },
  ];
};
