import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { ForbiddenAddressError, guardedAgent, mayReach, networkSchema } from '../../src/results/networks';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254', // where clouds keep credentials
  '0.0.0.0',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::a00:1', // NAT64 of 10.0.0.1
  '2002:a00:1::', // 6to4 of 10.0.0.1
])('%s is not reached', (address) => expect(mayReach(address, [])).toBe(false));

test.each(['1.1.1.1', '93.184.216.34', '2606:4700:4700::1111', '::ffff:1.1.1.1'])('%s is reached', (address) => {
  expect(mayReach(address, [])).toBe(true);
});

test('networks that are named are reached, and no others', () => {
  expect(mayReach('10.1.2.3', ['10.1.0.0/16'])).toBe(true);
  expect(mayReach('::ffff:10.1.2.3', ['10.1.0.0/16'])).toBe(true);
  expect(mayReach('10.2.2.3', ['10.1.0.0/16', '::1/128'])).toBe(false);
  expect(mayReach('::1', ['::1/128'])).toBe(true);
  expect(networkSchema.safeParse('10.1.0.0').success).toBe(false);
});

describe('connecting', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((_request, response) => response.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test.each(['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'])('to %s', async (host) => {
    const url = `http://${host}:${port}/`;
    const guarded = guardedAgent([]);
    await expect(request(url, { dispatcher: guarded })).rejects.toBeInstanceOf(ForbiddenAddressError);
    await guarded.close();
    const allowed = guardedAgent(['127.0.0.0/8', '::1/128']);
    const { body } = await request(url, { dispatcher: allowed });
    expect(await body.text()).toBe('reached');
    await allowed.close();
  });
});
