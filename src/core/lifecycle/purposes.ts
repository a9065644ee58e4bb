/** What an operation of each kind asks credentials for. A provision that fails takes away again what it made. */
import type { Operation } from "../../contract/resources.ts";
import type { CredentialRequest } from "../ports.ts";

export const mayAskFor: Record<Operation["kind"], readonly CredentialRequest["purpose"][]> = {
  provision: ["provision", "destroy", "boundary", "read"],
  deploy: ["deploy", "read"],
  purge: ["purge", "read"],
  destroy: ["destroy", "read"],
};
