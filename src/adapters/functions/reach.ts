/** Where a project's URL is reached from this machine: API Gateway's own address, or a gateway before an emulator. */

/** `gateway`: `CHARTCTL_GATEWAY_URL`, which the sandbox sets. */
export const reachThrough =
  (gateway: string | undefined) =>
  (url: string): string => {
    if (!gateway) return url;
    const apiId = new URL(url).hostname.split(".")[0];
    return `http://${apiId}.localhost:${new URL(gateway).port}`;
  };
