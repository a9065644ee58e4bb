/**
 * The permissions boundary of every role that a blueprint creates: the most that a project's function may ever do,
 * whatever its own policy says. One for the account; DESIGN section 3.
 */
export const boundaryName = "chartctl-boundary";

export const boundaryArn = (accountId: string): string => `arn:aws:iam::${accountId}:policy/${boundaryName}`;

/**
 * What the function's own project is called: the role carries its project's key as a tag (the provider's default tags), and
 * a role without one reaches nothing, because a policy variable without a value matches no resource.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
const own = "chart-${aws:PrincipalTag/ProjectKey}-*";

/** Data of the function's own project, and its logs; no identity service at all. */
export const boundaryPolicy = (): object => ({
  Version: "2012-10-17",
  Statement: [
    { Sid: "Logs", Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: `arn:aws:logs:*:*:log-group:/aws/lambda/${own}` },
    {
      Sid: "Data",
      Effect: "Allow",
      Action: [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
      ],
      Resource: `arn:aws:dynamodb:*:*:table/${own}`,
    },
    { Sid: "Site", Effect: "Allow", Action: ["s3:GetObject", "s3:ListBucket"], Resource: `arn:aws:s3:::${own}` },
  ],
});

/** IAM CreatePolicy, but for the document, which is sent as text. */
export const boundaryRequest = {
  PolicyName: boundaryName,
  Description: "The most that a function made by chartctl may do",
  Tags: [{ Key: "ManagedBy", Value: "chart-app-platform" }],
};
