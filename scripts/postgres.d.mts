export interface PostgresServer {
  port: number;
  pid(): number;
  programs: string;
  url(database?: string): string;
  start(): Promise<void>;
  halt(): Promise<void>;
  kill(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}
export function postgresPrograms(): string | undefined;
export function startPostgres(options?: { settings?: Record<string, string | number>; tls?: { certificate: string; key: string } }): Promise<PostgresServer>;
