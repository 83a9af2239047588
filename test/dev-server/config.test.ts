import { homedir } from 'node:os';
import { childEnv, readConfig } from '../../src/config';

test('defaults', () => {
  expect(readConfig({ HOME: '/home/ann', TEMPORAL_ADDRESS: '' })).toEqual({
    temporalNamespace: 'default',
    cacheDir: '/home/ann/.cache/outdial',
    dataDir: '/home/ann/.local/share/outdial',
    path: '',
  });
  expect(readConfig({}).cacheDir).toBe(`${homedir()}/.cache/outdial`);
});

test('folders: own variable first, then XDG, which must be absolute', () => {
  const xdg = { HOME: '/home/ann', XDG_CACHE_HOME: '/xdg/cache', XDG_DATA_HOME: 'relative' };
  expect(readConfig(xdg)).toMatchObject({
    cacheDir: '/xdg/cache/outdial',
    dataDir: '/home/ann/.local/share/outdial',
  });
  const own = { ...xdg, OUTDIAL_CACHE_DIR: '/own/cache', OUTDIAL_DATA_DIR: 'own' };
  expect(readConfig(own)).toMatchObject({ cacheDir: '/own/cache', dataDir: `${process.cwd()}/own` });
});

test('a child gets the environment of this process and more', () => {
  expect(childEnv({ GOBIN: '/bin' })).toMatchObject({ GOBIN: '/bin', PATH: process.env.PATH });
});
