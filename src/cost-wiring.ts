/** What `costs` reaches: a tenant's bill, prices, usage files, reports; and the bill that the platform reads for its books. */
import { join } from "node:path";
import type { Cli } from "./commands/cli.ts";
import type { CallApi } from "./contract/endpoints.ts";
import type { KeptCosts } from "./core/costs/actual/cost-source.ts";
import type { CredentialRequest } from "./core/ports.ts";

type CostConnections = Pick<Cli["connect"], "costs" | "costDetail" | "reportFiles" | "prices" | "usageFile" | "billingBooks">;
type StoredPrices = Omit<Awaited<ReturnType<Cli["connect"]["prices"]>>, "read">;

/** `cli` has these in it: it is asked for when one of them is. */
export function costConnections(cli: () => Cli, storedPrices: () => Promise<StoredPrices>): CostConnections {
  const interrupted = (): AbortSignal => cli().interrupt.gentle;
  /** What a question about a bill needs, with the operator's own way to the tenant's account. */
  const asking = async <Asked extends { tenantId: string; source: "auto" | "ce" | "cur"; table: string }>(asked: Asked) => {
    const { connect, clock, given } = cli();
    const [{ roleArn, billing }, env, { paths, awsProfile, user }, { reportAsked }] = await Promise.all([
      connect.fromBooks(["whose-bill", asked.tenantId], async (call, endpoints) => {
        const { roleArn, billing } = await call(endpoints.tenantConnection, { params: { tenantId: asked.tenantId } });
        return { roleArn, billing };
      }),
      connect.awsEnvironment(),
      given(),
      import("./core/costs/actual/choose-source.ts"),
    ]);
    const issuer = { issue: async (request: CredentialRequest) => await (await connect.credentials()).issue(request) };
    const folders = { cacheFolder: join(paths.cache, "costs"), scope: [paths.data, roleArn, awsProfile] };
    return { ...asked, ...reportAsked(asked, billing), ...folders, env, issuer, userId: user, clock, interrupted: interrupted() };
  };
  return {
    costs: async (asked) => {
      const { connect, given, io } = cli();
      if ((await given()).apiUrl) return (await import("./adapters/booked-costs.ts")).bookedCosts(await connect.api(), asked);
      const [{ awsCosts }, options] = await Promise.all([import("./adapters/aws/costs/costs.ts"), asking(asked)]);
      return awsCosts({ ...options, note: io.note });
    },
    costDetail: async (asked) => {
      const [{ awsCostDetail }, { table, ...options }] = await Promise.all([import("./adapters/aws/costs/costs.ts"), asking(asked)]);
      return awsCostDetail({ ...options, table, source: asked.source, note: cli().io.note });
    },
    reportFiles: async () => {
      const [{ placesFor, printWhole, writeWhole }, { xlsx }, { csv }] = await Promise.all([
        import("./adapters/report/files.ts"),
        import("./adapters/report/xlsx.ts"),
        import("./adapters/report/csv.ts"),
      ]);
      return {
        placesFor,
        xlsx,
        csv,
        write: async (file, chunks, { force }) => await writeWhole(file, chunks, { force, interrupted: interrupted() }),
        print: async (chunks) => await printWhole(chunks, { interrupted: interrupted() }),
      };
    },
    prices: async () => {
      const { addressIn, readPriceList } = await import("./adapters/price-list.ts");
      const stored = await storedPrices();
      return { ...stored, read: (asked) => readPriceList({ ...asked, address: addressIn(process.env), interrupted: interrupted() }) };
    },
    usageFile: async (path) => (await import("./adapters/usage-file.ts")).readUsageFile(path),
    billingBooks: async (tenant, hours) =>
      (await import("./adapters/billing-books.ts")).billingBooks(await cli().connect.apiOf(tenant), tenant, hours, cli().processes),
  };
}

/** A tenant's bill as the hosted platform asks for it: with the credentials that it gives, never with its own. */
export const platformBill =
  (cli: () => Cli) =>
  async (call: CallApi, tenantId: string): Promise<KeptCosts> => {
    const { connect, clock, given, io, interrupt } = cli();
    const [{ awsCosts }, { awsCredentials }, { endpoints }, { billing }, { reportAsked }, env, { paths }] = await Promise.all([
      import("./adapters/aws/costs/costs.ts"),
      import("./adapters/aws/credentials.ts"),
      import("./contract/endpoints.ts"),
      import("./core/costs/billing-names.ts"),
      import("./core/costs/actual/choose-source.ts"),
      connect.awsEnvironment(),
      given(),
    ]);
    const connection = (id: string) => call(endpoints.tenantConnection, { params: { tenantId: id } });
    const connected = (await connection(tenantId)).billing;
    return awsCosts({
      ...reportAsked({ source: "auto", table: billing.table }, connected),
      tenantId,
      userId: "platform",
      refresh: true,
      cacheFolder: join(paths.cache, "costs"),
      scope: [paths.data, "platform"],
      env,
      issuer: awsCredentials({ connection, env, allowDirect: false }),
      clock,
      interrupted: interrupt.gentle,
      note: io.verbose ? io.note : () => {},
    });
  };
