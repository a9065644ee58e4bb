/** A client that is made when it is needed, once, with its connections; whoever needs it no more ends them. */

export function oneClient<Client extends { destroy(): void }>(make: () => Promise<Client>): { client(): Promise<Client>; close(): Promise<void> } {
  let made: Promise<Client> | undefined;
  return {
    client: async () => {
      made ??= make().catch((error: unknown) => {
        made = undefined; // the next question tries again
        throw error;
      });
      return await made;
    },
    close: async () => {
      (await made?.catch(() => undefined))?.destroy();
      made = undefined;
    },
  };
}
