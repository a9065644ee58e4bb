/** What costs are grouped by where nobody says. */
import type { Grouping } from "../../core/costs/actual/cost-source.ts";
import type { Cli } from "../cli.ts";

export const usualBy = " (default: service; project where a hosted API tells no services)";

/** Services; but a hosted API's books have those for a tenant as a whole, for its admins: projects to a member, or of one project or user. */
export async function usualGrouping({ connect, given, io }: Pick<Cli, "given" | "io"> & { connect: Pick<Cli["connect"], "me"> }): Promise<Grouping> {
  const { apiUrl, origins } = await given();
  if (!apiUrl) return { by: "service" };
  const { atLeast } = await import("../../contract/roles.ts");
  const ofSome = origins.project === "flag" || origins.user === "flag";
  if (!ofSome && atLeast((await connect.me()).role, "admin")) return { by: "service" };
  const whole = "the platform's books have services for the tenant as a whole";
  io.note(`By project, because ${ofSome ? whole : `${whole}, for its admins`}.`);
  return { by: "tag", key: "ProjectId" };
}
