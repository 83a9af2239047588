/** https on loopback: a certificate of the test's own, trusted by this process's `undici` while it is needed. */
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { generate } from 'selfsigned';

export interface Tls {
  readonly key: string;
  readonly cert: string;
}

export async function loopbackCertificate(): Promise<Tls> {
  const altNames = [{ type: 7, ip: '127.0.0.1' } as const];
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key, cert };
}

/** @returns what undoes it */
export function trust({ cert }: Tls): () => Promise<void> {
  const before = getGlobalDispatcher();
  const agent = new Agent({ connect: { ca: cert } });
  setGlobalDispatcher(agent);
  return async () => {
    setGlobalDispatcher(before);
    await agent.close();
  };
}
