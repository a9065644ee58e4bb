import { expect, test } from "vitest";
import { trustHoles } from "../../../src/core/tenants/trust-holes.ts";

const platform = "arn:aws:iam::999988887777:role/chartctl-broker";
const withId = { StringEquals: { "sts:ExternalId": "e" } };
const trust = (...statements: object[]): object => ({ Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) });
const good = { Principal: { AWS: platform }, Action: ["sts:AssumeRole", "sts:TagSession"], Condition: withId };

test.each([
  ["the platform alone", trust(good)],
  [
    "a single statement, no list, and other letters in the key",
    { Statement: { Effect: "Allow", ...good, Condition: { StringEquals: { "STS:externalid": "e" } } } },
  ],
  ["tags alone, for others", trust(good, { Principal: "*", Action: "sts:TagSession" })],
  ["a refusal of everybody", trust(good, { Effect: "Deny", Principal: "*", Action: "*" })],
])("%s is no hole", (_, policy) => {
  expect(trustHoles(policy, platform)).toEqual([]);
});

test.each([
  ["everybody", { ...good, Principal: "*" }, "everybody may assume it"],
  ["everybody, as an AWS principal", { ...good, Principal: { AWS: "*" } }, "everybody may assume it"],
  ["all but one", { NotPrincipal: { AWS: platform }, Action: "sts:AssumeRole", Condition: withId }, "everybody but some may assume it (NotPrincipal)"],
  ["an account", { ...good, Principal: { AWS: [platform, "111122223333"] } }, "everybody in an account may assume it (111122223333)"],
  [
    "an account in another partition",
    { ...good, Principal: { AWS: "arn:aws-cn:iam::111122223333:root" } },
    "everybody in an account may assume it (arn:aws-cn:iam::111122223333:root)",
  ],
  ["a service", { ...good, Principal: { AWS: platform, Service: "ec2.amazonaws.com" } }, "ec2.amazonaws.com may assume it"],
  [
    "an identity provider, by its own way in",
    { ...good, Principal: { Federated: "accounts.google.com" }, Action: "sts:AssumeRoleWithWebIdentity" },
    "accounts.google.com may assume it",
  ],
  ["a stranger, through a pattern", { ...good, Principal: { AWS: "arn:aws:iam::1:role/x" }, Action: "sts:?ssume*" }, "arn:aws:iam::1:role/x may assume it"],
  [
    "a stranger, through what is left out",
    { Principal: { AWS: "arn:aws:iam::1:role/x" }, NotAction: "sts:TagSession", Condition: withId },
    "arn:aws:iam::1:role/x may assume it",
  ],
  ["no external ID", { ...good, Condition: {} }, "a statement asks for no external ID (StringEquals sts:ExternalId)"],
  [
    "an external ID, if there is one",
    { ...good, Condition: { StringEqualsIfExists: { "sts:ExternalId": "e" } } },
    "a statement asks for no external ID (StringEquals sts:ExternalId)",
  ],
])("%s is one", (_, statement, said) => {
  expect(trustHoles(trust(good, statement), platform)).toEqual([said]);
});
