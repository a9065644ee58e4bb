/**
 * `templates/cloudformation/connect-aws-billing.yml`: what an account was billed, readable and nothing more. AWS writes CUR 2.0
 * into a bucket (Data Exports), Glue says what it is, and one role may ask for it with Athena, up to a limit that has a price.
 */
import { billing } from "../costs/billing-names.ts";
import { filledIn, parameters, substituted, tags } from "./cloudformation.ts";
import type { Policy } from "./tenant-role.ts";
import { tenantTrustPolicy } from "./tenant-role.ts";

const { partition, accountId, tenantId } = filledIn;
const { database, table, workgroup } = billing;
const dataBucket = `${billing.bucketPrefix}${accountId}`;
const resultsBucket = `${billing.bucketPrefix}results-${accountId}`;
const bucketArn = (name: string): string => `arn:${partition}:s3:::${name}`;
const exportName = "chartctl-cur";
/** Where Data Exports puts the files of an export: user guide, "S3 directory of a data export". */
const dataFolder = `s3://${dataBucket}/cur/${exportName}/data`;

/** CUR 2.0's names ("Cost and Usage Report 2.0", table dictionary) with their types in Parquet. */
const columns: Record<string, string> = {
  line_item_usage_account_id: "string",
  line_item_usage_start_date: "timestamp",
  line_item_usage_end_date: "timestamp",
  line_item_line_item_type: "string",
  line_item_product_code: "string",
  line_item_usage_type: "string",
  line_item_operation: "string",
  line_item_resource_id: "string",
  line_item_usage_amount: "double",
  line_item_unblended_cost: "double",
  line_item_net_unblended_cost: "double",
  line_item_blended_cost: "double",
  line_item_currency_code: "string",
  product_region_code: "string",
  // What `--metric amortized` and `net-amortized` are made of.
  reservation_reservation_a_r_n: "string",
  reservation_effective_cost: "double",
  reservation_net_effective_cost: "double",
  reservation_unused_amortized_upfront_fee_for_billing_period: "double",
  reservation_net_unused_amortized_upfront_fee_for_billing_period: "double",
  reservation_unused_recurring_fee: "double",
  reservation_net_unused_recurring_fee: "double",
  savings_plan_savings_plan_effective_cost: "double",
  savings_plan_net_savings_plan_effective_cost: "double",
  savings_plan_total_commitment_to_date: "double",
  savings_plan_used_commitment: "double",
  resource_tags: "map<string,string>",
};
const privateBucket = (name: string, expireDays: number): object => ({
  Type: "AWS::S3::Bucket",
  DeletionPolicy: "Retain",
  UpdateReplacePolicy: "Retain",
  Properties: {
    BucketName: name,
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
    LifecycleConfiguration: { Rules: [{ Id: "expire", Status: "Enabled", ExpirationInDays: expireDays }] },
    Tags: tags,
  },
});

/** Reads of costs; the only writes are Athena's own results. */
const billingPolicy = (): Policy => ({
  Version: "2012-10-17",
  Statement: [
    // Cost Explorer names no resources.
    { Effect: "Allow", Action: ["ce:GetCostAndUsage", "ce:GetCostForecast", "ce:GetDimensionValues", "ce:GetTags"], Resource: "*" },
    {
      Effect: "Allow",
      Action: ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"],
      Resource: `arn:${partition}:athena:us-east-1:${accountId}:workgroup/${workgroup}`,
    },
    // Which columns the table has.
    { Effect: "Allow", Action: "athena:GetTableMetadata", Resource: `arn:${partition}:athena:us-east-1:${accountId}:datacatalog/AwsDataCatalog` },
    {
      Effect: "Allow",
      Action: ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"],
      Resource: ["catalog", `database/${database}`, `table/${database}/${table}`].map((name) => `arn:${partition}:glue:us-east-1:${accountId}:${name}`),
    },
    { Effect: "Allow", Action: ["s3:GetBucketLocation", "s3:ListBucket"], Resource: [bucketArn(dataBucket), bucketArn(resultsBucket)] },
    { Effect: "Allow", Action: "s3:GetObject", Resource: `${bucketArn(dataBucket)}/cur/*` },
    { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], Resource: `${bucketArn(resultsBucket)}/*` },
  ],
});

