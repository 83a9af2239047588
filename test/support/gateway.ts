/** A gateway before a test's engine, with two accounts: `clinic` has the deployment `reminders`, `bank` has `alerts`. */
import { type GatewayServer, type GatewayServerOptions, startGateway } from '../../src/gateway/server';
import { hashSecret } from '../../src/gateway/credentials';
import { ani, type Engine } from './engine';

export const clinic = { login: 'ops@clinic.example', key: 'clinic developer key', pin: '246810' };
export const bank = { login: 'ops@bank.example', key: 'bank developer key', pin: '135790' };

type Accounts = NonNullable<GatewayServerOptions['accounts']>;

let accounts: Promise<Accounts> | undefined;

/** Hashing is slow by design: once for all gateways of a test file. */
export function testAccounts(): Promise<Accounts> {
  return (accounts ??= hashed());
}

async function hashed(): Promise<Accounts> {
  const of = async ({ login, key, pin }: typeof clinic) => ({
    login,
    key: await hashSecret(key),
    pin: await hashSecret(pin),
  });
  return {
    clinic: { ...(await of(clinic)), deployments: ['reminders'] },
    bank: { ...(await of(bank)), deployments: ['alerts'] },
  };
}

/** Both deployments are on the engine's queue `main`; start URLs under `http://127.0.0.1` run its application `app`. */
export async function startTestGateway(
  engine: Engine,
  more: Partial<GatewayServerOptions> = {},
): Promise<GatewayServer> {
  const common = {
    queue: 'main',
    application: 'app',
    ani,
    startUrls: [{ under: engine.receiver.url, application: 'app' }],
  };
  return startGateway({
    outdial: engine.outdial,
    port: 0,
    accounts: await testAccounts(),
    deployments: { reminders: { ...common, fuse: '41/97' }, alerts: { ...common, fuse: '42/98' } },
    networks: ['127.0.0.0/8'],
    limits: { singleCalls: 1_000_000 },
    ...more,
  });
}

/** Value of the header `authorization`. */
export function basic({ login, key }: { readonly login: string; readonly key: string }): string {
  return `Basic ${Buffer.from(`${login}:${key}`).toString('base64')}`;
}
