/** What the files of the production composition must agree on. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { versions } from '../../scripts/prod-local/programs';
import { readConfigFile } from '../../src/cli/config-file';
import { SearchAttribute } from '../../src/contract/names';

const root = resolve(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly healthcheck?: unknown;
  readonly restart?: string;
  readonly command?: readonly string[];
}

const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const production = Object.entries(services).filter(([, { profiles }]) => !profiles);

test('every image of others is pinned to a version, Temporal and PostgreSQL to the ones that are tried without Docker', () => {
  for (const { image } of Object.values(services)) expect(image).toMatch(/:(\d+\.\d+|\$\{OUTDIAL_VERSION)/);
  expect(services.temporal!.image).toBe(`temporalio/server:${versions.temporal}`);
  expect(services['temporal-schema']!.image).toContain(`:${versions.temporal}-`);
  expect(services['temporal-ui']!.image).toBe(`temporalio/ui:${versions.ui}`);
  expect(services.postgres!.image).toMatch(new RegExp(`^postgres:${versions.postgres}\\.`));
});

test('all that goes on is restarted and has a health check, and only gateway and UI can be reached', () => {
  const lasting = production.filter(([, { restart }]) => restart !== undefined);
  expect(lasting.map(([name]) => name)).toEqual(['postgres', 'temporal', 'temporal-ui', 'worker', 'gateway', 'prune']);
  for (const [name, { healthcheck }] of lasting) expect({ name, healthcheck }).toMatchObject({ healthcheck: {} });
  for (const [name, { ports }] of production) {
    if (name === 'gateway') expect(ports).toEqual(['${GATEWAY_ADDRESS:-127.0.0.1:8080}:8080']);
    else if (name === 'temporal-ui') expect(ports).toEqual(['127.0.0.1:8233:8080']);
    else expect(ports).toBeUndefined();
  }
  for (const name of ['postgres', 'temporal']) expect(services[name]!.networks).toEqual(['backend']);
});

test('.env.example names every password, and gives none', () => {
  const required = [...read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
  const given = [...read('.env.example').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  expect(given).toEqual([...new Set(required)].map((name) => [name, '']));
});

test('the store is pruned by the command that is there for it', () => {
  const { command } = services.prune!;
  expect(command).toEqual([expect.stringMatching(/outdial store prune --older-than/)]);
});

test("the namespace job adds all of outdial's search attributes", () => {
  const [, names] = /^for name in (.+); do$/m.exec(read('deploy/temporal/namespace.sh'))!;
  expect(names!.split(' ').sort()).toEqual(Object.values(SearchAttribute).sort());
});

test('deploy/outdial.yaml lacks nothing but the key of its account', () => {
  expect(() => readConfigFile(join(root, 'deploy/outdial.yaml'), [])).toThrow(
    /outdial\.yaml is wrong:\n {2}gateway\.accounts\.crm\.key: must be a hash that `outdial gateway hash` made[^\n]*$/,
  );
});