export const billingTemplate = (): object => ({
  AWSTemplateFormatVersion: "2010-09-09",
  Description: "chartctl: read-only cost data of this account (CUR 2.0 by Data Exports, Glue, Athena). Data Exports are made in us-east-1.",
  Parameters: {
    ...parameters,
    QueryLimitMegabytes: { Type: "Number", Default: 1000, MinValue: 10, Description: "The most that one Athena query may scan; Athena bills what is scanned" },
  },
  Rules: {
    Region: {
      Assertions: [
        { Assert: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] }, AssertDescription: "Make this stack in us-east-1: Data Exports are there" },
      ],
    },
  },
  Resources: {
    ...(substituted({ DataBucket: privateBucket(dataBucket, 800), ResultsBucket: privateBucket(resultsBucket, 7) }) as object),
    DataBucketPolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: substituted({
        Bucket: dataBucket,
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "DataExports",
              Effect: "Allow",
              Principal: { Service: ["bcm-data-exports.amazonaws.com", "billingreports.amazonaws.com"] },
              Action: ["s3:PutObject", "s3:GetBucketPolicy"],
              Resource: [bucketArn(dataBucket), `${bucketArn(dataBucket)}/*`],
              Condition: {
                StringEquals: { "aws:SourceAccount": accountId },
                ArnLike: {
                  "aws:SourceArn": [
                    `arn:${partition}:bcm-data-exports:us-east-1:${accountId}:export/*`,
                    `arn:${partition}:cur:us-east-1:${accountId}:definition/*`,
                  ],
                },
              },
            },
            {
              Sid: "TlsOnly",
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [bucketArn(dataBucket), `${bucketArn(dataBucket)}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        },
      }),
      DependsOn: "DataBucket",
    },
    Export: {
      Type: "AWS::BCMDataExports::Export",
      DependsOn: "DataBucketPolicy",
      Properties: {
        Export: {
          Name: exportName,
          Description: "Daily costs, resource by resource, for chartctl",
          DataQuery: {
            QueryStatement: `SELECT ${Object.keys(columns).join(", ")} FROM COST_AND_USAGE_REPORT`,
            TableConfigurations: {
              COST_AND_USAGE_REPORT: {
                TIME_GRANULARITY: "DAILY",
                INCLUDE_RESOURCES: "TRUE",
                INCLUDE_SPLIT_COST_ALLOCATION_DATA: "FALSE",
                INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY: "FALSE",
              },
            },
          },
          DestinationConfigurations: {
            S3Destination: {
              S3Bucket: { Ref: "DataBucket" },
              S3Prefix: "cur",
              S3Region: "us-east-1",
              S3OutputConfigurations: { OutputType: "CUSTOM", Format: "PARQUET", Compression: "PARQUET", Overwrite: "OVERWRITE_REPORT" },
            },
          },
          RefreshCadence: { Frequency: "SYNCHRONOUS" },
        },
        Tags: tags,
      },
    },
    Database: {
      Type: "AWS::Glue::Database",
      Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseInput: { Name: database, Description: "What AWS billed, for chartctl" } },
    },
    Table: {
      Type: "AWS::Glue::Table",
      DependsOn: "Database",
      Properties: {
        CatalogId: { Ref: "AWS::AccountId" },
        DatabaseName: database,
        TableInput: {
          Name: table,
          TableType: "EXTERNAL_TABLE",
          // Months are known without a crawler (Athena user guide, "Partition projection").
          PartitionKeys: [{ Name: "billing_period", Type: "string" }],
          Parameters: {
            classification: "parquet",
            "projection.enabled": "true",
            "projection.billing_period.type": "date",
            "projection.billing_period.format": "yyyy-MM",
            "projection.billing_period.range": "2024-01,NOW",
            "projection.billing_period.interval": "1",
            "projection.billing_period.interval.unit": "MONTHS",
            "storage.location.template": substituted(`${dataFolder}/BILLING_PERIOD=\${billing_period}/`), // Athena fills it in
          },
          StorageDescriptor: {
            Location: substituted(`${dataFolder}/`),
            Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
            InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            SerdeInfo: { SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
          },
        },
      },
    },
    WorkGroup: {
      Type: "AWS::Athena::WorkGroup",
      Properties: {
        Name: workgroup,
        Description: "Questions about costs; none scans more than the limit",
        State: "ENABLED",
        WorkGroupConfiguration: {
          EnforceWorkGroupConfiguration: true,
          PublishCloudWatchMetricsEnabled: false,
          BytesScannedCutoffPerQuery: { "Fn::Join": ["", [{ Ref: "QueryLimitMegabytes" }, "000000"]] },
          ResultConfiguration: {
            OutputLocation: { "Fn::Sub": "s3://$" + "{ResultsBucket}/" },
            EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
          },
        },
        Tags: tags,
      },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: substituted(`chartctl-billing.${tenantId}`),
        Path: "/chartctl/tenants/",
        Description: "Assumed by the chartctl platform to read what this account was billed",
        MaxSessionDuration: 3600,
        AssumeRolePolicyDocument: substituted(
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
          tenantTrustPolicy({ principalArn: "${PlatformPrincipalArn}", externalIds: { Ref: "ExternalIds" }, tenantId }),
        ),
        Policies: [{ PolicyName: "chartctl-billing", PolicyDocument: substituted(billingPolicy()) }],
        Tags: tags,
      },
    },
  },
  Outputs: {
    RoleArn: { Description: "Reads the costs of this account", Value: { "Fn::GetAtt": ["Role", "Arn"] } },
    WorkGroupName: { Value: { Ref: "WorkGroup" } },
    TableName: { Value: `${database}.${table}` },
  },
});
