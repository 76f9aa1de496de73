/** Whether PostgreSQL refused with this SQLSTATE, wherever Prisma and its adapter put it. */
export function hasSqlState(error: unknown, state: string): boolean {
  for (let at: unknown = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    const { code, originalCode, meta, cause } = at as Record<string, unknown>;
    if (code === state || originalCode === state) return true;
    at = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError ?? cause;
  }
  return false;
}
