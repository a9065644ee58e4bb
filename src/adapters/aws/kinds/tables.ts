/** DynamoDB: the project's tables, and backups, which outlive them. */
import { DescribeTableCommand, DynamoDBClient, ListBackupsCommand, ListTablesCommand, ListTagsOfResourceCommand } from "@aws-sdk/client-dynamodb";
import { namePrefix } from "../../../core/names.ts";
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, isOurs, tagMap } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { ReadKind } from "./kind.ts";

export const readTables: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const client = new DynamoDBClient(clientSettings(env, "DYNAMODB", identity.region, credentials));
  const prefix = namePrefix(identity.projectKey);
  const at = now();
  const wanted = declared("aws_dynamodb_table").map(({ attributes }) => String(attributes.name));
  // All of them: AWS has no filter, and promises no order.
  const listed = await allPages("list tables", async (ExclusiveStartTableName) => {
    const { TableNames = [], LastEvaluatedTableName } = await client.send(new ListTablesCommand({ ExclusiveStartTableName }));
    return { items: TableNames.filter((name) => name.startsWith(prefix)), next: LastEvaluatedTableName };
  });
  const names = [...new Set([...wanted, ...listed])];
  const tables = await Promise.all(
    names.map(async (name): Promise<Finding[]> => {
      const described = await orAbsent(`read the table ${name}`, () => client.send(new DescribeTableCommand({ TableName: name })));
      if (!described?.Table) return [];
      const tags = await orAbsent(`read the tags of ${name}`, () => client.send(new ListTagsOfResourceCommand({ ResourceArn: described.Table?.TableArn })));
      return [{ kind: "DynamoDB table", name, ours: isOurs(identity, tagMap(tags?.Tags)), ...adoptionOf(declared("aws_dynamodb_table"), "name", name, name) }];
    }),
  );
  // By table, although it may be gone: a list of the whole account's could be long, and is answered five times a second.
  // The backup that AWS itself makes of a deleted table (BackupType SYSTEM) can't be deleted, costs nothing and ends after 35 days.
  const backups = await Promise.all(
    names.map((TableName) =>
      allPages(`list the backups of ${TableName}`, async (ExclusiveStartBackupArn) => {
        const page = await client.send(new ListBackupsCommand({ TableName, BackupType: "USER", ExclusiveStartBackupArn }));
        return { items: page.BackupSummaries, next: page.LastEvaluatedBackupArn };
      }),
    ),
  );
  const kept = backups.flatMap((summaries) =>
    summaries
      .filter(({ BackupStatus }) => BackupStatus !== "DELETED")
      .map(
        (backup): Finding => ({
          kind: "DynamoDB backup",
          name: backup.BackupArn ?? backup.BackupName ?? "",
          ours: true,
          detail: `of table ${backup.TableName}`,
        }),
      ),
  );
  return [
    { kind: "DynamoDB table", asked: `dynamodb:DescribeTable ${wanted.join(", ")}, dynamodb:ListTables ${prefix}*`, at, findings: tables.flat() },
    { kind: "DynamoDB backup", asked: `dynamodb:ListBackups ${names.join(", ")}`, at, findings: kept },
  ];
};
