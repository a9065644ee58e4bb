/** `@cdktf/provider-aws` 20.1.0 is made from this version of the AWS provider. */
export const awsProviderVersion = "5.100.0";
