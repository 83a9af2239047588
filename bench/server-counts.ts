/** What Temporal's server has counted so far, by its Prometheus endpoint. */

export interface ServerCounts {
  /** Requests to its frontend, by operation: those of clients and workers. */
  readonly requests: Counts;
  /** Requests of all its services to the database, by operation. */
  readonly database: Counts;
}

export type Counts = ReadonlyMap<string, number>;

const metrics = { requests: 'service_requests', database: 'persistence_requests' } as const;

/** @param url - of the endpoint */
export async function serverCounts(url: string): Promise<ServerCounts> {
  const text = await (await fetch(url)).text();
  return { requests: sumOf(text, metrics.requests, 'frontend'), database: sumOf(text, metrics.database) };
}

/** Summed over all labels but the operation. @param service - of this one only */
function sumOf(text: string, metric: string, service?: string): Counts {
  const sums = new Map<string, number>();
  for (const [, labels, value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    const label = (name: string): string => new RegExp(`${name}="(.*?)"`).exec(labels!)?.[1] ?? '';
    if (service !== undefined && label('service_name') !== service) continue;
    const operation = label('operation');
    sums.set(operation, (sums.get(operation) ?? 0) + Number(value));
  }
  return sums;
}

export function difference(after: Counts, before: Counts): Counts {
  return new Map([...after].map(([operation, count]) => [operation, count - (before.get(operation) ?? 0)]));
}

export function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
