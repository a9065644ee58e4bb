/** AWS as the function reaches it: signed requests, by the function's own role. */
import { AwsClient } from "aws4fetch";

/** Lambda sets these (developer guide, "Defined runtime environment variables"); emulators set the endpoints. */
export function awsClient(service: "s3" | "dynamodb"): { client: AwsClient; endpoint: string | undefined; region: string } {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN, AWS_REGION = "us-east-1" } = process.env;
  const endpoint = process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || process.env.AWS_ENDPOINT_URL;
  return {
    client: new AwsClient({
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
      service,
      region: AWS_REGION,
      retries: 3,
    }),
    endpoint: endpoint?.replace(/\/+$/, ""),
    region: AWS_REGION,
  };
}
