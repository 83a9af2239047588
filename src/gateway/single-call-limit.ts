/** Bulk over single: many calls are handed over by the bulk endpoint, not one request each. */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Account } from './accounts';
import { GatewayError } from './errors';
import type { GatewaySettings } from './settings';

/** Requests of an account that queue one call each, in a fixed window. */
export class SingleCallLimit {
  private constructor(
    private readonly check: (request: FastifyRequest, account: Account) => Promise<number | undefined>,
  ) {}

  /** @param redis - an ioredis client, where several gateways count together */
  static async register(
    app: FastifyInstance,
    { limits: { singleCalls, windowMs } }: GatewaySettings,
    redis?: object,
  ): Promise<SingleCallLimit> {
    await app.register(rateLimit, { global: false, ...(redis && { redis, nameSpace: 'outdial-single-calls-' }) });
    const accounts = new WeakMap<FastifyRequest, Account>();
    const limit = app.createRateLimit({
      max: singleCalls,
      timeWindow: windowMs,
      keyGenerator: (request) => accounts.get(request)?.name ?? '',
    });
    return new SingleCallLimit(async (request, account) => {
      accounts.set(request, account);
      const found = await limit(request);
      return found.isAllowed || !found.isExceeded ? undefined : found.ttlInSeconds;
    });
  }

  /**
   * Counts a single call.
   *
   * @param bulk - the endpoint that takes many calls at once
   * @throws GatewayError `TOO_MANY_CALLS` with `retry-after`
   */
  async take(request: FastifyRequest, account: Account, bulk: string): Promise<void> {
    const seconds = await this.check(request, account);
    if (seconds === undefined) return;
    const message = `too many requests for one call each: hand over many calls at once by ${bulk}`;
    throw new GatewayError('TOO_MANY_CALLS', message, { 'retry-after': String(Math.max(1, Math.ceil(seconds))) });
  }
}
