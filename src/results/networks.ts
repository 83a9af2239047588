/** Guard against server-side request forgery: which addresses may be reached, checked when connecting. */
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector } from 'undici';
import { z } from 'zod';

const connectMs = 10_000;

/** A private network that may be reached: CIDR, `10.1.0.0/16`. */
export const networkSchema = z.string().refine((text) => ipaddr.isValidCIDR(text), 'must be a network, 10.1.0.0/16');

/** A URL leads to an address that may not be reached. */
export class ForbiddenAddressError extends Error {
  constructor() {
    super('its address is private: name the network in resultNetworks to allow it');
    this.name = 'ForbiddenAddressError';
  }
}

/** Whether an address is public, or in one of the networks. */
export function mayReach(address: string, networks: readonly string[]): boolean {
  // ::ffff:10.0.0.1 is 10.0.0.1.
  const ip = ipaddr.process(address);
  return ip.range() === 'unicast' || networks.some((network) => isIn(ip, network));
}

function isIn(ip: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  return base.kind() === ip.kind() && ip.match(base as never, bits);
}

/** Connects to public addresses and those of the networks only: what was checked is what is connected to. */
export function guardedAgent(networks: readonly string[]): Agent {
  const check: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.every(({ address }) => mayReach(address, networks));
      return allowed ? callback(null, addresses) : callback(new ForbiddenAddressError(), []);
    });
  };
  const connect = buildConnector({ timeout: connectMs, lookup: check, autoSelectFamily: true });
  return new Agent({
    connect: (options, callback) => {
      // An address needs no lookup. IPv6 stands in brackets in a URL.
      const literal = options.hostname.replace(/^\[(.*)\]$/, '$1');
      if (isIP(literal) !== 0 && !mayReach(literal, networks)) return callback(new ForbiddenAddressError(), null);
      return connect(options, callback);
    },
  });
}
