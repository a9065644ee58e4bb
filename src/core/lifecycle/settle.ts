/** After a deploy that died: the release that the books call live is the one that answers. */
import type { Project } from "../../contract/resources.ts";
import { refuseForeignAccount } from "./account.ts";
import type { DeployPorts } from "./deploy.ts";
import { underLease } from "./held.ts";
import { credentialRequest, identityOf } from "./identity.ts";
import { openOperation } from "./open.ts";

/**
 * Opening takes over from the dead deploy and fails its release. It may have switched before it died: then the release
 * before it is put back, and the owner deploys again when there is time.
 */
export async function settle(
  ports: Omit<DeployPorts, "buildApp" | "probe" | "reach">,
  input: { projectId: string; idempotencyKey: string; reason: string },
): Promise<Project> {
  const { projectId, idempotencyKey, reason } = input;
  const opened = await openOperation(ports, { idempotencyKey, kind: "deploy", projectId, reason });
  return await underLease(ports, opened, "unchanged", async (held) => {
    const accountId = await ports.credentials.account(credentialRequest(held.project, held.operation.id, "deploy"));
    refuseForeignAccount(accountId, held.project.accountId);
    const host = ports.openHost(
      identityOf(held.project, accountId),
      held.credentials(() => "deploy"),
    );
    const good = (await ports.books.releases(projectId)).find(({ status }) => status === "live");
    const live = await host.live();
    if (good?.version && live.codeSha256 !== good.codeSha256) {
      const { version } = good;
      await held.step("switch", () => host.switchTo(version, live.revision));
    }
    return (await held.finish({ outcome: "cancelled", standing: "unchanged" })) ?? held.project;
  });
}
