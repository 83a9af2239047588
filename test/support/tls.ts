/** https on loopback: a certificate of the test's own, trusted by this process while it is needed. */
import tls from 'node:tls';
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

/** Whatever connects by TLS in this process trusts the certificate, too. @returns what undoes it */
export function trust({ cert }: Tls): () => void {
  const create = tls.createSecureContext;
  const spy = jest.spyOn(tls, 'createSecureContext').mockImplementation((options) => {
    const made = create(options) as tls.SecureContext & { context: { addCACert(cert: string): void } };
    made.context.addCACert(cert);
    return made;
  });
  return () => spy.mockRestore();
}
